"""The numbers of e-NCF: which one comes next and that it is taken once. The SQL of an emission's number.

A document takes, in this order: a number that came back; the unused tail of a lease that is over; a fresh one. Of several
ranges the branch's own come first, then the one that expires first, then the one that begins lowest. A document that
names a lease takes from that lease alone.
"""

from datetime import timedelta

from functions.billing.ranges import (
    LeaseExhausted,
    LeaseOfOtherType,
    LeaseOver,
    LeaseUnknown,
    Number,
    Standing,
    Wanted,
    why_no_number,
)
from shared.db.engine import Transaction
from shared.errors import AppError

OPEN = "l.returned_at IS NULL AND l.until > now()"
"""A lease `l` whose numbers are its holder's alone."""

_OF_BRANCH = "(CAST(:lease AS uuid) IS NOT NULL OR s.sucursal IS NULL OR s.sucursal = CAST(:sucursal AS text))"
_USABLE = f"s.estado = 'activa' AND s.vencimiento >= :today AND {_OF_BRANCH}"
_ORDER = "s.sucursal IS NULL, s.vencimiento, s.desde"
_RETURNED = f"""
SELECT r.tenant_id, r.sequence_id, r.secuencia, r.intento, s.vencimiento FROM billing.returned_numbers r
JOIN billing.sequences s ON s.tenant_id = r.tenant_id AND s.id = r.sequence_id
WHERE r.tenant_id = :tenant AND r.tipo_ecf = :tipo AND r.taken_at IS NULL AND NOT r.only_void AND {_USABLE}
  AND (CAST(:lease AS uuid) IS NOT NULL) = EXISTS (
    SELECT FROM billing.leases l WHERE l.tenant_id = r.tenant_id AND l.sequence_id = r.sequence_id
      AND r.secuencia BETWEEN l.desde AND l.hasta AND {OPEN} AND l.id = COALESCE(CAST(:lease AS uuid), l.id))
ORDER BY {_ORDER}, r.secuencia LIMIT 1"""
_TAIL = f"""
SELECT l.tenant_id, l.id, l.sequence_id, l.next, s.vencimiento FROM billing.leases l
JOIN billing.sequences s ON s.tenant_id = l.tenant_id AND s.id = l.sequence_id
WHERE l.tenant_id = :tenant AND l.tipo_ecf = :tipo AND l.next <= l.hasta AND {_USABLE}
  AND CASE WHEN CAST(:lease AS uuid) IS NULL THEN NOT ({OPEN}) ELSE l.id = CAST(:lease AS uuid) AND {OPEN} END
ORDER BY {_ORDER}, l.next LIMIT 1"""
_FRESH = f"""
SELECT s.tenant_id, s.id, s.next, s.vencimiento FROM billing.sequences s
WHERE s.tenant_id = :tenant AND s.tipo_ecf = :tipo AND s.next <= s.hasta AND CAST(:lease AS uuid) IS NULL AND {_USABLE}
ORDER BY {_ORDER} LIMIT 1"""
# What is held stands in the row itself: whoever waits for the row's lock reads it as it is then.
_STEP = "issued = next, next = COALESCE((SELECT upper(h) FROM unnest(held) AS h WHERE h @> next + 1), next + 1)"
LEFT = "(hasta - next + 1 - (SELECT COALESCE(sum(upper(h) - lower(h)), 0) FROM unnest(held) AS h WHERE lower(h) >= next))"
"""How many fresh numbers a range, or a lease, still has."""

LOW = f"{LEFT} * 10 < hasta - desde + 1"

_TAKE = f"""
WITH mine AS (
  INSERT INTO billing.idempotency AS i (tenant_id, key, request_hash, invoice_id, lease_until)
  VALUES (:tenant, :key, :request_hash, CAST(:invoice AS uuid), clock_timestamp() + make_interval(secs => :lease_seconds))
  ON CONFLICT (tenant_id, key) DO UPDATE SET request_hash = excluded.request_hash, invoice_id = excluded.invoice_id,
    lease_until = excluded.lease_until, state = 'open' WHERE i.state = 'refused'
  RETURNING 1
), returned AS (
  UPDATE billing.returned_numbers SET taken_at = now()
  WHERE EXISTS (SELECT FROM mine) AND (tenant_id, sequence_id, secuencia, intento) = (
    SELECT tenant_id, sequence_id, secuencia, intento FROM ({_RETURNED} FOR UPDATE OF r SKIP LOCKED) AS first)
  RETURNING sequence_id, secuencia, intento + 1 AS intento, false AS low
), tail AS (
  UPDATE billing.leases SET {_STEP}
  WHERE EXISTS (SELECT FROM mine) AND NOT EXISTS (SELECT FROM returned)
    AND (tenant_id, id) = (SELECT tenant_id, id FROM ({_TAIL} FOR UPDATE OF l) AS first)
  RETURNING sequence_id, issued, 1, false
), fresh AS (
  UPDATE billing.sequences SET {_STEP}
  WHERE EXISTS (SELECT FROM mine) AND NOT EXISTS (SELECT FROM returned) AND NOT EXISTS (SELECT FROM tail)
    AND (tenant_id, id) = (SELECT tenant_id, id FROM ({_FRESH} FOR UPDATE OF s) AS first)
  RETURNING id, issued, 1, {LOW} AND 'remaining' <> ALL (warned)
)
SELECT (SELECT count(*) FROM mine) AS mine, n.sequence_id::text AS sequence_id, n.secuencia, n.intento, n.low, s.vencimiento
FROM (SELECT) AS nothing
LEFT JOIN (SELECT * FROM returned UNION ALL SELECT * FROM tail UNION ALL SELECT * FROM fresh) AS n ON true
LEFT JOIN billing.sequences s ON s.tenant_id = :tenant AND s.id = n.sequence_id
"""
# What _TAKE would take, without taking it.
_NEXT = f"""
SELECT n.* FROM (
  (SELECT 1 AS turn, sequence_id::text AS sequence_id, secuencia, intento + 1 AS intento, vencimiento
   FROM ({_RETURNED}) AS returned)
  UNION ALL (SELECT 2, sequence_id::text, next, 1, vencimiento FROM ({_TAIL}) AS tail)
  UNION ALL (SELECT 3, id::text, next, 1, vencimiento FROM ({_FRESH}) AS fresh)
) AS n ORDER BY n.turn LIMIT 1
"""
_STANDINGS = f"""
SELECT s.vencimiento, s.estado = 'detenida' AS stopped, s.next <= s.hasta OR EXISTS (
    SELECT FROM billing.leases l WHERE l.tenant_id = s.tenant_id AND l.sequence_id = s.id AND l.next <= l.hasta AND NOT ({OPEN})
  ) OR EXISTS (
    SELECT FROM billing.returned_numbers r WHERE r.tenant_id = s.tenant_id AND r.sequence_id = s.id AND r.taken_at IS NULL
      AND NOT r.only_void
  ) AS has_numbers
FROM billing.sequences s
WHERE s.tenant_id = :tenant AND s.tipo_ecf = :tipo AND {_OF_BRANCH}
"""
_LEASE = f"""
SELECT l.tipo_ecf, l.next <= l.hasta AS has_numbers, {OPEN} AS open, s.estado = 'detenida' AS stopped, s.vencimiento
FROM billing.leases l JOIN billing.sequences s ON s.tenant_id = l.tenant_id AND s.id = l.sequence_id
WHERE l.tenant_id = :tenant AND l.id = CAST(:lease AS uuid) AND l.holder IS NOT NULL
"""


def take(
    tx: Transaction, wanted: Wanted, *, key: str, request_hash: str, invoice_id: str, lease: timedelta
) -> tuple[bool, Number | None]:
    """(the Idempotency-Key is ours for a `lease` from now, a number or None)."""
    row = tx.rows(
        _TAKE,
        key=key,
        request_hash=request_hash,
        invoice=invoice_id,
        lease_seconds=lease.total_seconds(),
        today=wanted.today,
        **_asked(tx, wanted),
    )[0]
    if row.secuencia is None:
        return bool(row.mine), None
    return True, Number(row.sequence_id, row.secuencia, row.intento, row.vencimiento, bool(row.low))


def coming(tx: Transaction, wanted: Wanted) -> Number | None:
    """The number that `take` would give now."""
    row = tx.row(_NEXT, today=wanted.today, **_asked(tx, wanted))
    return Number(row.sequence_id, row.secuencia, row.intento, row.vencimiento) if row else None


def refusal(tx: Transaction, wanted: Wanted) -> AppError:
    """Why there was none."""
    asked = _asked(tx, wanted)
    if wanted.lease is None:
        rows = tx.rows(_STANDINGS, **asked)
        standings = [Standing(row.has_numbers, row.vencimiento, row.stopped) for row in rows]
        return why_no_number(wanted.tipo_ecf, standings, wanted.today)
    row = tx.row(_LEASE, tenant=tx.tenant, lease=wanted.lease)
    if row is None:
        return LeaseUnknown()
    if row.tipo_ecf != wanted.tipo_ecf:
        return LeaseOfOtherType(tipo_ecf=row.tipo_ecf)
    if not row.open:
        return LeaseOver()
    if not row.has_numbers:
        return LeaseExhausted()
    return why_no_number(wanted.tipo_ecf, [Standing(True, row.vencimiento, row.stopped)], wanted.today)


def _asked(tx: Transaction, wanted: Wanted) -> dict[str, object]:
    return {"tenant": tx.tenant, "tipo": wanted.tipo_ecf, "sucursal": wanted.sucursal, "lease": wanted.lease}
