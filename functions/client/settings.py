"""client's environment."""

from shared.settings import CalledSettings, CallerSettings, DatabaseSettings, PeerSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, CalledSettings, PortalSettings, PeerSettings):
    """Tables, announcements, wake-ups, a portal door, AWS for the secrets store, and sign to try a certificate out."""

    sign_url: str
