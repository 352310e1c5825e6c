"""admin's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, CallerSettings, PortalSettings):
    """Tables, announcements, DGII's verdicts, a door for platform people."""
