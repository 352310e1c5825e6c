"""sign's environment."""

from shared.settings import AwsSettings, CalledSettings, DatabaseSettings, SchemaSettings


class Settings(DatabaseSettings, CalledSettings, AwsSettings, SchemaSettings):
    """Read copies, calls of functions, the secrets store, schemas. `verify_output` checks every signature before it leaves."""

    verify_output: bool = True
