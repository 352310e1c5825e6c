"""dgii's environment."""

from pydantic import NonNegativeInt, SecretStr

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, CallerSettings, PortalSettings):
    """Base URLs of DGII's hosts; `quarantine_seconds` is how long a document whose answer was lost is only asked for.

    `token_key`: 32 bytes in base64 that seal DGII's tokens in Redis. DGII grants `dgii_status_key` on request; empty: its status
    service is not asked.
    """

    dgii_ecf_url: str
    dgii_fc_url: str
    dgii_status_url: str = ""
    dgii_status_key: SecretStr = SecretStr("")
    token_key: SecretStr
    sign_url: str
    quarantine_seconds: NonNegativeInt = 900
