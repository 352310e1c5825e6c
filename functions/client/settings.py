"""client's environment."""

from shared.settings import AwsSettings, CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, AwsSettings):
    """Tables, announcements, wake-ups, a portal door, AWS for the secrets store, and sign to try a certificate out."""

    sign_url: str
