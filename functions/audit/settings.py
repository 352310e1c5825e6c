"""audit's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings):
    """Tables, wake-ups, a portal door. It announces whom it refused, and nothing else: the log it seals is everybody else's."""
