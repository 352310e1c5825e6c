"""billing's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings, SchemaSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, PeerSettings, SchemaSettings):
    """Tables, announcements, consumed events, a portal door, schemas; the signer's address, and plans' for the fee preview."""

    sign_url: str
    plans_url: str
