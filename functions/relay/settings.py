"""relay's environment."""

from pathlib import Path

from pydantic import PositiveFloat

from shared.settings import CallerSettings, DatabaseSettings, PortalSettings


class Settings(DatabaseSettings, CallerSettings, PortalSettings):
    """Watches the flow tables. The triggers say who must have seen what; seconds are those of its clocks."""

    triggers_path: Path = Path("eventing/triggers")
    sweep_after_seconds: PositiveFloat = 10.0
    heal_after_seconds: PositiveFloat = 60.0
    seal_after_seconds: PositiveFloat = 60.0
