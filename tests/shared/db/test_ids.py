"""Ids sort by time, say their version and do not repeat."""

import uuid
from time import sleep, time

from shared.db.ids import uuid7


def test_an_id_is_a_uuid_of_version_seven() -> None:
    for _ in range(1000):
        made = uuid.UUID(uuid7())
        assert (made.version, made.variant) == (7, uuid.RFC_4122)
        assert str(made) == str(made).lower()


def test_an_id_made_in_a_later_millisecond_sorts_later_as_text_and_as_uuid() -> None:
    made = []
    for _ in range(20):
        made.append(uuid7())
        sleep(0.002)
    assert made == sorted(made)
    assert made == [str(u) for u in sorted(uuid.UUID(m) for m in made)]


def test_the_first_48_bits_are_the_milliseconds_of_now() -> None:
    before = int(time() * 1000)
    stamp = uuid.UUID(uuid7()).int >> 80
    assert before <= stamp <= int(time() * 1000)


def test_ids_made_within_one_millisecond_differ() -> None:
    assert len({uuid7() for _ in range(20_000)}) == 20_000
