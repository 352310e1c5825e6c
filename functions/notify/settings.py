"""notify's environment."""

from shared.settings import AwsSettings, CalledSettings, CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CalledSettings, CallerSettings, PortalSettings, AwsSettings):
    """`mail_from` is an address SES knows as ours, with a name if wanted; links lead to `portal_url`."""

    auth_url: str
    mail_from: str
    portal_url: str
