"""admin's environment."""

from shared.settings import CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, PortalSettings):
    """Tables, announcements, a door for platform people."""
