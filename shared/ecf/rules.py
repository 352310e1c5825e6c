"""What DGII insists on beyond its schema: the registry of rules, each one small function over a whole document.

`check` runs after `amounts.compute`, so totals are there. Codes, verdicts and sources live in `codes.csv`; what compares a note
with the document it corrects is in `references.py`.
"""

from datetime import date

from shared.ecf import (
    rules_buyer,
    rules_companions,
    rules_dates,
    rules_header,
    rules_lines,
    rules_pages,
    rules_reference,
    rules_text,
)
from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.fields import types
from shared.ecf.findings import Finding

_OF_ECF = (
    *rules_buyer.RULES,
    *rules_header.RULES,
    *rules_lines.RULES,
    *rules_reference.RULES,
    *rules_pages.RULES,
    *rules_text.RULES,
)
_OF_OTHERS = {
    "RFCE": (*rules_buyer.RULES, *rules_companions.OF_RFCE, *rules_text.RULES),
    "ARECF": (*rules_companions.OF_ARECF, *rules_text.RULES),
    "ACECF": (*rules_companions.OF_ACECF, *rules_text.RULES),
    "ANECF": (*rules_companions.OF_ANECF, *rules_text.RULES),
    "Semilla": rules_text.RULES,
}


def check(document: Document, *, today: date) -> tuple[Finding, ...]:
    """Every rule of the kind against a computed document; `today` is the fiscal day (America/Santo_Domingo)."""
    if document.kind not in _OF_OTHERS or document.kind == "RFCE":
        # Every other rule about dates stands on this one; the schema lets a 31 February pass.
        try:
            _ = document.fecha_emision
        except LookupError:
            says = types()["date"].says
            return (finding("ECF-0208", "/emisor/fecha_emision", name="fecha_emision", says=says),)
    found: list[Finding] = []
    for rule in _OF_OTHERS.get(document.kind, _OF_ECF):
        found.extend(rule(document))
    if document.kind == "RFCE" or document.kind not in _OF_OTHERS:
        found.extend(rules_dates.check(document, today))
    return tuple(found)
