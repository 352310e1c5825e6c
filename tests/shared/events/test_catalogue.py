"""The catalogue's own promises."""

import re

import pytest
from pydantic import ValidationError

from shared.events.catalogue import ALL
from shared.events.event import Event
from tests.data.facts import KINDS, example


def test_types_are_unique_lower_case_and_versioned() -> None:
    assert [key for key, kind in ALL.items() if key != kind.type] == []
    assert not [key for key in ALL if not re.fullmatch(r"do\.getupnet\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]", key)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_an_emitter_may_not_add_a_field_nor_change_a_made_fact(kind: type[Event]) -> None:
    made = example(kind)
    with pytest.raises(ValidationError):
        kind(**made.model_dump(), more=1)
    with pytest.raises(ValidationError):
        setattr(made, next(iter(kind.model_fields)), "x")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_fact_says_in_words_what_it_is(kind: type[Event]) -> None:
    assert kind.__doc__
    assert kind.__doc__ != Event.__doc__
