"""billing's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, PeerSettings):
    """Tables, announcements, consumed events, a portal door; the warm signer's address, and plans' for the fee preview."""

    sign_url: str
    plans_url: str
