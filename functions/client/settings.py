"""client's environment."""

from shared.settings import AwsSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, PortalSettings, AwsSettings):
    """Tables, announcements, a portal door, and AWS for the secrets store."""
