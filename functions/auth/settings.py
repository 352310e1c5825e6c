"""auth's environment."""

from pydantic import SecretStr

from shared.settings import CalledSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, PortalSettings):
    """`user_signing_key` is `kid:seed`, the seed being 32 bytes in base64; its public half is among `user_keys`."""

    user_signing_key: SecretStr
