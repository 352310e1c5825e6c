"""billing's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings, SchemaSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, PeerSettings, SchemaSettings):
    """Tables, announcements, consumed events, a portal door, schemas; the signer's address, plans' for the
    fee preview and ri's for what is printed."""

    sign_url: str
    plans_url: str
    ri_url: str
