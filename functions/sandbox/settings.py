"""The environment of the stand-in."""

from typing import Literal

from pydantic import NonNegativeInt

from shared.settings import DatabaseSettings


class Settings(DatabaseSettings):
    """`sandbox_mode`: open takes any well-formed certificate and any number; strict wants delegations and ranges.

    `verdict_delay_ms`: how long a received e-CF stays En Proceso (DGII speaks of 200 ms on average).
    """

    sandbox_mode: Literal["open", "strict"] = "open"
    verdict_delay_ms: NonNegativeInt = 200
