"""Comparing what was read with what was wanted: letters without blanks, as where a line breaks is the layout's business. Pure."""

import unicodedata
from collections.abc import Iterable
from typing import Protocol

_REORDERED = ("R", "AL", "NSM")


class Placed(Protocol):
    """Letters at a place on the sheet."""

    @property
    def text(self) -> str: ...
    @property
    def left(self) -> float: ...
    @property
    def base(self) -> float: ...


def bare(said: str) -> str:
    """Without blanks and invisible characters; a ligature or a fraction counts as the letters that it stands for."""
    plain = said if said.isascii() else unicodedata.normalize("NFKC", said)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


def joined(words: Iterable[Placed]) -> str:
    """The letters of words in the order of reading."""
    return bare("".join(word.text for word in sorted(words, key=lambda word: (round(word.base, 1), word.left))))


def both_ways(words: Iterable[Placed]) -> str:
    """The letters in the order of reading, and again in the order of writing: stacked marks upset the lines of reading."""
    held = list(words)
    return joined(held) + "\n" + bare("".join(word.text for word in held))


def is_mixed(said: str) -> bool:
    """Whether it comes back in another order of letters, or some of them twice: it is written from the right, or stacks marks."""
    return not said.isascii() and any(unicodedata.bidirectional(c) in _REORDERED for c in said)


def same(read: str, wanted: str) -> bool:
    """Whether bare letters are those of a text."""
    letters = bare(wanted)
    return read == letters or (is_mixed(letters) and _held(letters) == _held(read))


def contains(zone: str, wanted: str) -> bool:
    """Whether a text stands in a zone of bare letters."""
    letters = bare(wanted)
    return letters in zone or (is_mixed(letters) and _held(letters) <= _held(zone))


def _held(letters: str) -> set[str]:
    return set(letters)
