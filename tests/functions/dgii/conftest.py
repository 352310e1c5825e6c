"""What tests of dgii's handlers start from."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from functions.dgii import handlers
from tests.functions.dgii.playing import Player
from tests.house import House

QUICK = timedelta(seconds=0.3)


@pytest.fixture
def player(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A company at an authority that has its verdicts at once; whatever is waited for takes a moment."""
    monkeypatch.setattr(house.shell("dgii").outside, "quarantine", QUICK)
    monkeypatch.setattr(handlers, "INLINE", QUICK)
    made = Player.create(house)
    made.set("verdict_delay_ms", "0")
    yield made
    made.reset()
    house.shell("dgii").outside.breaker._sides.clear()
