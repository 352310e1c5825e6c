"""The environment of the stand-in."""

from typing import Literal

from pydantic import NonNegativeInt, SecretStr

from shared.settings import DatabaseSettings, SchemaSettings


class Settings(DatabaseSettings, SchemaSettings):
    """`sandbox_mode`: open takes any well-formed certificate and any number; strict wants delegations and ranges.

    `sandbox_admin_key`: asked of whoever prepares the stand-in (`Authorization: Apikey`); empty asks nobody.
    `verdict_delay_ms`: how long a received e-CF stays En Proceso (DGII speaks of 200 ms on average).
    """

    sandbox_mode: Literal["open", "strict"] = "open"
    verdict_delay_ms: NonNegativeInt = 200
    sandbox_admin_key: SecretStr = SecretStr("")
