"""auth's environment."""

from pydantic import SecretStr

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, CallerSettings, PortalSettings, PeerSettings):
    """`user_signing_key` is `kid:seed`, the seed being 32 bytes in base64; its public half is among `user_keys`.

    `credential_key` (32 bytes, base64) seals second factors and makes refresh tokens.
    """

    user_signing_key: SecretStr
    credential_key: SecretStr
