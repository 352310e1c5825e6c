"""ri's environment."""

from shared.settings import CalledSettings, DatabaseSettings, PeerSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, PortalSettings, PeerSettings):
    """Tables, consumed events, a portal door. It announces nothing: a printed form is no fact, it can be made again."""
