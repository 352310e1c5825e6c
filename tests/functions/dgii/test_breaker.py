"""DG-01: ten failures in a row open an environment's breaker, one probe at a time tries again, and it is told once."""

from concurrent.futures import ThreadPoolExecutor

from functions.dgii.breaker import OPEN_SECONDS, OPENS_AFTER, Breaker, Turn


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(OPENS_AFTER):
        assert breaker.admits("ecf")
        breaker.saw("ecf", failed=True)
    return breaker, clock


def test_ten_in_a_row_open_it_and_nine_with_a_success_between_do_not() -> None:
    breaker = Breaker()
    for failed in [True] * 9 + [False] + [True] * 9:
        breaker.saw("ecf", failed=failed)
    assert breaker.admits("ecf")
    breaker.saw("ecf", failed=True)
    assert not breaker.admits("ecf")
    assert breaker.admits("testecf"), "an environment is a world of its own"


def test_one_probe_at_a_time_and_an_answer_closes_it() -> None:
    breaker, clock = opened()
    assert not breaker.admits("ecf")
    clock.now += OPEN_SECONDS
    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(lambda _: breaker.admits("ecf"), range(200))) == 1
    breaker.saw("ecf", failed=True)
    assert not breaker.admits("ecf")
    clock.now += OPEN_SECONDS
    assert breaker.admits("ecf")
    breaker.saw("ecf", failed=False)
    assert all(breaker.admits("ecf") for _ in range(50))


def test_a_turn_is_taken_once() -> None:
    breaker, clock = opened()
    assert [breaker.take_turn("ecf") for _ in range(2)] == [Turn.DOWN, None]
    clock.now += OPEN_SECONDS
    breaker.saw("ecf", failed=False)
    assert [breaker.take_turn("ecf") for _ in range(2)] == [Turn.UP, None]
    breaker.saw("ecf", failed=False)
    assert breaker.take_turn("ecf") is None
    clock.now += OPEN_SECONDS
    breaker.saw("ecf", failed=False)
    assert breaker.take_turn("ecf") is Turn.UP, "another process may have told of an outage"
