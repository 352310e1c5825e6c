"""How much room a text takes and where its lines break, known before anything is drawn. Pure.

Never less than the real room in the sheet's font: a line that fits here fits on paper. So heights are known beforehand,
pages can be told off without trying them, and the renderer draws ready lines, which costs half of a table.
"""

import unicodedata
from decimal import Decimal
from functools import lru_cache

POINT = Decimal("0.3528")
"""Millimetres."""
_BOLD = Decimal("1.2")
# Of DejaVu Sans, rounded up: hundredths of an em, and the letters that take no more.
_WIDTHS = (
    (30, "IJijlÌÍÎÏìíîï"),
    (35, ",./:;\\| ¦·"),
    (40, "()-[]ft"),
    (45, "!r¡²³¹"),
    (50, "\"*_`§¨ª¯°´¸º'"),
    (55, "?csz¿ç"),
    (60, "FLkvxyýÿ"),
    (65, "$0123456789EPSTYabdeghnopqu{}¢£¤¥«µ¶»ÈÉÊËÝÞßàáâãäåèéêëðñòóôõöøùúûüþ"),
    (70, "ABCKRVXZÀÁÂÃÄÅÇ"),
    (75, "NUÑÙÚÛÜ"),
    (80, "&DGHOQÐÒÓÔÕÖØ"),
    (85, "#+<=>^w~¬±×÷"),
    (90, "M"),
    (100, "%@Wm©®¼½¾Ææ"),
)
_KNOWN = {letter: Decimal(width) / 100 for width, letters in _WIDTHS for letter in letters}
_UNKNOWN = Decimal("1.1")


def _em(letter: str) -> Decimal:
    return _KNOWN.get(letter) or (Decimal(0) if unicodedata.category(letter) == "Mn" else _UNKNOWN)


def width(said: str, size: Decimal, *, bold: bool = False) -> Decimal:
    """Millimetres of a line of text at a size in points."""
    return sum((_em(letter) for letter in said), Decimal(0)) * size * POINT * (_BOLD if bold else 1)


@lru_cache(maxsize=4096)
def wrapped(said: str, room: Decimal, size: Decimal, *, bold: bool = False) -> tuple[str, ...]:
    """The lines of a text in `room` millimetres: broken at blanks, and within a word that alone is too wide."""
    ems = room / (size * POINT * (_BOLD if bold else 1))
    lines, line, taken = [], "", Decimal(0)
    for word in said.split():
        needed = sum((_em(letter) for letter in word), Decimal(0))
        if line and taken + _em(" ") + needed <= ems:
            line, taken = f"{line} {word}", taken + _em(" ") + needed
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, ems) if needed > ems else [word]
        lines += full
        taken = sum((_em(letter) for letter in line), Decimal(0))
    return (*lines, line) if line else tuple(lines)


def _cut(word: str, ems: Decimal) -> list[str]:
    """A word in pieces; a mark stays with its letter."""
    pieces, taken = [""], Decimal(0)
    for letter in word:
        needed = _em(letter)
        if pieces[-1] and needed and taken + needed > ems:
            pieces.append("")
            taken = Decimal(0)
        pieces[-1] += letter
        taken += needed
    return pieces
