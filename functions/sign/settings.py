"""sign's environment."""

from shared.settings import AwsSettings, CalledSettings, DatabaseSettings


class Settings(DatabaseSettings, CalledSettings, AwsSettings):
    """Read copies, calls from other functions, the secrets store. `verify_output` checks every signature before it leaves."""

    verify_output: bool = True
