"""A family of refresh tokens under any order of presentations: one line of descent, and a copy kills it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.auth.families import GRACE, IDLE, LIFE, Family, Outcome, present

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FAMILY = Family("f", "u", "c", 3, NOW, NOW + LIFE, NOW, ("pwd",), NOW, idle=False)
SOON = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("generation", "at", "outcome"),
    [
        (3, SOON, Outcome.ROTATED),
        (3, NOW + LIFE - timedelta(seconds=1), Outcome.ROTATED),
        (3, NOW + LIFE, Outcome.OVER),
        (2, NOW + GRACE, Outcome.REPEATED),
        (2, NOW + GRACE + timedelta(milliseconds=1), Outcome.REUSED),
        (1, SOON, Outcome.REUSED),
        (4, SOON, Outcome.REUSED),
    ],
)
def test_what_a_generation_means(generation: int, at: datetime, outcome: Outcome) -> None:
    assert present(replace(FAMILY, seen_at=at), generation) is outcome


def test_a_platform_session_dies_of_rest_and_a_companys_does_not() -> None:
    late = NOW + IDLE + timedelta(seconds=1)
    assert present(replace(FAMILY, idle=True, seen_at=late), 3) is Outcome.OVER
    assert present(replace(FAMILY, seen_at=late), 3) is Outcome.ROTATED


def test_a_dead_family_stays_dead() -> None:
    assert {present(replace(FAMILY, revoked=True, seen_at=SOON), n) for n in range(6)} == {Outcome.OVER}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=40))
def test_there_are_never_two_lines_of_descent(presentations: list[tuple[int, int]]) -> None:
    """A model: what counts as handed out is only the newest generation and, for ten seconds, its direct predecessor's answer."""
    family, now = replace(FAMILY, generation=0), NOW
    for back, seconds in presentations:
        now += timedelta(seconds=seconds)
        presented = max(0, family.generation - back)
        outcome = present(replace(family, seen_at=now), presented)
        if outcome is Outcome.ROTATED:
            assert presented == family.generation
            family = replace(family, generation=family.generation + 1, rotated_at=now)
        elif outcome is Outcome.REPEATED:
            assert presented == family.generation - 1
            assert now - family.rotated_at <= GRACE
        else:
            family = replace(family, revoked=True)
