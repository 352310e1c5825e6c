"""Statements of many ranges, and what stands in a printed one, read back by a reader that nobody here wrote."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from pypdf import PdfReader

from functions.ri.statement import WHY
from functions.ri.words import TYPE_NAMES

FIGURES = ("emitidos", "aceptados", "condicionales", "rechazados", "pendientes", "sin_usar", "anulados", "sin_explicar")
_FIGURES = r"((?:\s+[\d,]+){8})\s+([\d,]+\.\d\d)"
_LINE = re.compile(r"(\d\d) · .*?\s([\d,]+)" + _FIGURES)
_TOTAL = re.compile(r"Total del mes\s+([\d,]+)" + _FIGURES)
_SECTION = re.compile(r"(\d\d) · (?:.*?)(?: · Sucursal (.*?))?(?: \(continúa\))?")
_RANGE = re.compile(r"(E\d{12})\s+(E\d{12})\s+(\d\d-\d\d-\d{4})" + _FIGURES)
_GAP = re.compile(r"(E\d{12})(?: a (E\d{12}))? \(([\d,]+)\): (.+?)(?=\s+E\d{12}|\s+Hay más|$)")

Texts = tuple[str, ...]


@dataclass
class Report:
    """All figures of a statement as texts: `lines` and `ranges` by type and branch, `gaps` of all ranges in their order."""

    lines: list[Texts] = field(default_factory=list)
    totals: Texts = ()
    ranges: list[Texts] = field(default_factory=list)
    gaps: list[Texts] = field(default_factory=list)
    cut: int = 0


def wanted(statement: dict[str, Any]) -> Report:
    """What the page must say of a statement in JSON."""
    report = Report(totals=(f"{len(statement['ranges']):,}", *_figures(statement["totals"])))
    for line in statement["lines"]:
        report.lines.append((str(line["tipo_ecf"]), line["sucursal"], f"{line['rangos']:,}", *_figures(line)))
    for one in statement["ranges"]:
        ends = (_encf(one, one["desde"]), _encf(one, one["hasta"]), _day(one["vencimiento"]))
        report.ranges.append((str(one["tipo_ecf"]), one["sucursal"], *ends, *_figures(one)))
        report.gaps += [_gap(one, gap) for gap in one["gaps"]]
        report.cut += one["more_gaps"]
    return report


def read(pdf: bytes) -> Report:
    """What the page says."""
    report, tipo, branch = Report(), "", ""
    for text in texts(pdf):
        for said in map(str.strip, text.splitlines()):
            if found := _TOTAL.fullmatch(said):
                report.totals = (found[1], *found[2].split(), found[3])
            elif found := _LINE.fullmatch(said):
                report.lines.append((found[1], "", found[2], *found[3].split(), found[4]))
            elif said.startswith("Sucursal "):
                begun = report.lines[-1]
                report.lines[-1] = (begun[0], said.removeprefix("Sucursal "), *begun[2:])
            elif found := _RANGE.fullmatch(said):
                report.ranges.append((tipo, branch, *found.group(1, 2, 3), *found[4].split(), found[5]))
            elif found := _SECTION.fullmatch(said):
                tipo, branch = found[1], found[2] or ""
            else:
                report.gaps += [(gap[1], gap[2] or gap[1], gap[3], gap[4]) for gap in _GAP.finditer(said)]
            report.cut += "Hay más" in said
    return report


def texts(pdf: bytes) -> list[str]:
    """Of each page, rows as rows."""
    return [page.extract_text(extraction_mode="layout") for page in PdfReader(io.BytesIO(pdf)).pages]


def _figures(said: dict[str, Any]) -> Texts:
    return (*(f"{said[name]:,}" for name in FIGURES), f"{Decimal(said['monto_aceptado']):,.2f}")


def _encf(one: dict[str, Any], secuencia: int) -> str:
    return f"E{one['tipo_ecf']}{secuencia:010d}"


def _day(said: str) -> str:
    return "-".join(reversed(said.split("-")))


def _gap(one: dict[str, Any], gap: dict[str, Any]) -> Texts:
    counted = f"{gap['hasta'] - gap['desde'] + 1:,}"
    return (_encf(one, gap["desde"]), _encf(one, gap["hasta"]), counted, WHY[gap["estado"]])


def a_statement(branches: Texts = ("",), *, ranges: int = 2, types: Iterable[int] = TYPE_NAMES) -> dict[str, Any]:
    """These types at every branch, with as many ranges each; every figure differs from its neighbours."""
    random = Random(f"{branches} {ranges}")
    made: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for tipo in map(int, types):
        begins = count(1, 1_000_000)
        for branch in branches:
            mine = [_a_range(random, tipo, branch, next(begins)) for _ in range(ranges)]
            made += mine
            lines.append({"tipo_ecf": tipo, "sucursal": branch, "rangos": ranges} | _sum(mine))
    return {
        "month": "2026-11",
        "generated_at": "2026-12-01T03:30:00+00:00",
        "company": {"rnc": "131880738", "razon_social": "FERRETERÍA DEL CIBAO SRL", "environment": "testecf"},
        "lines": lines,
        "totals": _sum(made),
        "ranges": made,
    }


def _a_range(random: Random, tipo: int, branch: str, begin: int) -> dict[str, Any]:
    words, gaps = random.sample(sorted(WHY), k=random.randint(0, 4)), []
    for n, why in enumerate(words):
        first = begin + 2_000 * n
        gaps.append({"desde": first, "hasta": first + random.choice((0, 2, 1_500)), "estado": why})
    figures = {name: random.randint(0, 99_999) for name in FIGURES}
    return {
        "id": "00000000-0000-7000-8000-000000000000",
        "tipo_ecf": tipo,
        "sucursal": branch,
        "desde": begin,
        "hasta": begin + 999_999,
        "vencimiento": "2027-12-31",
        "gaps": gaps,
        "more_gaps": len(gaps) == 4,
        "monto_aceptado": f"{random.randint(0, 10**9)}.{random.randint(0, 99):02d}",
    } | figures


def _sum(ranges: list[dict[str, Any]]) -> dict[str, Any]:
    amount = sum((Decimal(one["monto_aceptado"]) for one in ranges), Decimal("0.00"))
    return {name: sum(one[name] for one in ranges) for name in FIGURES} | {"monto_aceptado": f"{amount:.2f}"}
