"""The ledger: in which one state each e-NCF is, how it got there, and which numbers have no document. Only reads."""

from functions.billing.numbers import LEFT, OPEN
from shared.db.engine import Record, Transaction
from shared.ecf.encf import ENCF

_PIECE = "v.tenant_id = :tenant AND v.sequence_id = s.id AND v.estado <> 'libre'"
# A voiding says the last word; a number that came back is free again, whatever became of its documents.
_NUMBER = f"""
SELECT s.id::text AS sequence_id, COALESCE(
  (SELECT v.estado FROM billing.voided_numbers v WHERE {_PIECE} AND :n BETWEEN v.desde AND v.hasta LIMIT 1),
  (SELECT a.estado FROM billing.adopted_numbers a WHERE a.tenant_id = :tenant AND a.sequence_id = s.id AND a.secuencia = :n),
  (SELECT 'sin_usar' FROM billing.returned_numbers r
   WHERE r.tenant_id = :tenant AND r.sequence_id = s.id AND r.secuencia = :n AND r.taken_at IS NULL LIMIT 1),
  (SELECT i.estado FROM billing.invoices i
   WHERE i.tenant_id = :tenant AND i.sequence_id = s.id AND i.secuencia = :n ORDER BY i.intento DESC LIMIT 1),
  (SELECT CASE WHEN {OPEN} THEN 'arrendado' ELSE 'libre' END FROM billing.leases l
   WHERE l.tenant_id = :tenant AND l.sequence_id = s.id AND :n BETWEEN l.next AND l.hasta LIMIT 1),
  CASE WHEN :n >= s.next THEN 'libre' ELSE 'sin_explicar' END) AS estado,
  (SELECT i.id::text FROM billing.invoices i
   WHERE i.tenant_id = :tenant AND i.sequence_id = s.id AND i.secuencia = :n ORDER BY i.intento DESC LIMIT 1) AS invoice_id,
  (SELECT l.id::text FROM billing.leases l WHERE l.tenant_id = :tenant AND l.sequence_id = s.id AND l.holder IS NOT NULL
   AND :n BETWEEN l.desde AND l.hasta LIMIT 1) AS lease_id
FROM billing.sequences s WHERE s.tenant_id = :tenant AND s.tipo_ecf = :tipo AND :n BETWEEN s.desde AND s.hasta
"""
_HISTORY = """
SELECT at, what, intento, invoice_id, estado, detail FROM (
  SELECT s.created_at AS at, 'registered' AS what, CAST(NULL AS int) AS intento, CAST(NULL AS text) AS invoice_id,
    'libre' AS estado, jsonb_build_object('sequence_id', s.id) AS detail, 0 AS turn
  FROM billing.sequences s WHERE s.tenant_id = :tenant AND s.id = CAST(:sequence AS uuid)
  UNION ALL
  SELECT l.created_at, 'leased', NULL, NULL, 'arrendado', jsonb_build_object('lease_id', l.id, 'holder', l.holder), 1
  FROM billing.leases l
  WHERE l.tenant_id = :tenant AND l.sequence_id = CAST(:sequence AS uuid) AND l.holder IS NOT NULL
    AND :n BETWEEN l.desde AND l.hasta
  UNION ALL
  SELECT t.at, t.step, i.intento, i.id::text, t.estado, t.detail, t.version FROM billing.invoices i
  JOIN billing.trail t ON t.tenant_id = i.tenant_id AND t.invoice_id = i.id
  WHERE i.tenant_id = :tenant AND i.sequence_id = CAST(:sequence AS uuid) AND i.secuencia = :n
  UNION ALL
  SELECT e.at, e.what, NULL, NULL, e.estado, jsonb_build_object('voiding_id', v.voiding_id), e.turn
  FROM billing.voided_numbers v JOIN billing.voidings a ON a.tenant_id = v.tenant_id AND a.id = v.voiding_id
  CROSS JOIN LATERAL (VALUES (a.created_at, 'voiding_drafted', 'en_anulacion', 1), (a.answered_at, 'voiding_answered', v.estado, 2))
    AS e (at, what, estado, turn)
  WHERE v.tenant_id = :tenant AND v.sequence_id = CAST(:sequence AS uuid) AND :n BETWEEN v.desde AND v.hasta AND e.at IS NOT NULL
  UNION ALL
  SELECT at, 'reconciled', NULL, NULL, estado, detail, 1 FROM billing.adopted_numbers
  WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) AND secuencia = :n
) AS everything ORDER BY at, turn
"""
_COUNTS = f"""
SELECT estado, sum(n)::bigint AS n FROM (
  SELECT v.estado, v.hasta - v.desde + 1 AS n FROM billing.voided_numbers v
  WHERE v.tenant_id = :tenant AND v.sequence_id = CAST(:sequence AS uuid) AND v.estado <> 'libre'
  UNION ALL
  SELECT CASE WHEN EXISTS (
      SELECT FROM billing.returned_numbers r WHERE r.tenant_id = :tenant AND r.sequence_id = CAST(:sequence AS uuid)
        AND r.secuencia = i.secuencia AND r.taken_at IS NULL) THEN 'sin_usar' ELSE i.estado END, 1
  FROM (SELECT DISTINCT ON (secuencia) secuencia, estado FROM billing.invoices
    WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) ORDER BY secuencia, intento DESC) AS i
  WHERE NOT EXISTS (SELECT FROM billing.voided_numbers v WHERE v.tenant_id = :tenant AND v.sequence_id = CAST(:sequence AS uuid)
    AND v.estado <> 'libre' AND i.secuencia BETWEEN v.desde AND v.hasta)
    AND NOT EXISTS (SELECT FROM billing.adopted_numbers a WHERE a.tenant_id = :tenant
      AND a.sequence_id = CAST(:sequence AS uuid) AND a.secuencia = i.secuencia)
  UNION ALL
  SELECT estado, 1 FROM billing.adopted_numbers WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid)
  UNION ALL
  SELECT 'libre', {LEFT} FROM billing.sequences WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid)
  UNION ALL
  SELECT CASE WHEN {OPEN} THEN 'arrendado' ELSE 'libre' END, {LEFT} FROM billing.leases l
  WHERE l.tenant_id = :tenant AND l.sequence_id = CAST(:sequence AS uuid)
) AS counted WHERE n > 0 GROUP BY estado ORDER BY estado
"""
# A range as a set of numbers: what was issued, lent or voided is taken away, and nothing may be left.
_GAPS = f"""
WITH issued AS (
  SELECT COALESCE(range_agg(int8range(secuencia, secuencia, '[]')), '{{}}') AS set FROM billing.invoices
  WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid)
), pieces AS (
  SELECT CASE WHEN {OPEN} THEN 'arrendado' ELSE 'devuelto' END AS estado, l.id::text AS lease_id,
    int8multirange(int8range(l.next, l.hasta, '[]')) - l.held AS set
  FROM billing.leases l WHERE l.tenant_id = :tenant AND l.sequence_id = CAST(:sequence AS uuid) AND l.next <= l.hasta
  UNION ALL
  SELECT v.estado, NULL, int8multirange(int8range(v.desde, v.hasta, '[]')) FROM billing.voided_numbers v
  WHERE v.tenant_id = :tenant AND v.sequence_id = CAST(:sequence AS uuid) AND v.estado <> 'libre' AND v.intento IS NULL
  UNION ALL
  SELECT a.estado, NULL, range_agg(int8range(a.secuencia, a.secuencia, '[]')) - issued.set
  FROM billing.adopted_numbers a, issued WHERE a.tenant_id = :tenant AND a.sequence_id = CAST(:sequence AS uuid)
  GROUP BY a.estado, issued.set
), below AS (
  SELECT int8multirange(int8range(desde, next)) AS set FROM billing.sequences
  WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid)
), holes AS (
  SELECT estado, lease_id, pieces.set * below.set AS set FROM pieces, below
  UNION ALL
  SELECT 'sin_explicar', NULL, below.set - issued.set - (
    SELECT COALESCE(range_agg(r), '{{}}') FROM pieces, unnest(pieces.set) AS r) FROM below, issued
)
SELECT estado, lease_id, lower(hole) AS desde, upper(hole) - 1 AS hasta FROM holes, unnest(holes.set) AS hole
WHERE lower(hole) > :after ORDER BY lower(hole) LIMIT :limit
"""


def number(tx: Transaction, encf: ENCF) -> Record | None:
    """`sequence_id`, `estado`, the latest `invoice_id` and the `lease_id` of a number; None when it is of no range."""
    return tx.row(_NUMBER, tenant=tx.tenant, tipo=int(encf.tipo), n=encf.secuencia)


def history(tx: Transaction, sequence_id: str, secuencia: int) -> list[Record]:
    """Everything that happened to a number, over all its attempts, in order."""
    return list(tx.rows(_HISTORY, tenant=tx.tenant, sequence=sequence_id, n=secuencia))


def counts(tx: Transaction, sequence_id: str) -> dict[str, int]:
    """How many numbers of a range are in each state; together all of them."""
    return {row.estado: row.n for row in tx.rows(_COUNTS, tenant=tx.tenant, sequence=sequence_id)}


def gaps(tx: Transaction, sequence_id: str, *, after: int, limit: int) -> list[Record]:
    """Sub-ranges below `next` without a document and why: lent, given back, voided, lost to a restore.

    `sin_explicar` would be a fault of ours.
    """
    return list(tx.rows(_GAPS, tenant=tx.tenant, sequence=sequence_id, after=after, limit=limit))
