"""The month's statement of numbers: what each range issued and what became of it, as figures and as CSV."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from datetime import date, datetime
from decimal import Decimal

from functions.billing import ledger, sequences
from functions.billing.figures import Figures, Gap, Line, Month, RangeLine
from shared.db.engine import Record, Transaction
from shared.ecf.clock import SANTO_DOMINGO
from shared.errors import FieldError, InvalidInput

_RANGES = """
SELECT s.id::text AS id, s.tipo_ecf, COALESCE(s.sucursal, '') AS sucursal, s.desde, s.hasta, s.vencimiento,
  COALESCE(d.emitidos, 0) AS emitidos, COALESCE(d.aceptados, 0) AS aceptados, COALESCE(d.condicionales, 0) AS condicionales,
  COALESCE(d.rechazados, 0) AS rechazados, COALESCE(d.sin_usar, 0) AS sin_usar,
  COALESCE(v.anulados, 0)::bigint AS anulados, COALESCE(d.monto_aceptado, 0) AS monto_aceptado
FROM billing.sequences s
LEFT JOIN (
  SELECT sequence_id, count(*) FILTER (WHERE estado <> 'sin_usar') AS emitidos,
    count(*) FILTER (WHERE estado IN ('aceptado', 'aceptado_condicional')) AS aceptados,
    count(*) FILTER (WHERE estado = 'aceptado_condicional') AS condicionales,
    count(*) FILTER (WHERE estado = 'rechazado') AS rechazados, count(*) FILTER (WHERE estado = 'sin_usar') AS sin_usar,
    sum(monto_total) FILTER (WHERE estado IN ('aceptado', 'aceptado_condicional')) AS monto_aceptado
  FROM billing.invoices WHERE tenant_id = :tenant AND fecha_emision >= :first AND fecha_emision < :next GROUP BY sequence_id
) AS d ON d.sequence_id = s.id
LEFT JOIN (
  SELECT n.sequence_id, sum(n.hasta - n.desde + 1) AS anulados FROM billing.voided_numbers n
  JOIN billing.voidings a ON a.tenant_id = n.tenant_id AND a.id = n.voiding_id
  WHERE n.tenant_id = :tenant AND n.estado = 'anulado' AND a.answered_at >= CAST(:begins AS timestamptz)
    AND a.answered_at < CAST(:ends AS timestamptz) GROUP BY n.sequence_id
) AS v ON v.sequence_id = s.id
WHERE s.tenant_id = :tenant AND s.created_at < CAST(:ends AS timestamptz) AND s.vencimiento >= :first
ORDER BY s.tipo_ecf, s.sucursal NULLS FIRST, s.desde
"""
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = re.compile(r"^[=+\-@\t\r\n]")
_MOST_GAPS = 1000


def month_of(text: str) -> date:
    """The first day of a month written YYYY-MM; InvalidInput."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise InvalidInput(FieldError("/month", "month", "No existe ese mes. Use AAAA-MM.")) from error


def of_month(tx: Transaction, first: date, *, now: datetime) -> Month:
    """The month's figures by range; CompanyNotReady. Documents count by FechaEmision, voidings by the day of DGII's answer."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    rows = tx.rows(_RANGES, tenant=tx.tenant, first=first, next=following, begins=_midnight(first), ends=_midnight(following))
    return Month(first.isoformat()[:7], now, sequences.issuer(tx), [_range(tx, row) for row in rows])


def _range(tx: Transaction, row: Record) -> RangeLine:
    found = [Gap(gap.desde, gap.hasta, gap.estado) for gap in ledger.gaps(tx, row.id, after=0, limit=_MOST_GAPS)]
    figures = Figures(
        emitidos=row.emitidos,
        aceptados=row.aceptados,
        condicionales=row.condicionales,
        rechazados=row.rechazados,
        pendientes=row.emitidos - row.aceptados - row.rechazados,
        sin_usar=row.sin_usar,
        anulados=row.anulados,
        sin_explicar=sum(gap.count for gap in found if gap.estado == "sin_explicar"),
        monto_aceptado=Decimal(row.monto_aceptado),
    )
    return RangeLine(row.id, row.tipo_ecf, row.sucursal, row.desde, row.hasta, row.vencimiento, figures, found)


def as_csv(lines: Sequence[Line]) -> str:
    """The lines with their names on top; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["tipo_ecf", "sucursal", "rangos", *(field.name for field in fields(Figures))])
    writer.writerows(_cells((line.tipo_ecf, line.sucursal, line.rangos, *astuple(line.figures))) for line in lines)
    return out.getvalue()


def _cells(values: Iterable[object]) -> list[str]:
    return [f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else str(value) for value in values]


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=SANTO_DOMINGO).isoformat()
