"""The public codes `ECF-nnnn`: one table (`codes.csv`) with text, verdict, source and DGII's own code; never reused."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.ecf.findings import Finding, Verdict
from shared.errors import FieldError

_VERDICTS = {"refused": Verdict.REFUSED, "conditional": Verdict.CONDITIONAL, "warning": Verdict.WARNING}


@dataclass(frozen=True)
class Code:
    """One row of the table; `detail` is Spanish with named places for the facts, `kinds` the documents it is for (none: all)."""

    code: str
    verdict: Verdict
    codigo_dgii: str | None
    source: str
    detail: str
    kinds: tuple[str, ...]


@cache
def table() -> dict[str, Code]:
    """Every code by its public name."""
    with Path(__file__).with_name("codes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Code(
                row["code"],
                _VERDICTS[row["verdict"]],
                row["dgii"] or None,
                row["source"],
                row["detail"],
                tuple(row["kinds"].split()),
            )
            for row in csv.DictReader(file)
        }


def fault(code: str, pointer: str, **facts: object) -> FieldError:
    """A fault of the caller's input."""
    return FieldError(pointer, code, table()[code].detail.format(**facts))


def finding(code: str, pointer: str, **facts: object) -> Finding:
    """What a check says about a document; the verdict is the table's."""
    row = table()[code]
    expected, observed, tolerance = (str(facts[name]) if name in facts else None for name in ("expected", "observed", "tolerance"))
    return Finding(code, pointer, row.detail.format(**facts), row.verdict, row.codigo_dgii, expected, observed, tolerance)
