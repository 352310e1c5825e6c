"""Text from outside made safe for the XML and the printed page, or refused with the reason."""

import re
import unicodedata

from shared.ecf.codes import fault
from shared.errors import FieldError

_LINES_FROM = 80
_LONGEST = 250
# Code points that composing can make one of: what has more a character is too long, and is not sorted to find that out.
_COMPOSED = 4
_LARGEST_SHOWN = 10**20
# What UTF-8 looks like once somebody read it as Windows-1252: the first byte of a letter, of a typographic sign, of an emoji.
_TAIL = "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2010-\u2122]"
_BROKEN = re.compile(f"[\u00c2\u00c3]{_TAIL}|\u00e2[\u20ac\u201a\u201e]{_TAIL}|\u00f0\u0178{_TAIL}{_TAIL}")


def shown(value: object, longest: int = 60) -> str:
    """A foreign value safe to repeat in an answer: short, printable, encodable."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (int, float)):
        text = repr(value) if abs(value) < _LARGEST_SHOWN else "un número enorme"
    else:
        text = "una lista o un objeto" if isinstance(value, (list, dict)) else "un valor"
    clean = "".join(char if char.isprintable() else "·" for char in text[:longest])
    return clean + ("…" if len(text) > longest else "")


def cleaned(text: str, name: str, pointer: str, longest: int | None) -> str | FieldError:
    """NFC text with LF line ends; a fault for controls, invisible characters, direction overrides or broken encoding."""
    if text.isascii() and text.isprintable():
        return text
    limit = longest or _LONGEST
    if len(text) > limit * _COMPOSED:
        return fault("ECF-0205", pointer, name=name, limit=limit, count=len(text))
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for char in text:
        if char.isprintable() or char == " ":
            if char == "\ufffd":
                return fault("ECF-0204", pointer, name=name, hint="")
            continue
        if char == "\n" and (longest or 0) >= _LINES_FROM:
            continue
        category = unicodedata.category(char)
        if category in ("Zs", "Cn", "Co") and ord(char) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(char) <= 0xFDEF:
            continue
        code = "ECF-0203" if category in ("Cf", "Zl", "Zp") else "ECF-0202"
        return fault(code, pointer, name=name, found=f"U+{ord(char):04X}")
    if _BROKEN.search(text):
        repaired = _repaired(text)
        if repaired is not None:
            return fault("ECF-0204", pointer, name=name, hint=f" ¿Quiso decir «{shown(repaired)}»?")
    return text


def _repaired(text: str) -> str | None:
    """What the text was before somebody read UTF-8 as Windows-1252; None when no part of it can have been that."""
    repaired = _BROKEN.sub(lambda found: _decoded(found[0]), text)
    return repaired if repaired != text else None


def _decoded(run: str) -> str:
    try:
        return run.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return run
