"""ri's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, PeerSettings):
    """Tables, consumed events, a portal door. It announces whom it refused, and nothing else.

    A printed form is no fact, it can be made again.
    """
