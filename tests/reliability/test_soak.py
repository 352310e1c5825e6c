"""The soak proves nothing when nobody died, nothing was sent or a trouble never came."""

from collections import Counter

import pytest

from functions.sandbox.behaviours import fault_of
from tests.reliability.checker import Facts, Received
from tests.reliability.platform import Company
from tests.reliability.soak import TROUBLES, judge

COMPANY = Company("a-tenant", "101000001", ("a", "b"))
PLAYED = Counter({str(trouble): 3 for trouble in TROUBLES})
ARRIVED = [Received("101000001", f"E31{number:010d}", "aa", True) for number in range(200)]


def facts(received: list[Received]) -> Facts:
    return Facts([], received, [], {})


def test_every_trouble_can_be_set_and_none_takes_the_place_of_another() -> None:
    assert not [t for t in TROUBLES if fault_of(t.name, t.service, t.value)]
    assert len({(t.name, t.service) for t in TROUBLES}) == len(TROUBLES)


def test_every_company_meets_each_trouble_early_and_by_another_chance() -> None:
    for trouble in TROUBLES:
        assert trouble.first < 5
        if trouble.probability < 1:
            assert len({trouble.seed(start) for start in (0, 100_000, 200_000)}) == 3


def test_a_soak_in_which_everything_happened_is_clean() -> None:
    assert judge(facts([*ARRIVED, ARRIVED[0]]), [COMPANY], kills=1, played=PLAYED).clean


@pytest.mark.parametrize(
    ("received", "kills", "played"),
    [
        (ARRIVED, 0, PLAYED),
        ([], 1, PLAYED),
        ([*ARRIVED, *ARRIVED[:2]], 1, PLAYED),
        (ARRIVED, 1, PLAYED - Counter({"hang_after:reception:60": 3})),
    ],
)
def test_a_soak_that_proves_nothing_is_not_clean(received: list[Received], kills: int, played: Counter[str]) -> None:
    assert not judge(facts(received), [COMPANY], kills=kills, played=played).clean


def test_what_never_came_is_named() -> None:
    found = judge(facts(ARRIVED), [COMPANY], kills=1, played=Counter())
    assert f"idle_troubles={len(TROUBLES)} slow:*:100-500" in str(found)
