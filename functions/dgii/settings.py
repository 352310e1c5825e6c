"""dgii's environment."""

from pydantic import NonNegativeInt, SecretStr

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings


class Settings(DatabaseSettings, CalledSettings, CallerSettings):
    """Base URLs of DGII's two hosts; `quarantine_seconds` is how long a document whose answer was lost is only asked for."""

    redis_url: SecretStr
    dgii_ecf_url: str
    dgii_fc_url: str
    sign_url: str
    quarantine_seconds: NonNegativeInt = 900
