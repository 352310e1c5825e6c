"""billing's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings):
    """Tables, announcements, consumed events, a portal door, and the warm signer's address."""

    sign_url: str
