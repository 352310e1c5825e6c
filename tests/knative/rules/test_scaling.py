"""How many processes a load asks for."""

import pytest

from knative.rules.scaling import desired


@pytest.mark.parametrize(
    ("samples", "ready", "wanted"),
    [
        ([(60, 0.0)], 1, 0),
        ([(58, 1.0), (60, 1.0)], 1, 1),
        ([(58, 2.0), (60, 2.0)], 1, 2),
        ([(2, 14.0), (30, 14.0), (60, 14.0)], 2, 10),
    ],
)
def test_replicas_follow_the_average_over_the_window(samples: list[tuple[float, float]], ready: int, wanted: int) -> None:
    assert desired(samples, 60, 60, 1.4, ready) == wanted


def test_a_burst_counts_at_once_when_it_doubles_what_is_there() -> None:
    samples = [(float(second), 0.0) for second in range(0, 54, 2)] + [(56.0, 10.0), (58.0, 10.0), (60.0, 10.0)]
    assert desired(samples, 60, 60, 1.0, 1) == 10
    assert desired(samples, 60, 60, 1.0, 8) == 1
