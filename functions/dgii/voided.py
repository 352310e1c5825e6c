"""What DGII's answer to an ANECF says of its numbers: by its words and the stretches it names. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.dgii.services import Processed
from shared.dgii.wording import plain
from shared.ecf.encf import ENCF
from shared.ecf.gate import parse

Outcome = Literal["done", "partial", "used", "refused", "unclear"]
Stretch = tuple[ENCF, ENCF]
"""The first and the last number of one type."""

_DONE = "anuladas correctamente"
_EXCEPT = re.compile(r"\b(?:except|excepcion|salvo\b|no fue(?:ron)?\b)")
_SPENT = re.compile(r"utilizad|no fue posible anular|\bya\b[^.;]{0,100}\banulad|\banulad\w+ (?:previa|anterior)mente")
_NUMBER = r"(e(?:31|32|33|34|41|43|44|45|46|47)[0-9]{10})\b"
_TO = r"(?:\s*[-–—]\s*|[\s,;]*\b(?:al?|hasta)\b[\s:]*)"
_STRETCH = re.compile(rf"\b{_NUMBER}(?:{_TO}{_NUMBER})?")


@dataclass(frozen=True)
class Verdict:
    """`left_out` names what was not voided, of a partial success."""

    outcome: Outcome
    left_out: tuple[Stretch, ...] = ()


def verdict(seen: Processed, asked: Sequence[Stretch], *, in_doubt: bool) -> Verdict:
    """`in_doubt`: an earlier sending of the same bytes may have arrived, and what is spent by now was perhaps voided by it."""
    words = plain(" ".join(seen.words))
    if seen.done or _DONE in words:
        exception = _EXCEPT.search(words)
        if exception is None:
            return Verdict("done")
        left_out = tuple(one for one in stretches(words[exception.start() :]) if _touches(one, asked))
        return Verdict("partial", left_out) if left_out else Verdict("unclear")
    if _SPENT.search(words):
        return Verdict("done" if in_doubt else "used")
    return Verdict("unclear" if in_doubt else "refused")


def stretches(words: str) -> list[Stretch]:
    """The numbers that DGII names, as "E310000000005 - E310000000009", with "al" or "hasta", or one by one."""
    found: list[Stretch] = []
    for first, last in _STRETCH.findall(words.casefold()):
        low, high = (ENCF.parse(text.upper()) for text in (first, last or first))
        found += [(min(low, high), max(low, high))] if low.tipo == high.tipo else [(low, low), (high, high)]
    return found


def asked_for(anecf: bytes) -> list[Stretch]:
    """The stretches of a signed ANECF."""
    ends = [
        [ENCF.parse(stretch.findtext(f"SecuenciaeNCF{end}") or "") for end in ("Desde", "Hasta")]
        for stretch in parse(anecf).iter("Secuencias")
    ]
    return [(first, last) for first, last in ends]


def _touches(one: Stretch, asked: Sequence[Stretch]) -> bool:
    return any(one[0].tipo == first.tipo and one[0] <= last and first <= one[1] for first, last in asked)
