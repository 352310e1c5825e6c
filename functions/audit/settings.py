"""audit's environment."""

from shared.settings import CalledSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, PortalSettings):
    """Tables, wake-ups, a portal door. It announces nothing: the log it seals is everybody else's."""
