"""ri's environment."""

from shared.settings import CalledSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, PortalSettings):
    """Tables, consumed events, a portal door. It announces nothing: a printed form is no fact, it can be made again."""
