"""billing's batches and their rows: their SQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from functions.billing.ndjson import Row
from shared.db.engine import Record, Transaction
from shared.errors import FieldError

PENDIENTE, ESPERANDO, EMITIDA, FALLIDA = "pendiente", "esperando", "emitida", "fallida"
"""A row is to be emitted, waits for the document it refers to, has its document, or never will."""

_INSERT = """
INSERT INTO billing.batches (tenant_id, id, key, sha256, strict, created_by)
VALUES (:tenant, CAST(:id AS uuid), :key, :sha256, :strict, :user) ON CONFLICT (tenant_id, key) DO NOTHING RETURNING 1
"""
_KEYED = "SELECT id::text AS id, sha256 FROM billing.batches WHERE tenant_id = :tenant AND key = :key"
_ROWS = """
INSERT INTO billing.batch_rows (tenant_id, batch_id, line, key, refers_line, source, estado, errors)
SELECT :tenant, CAST(:batch AS uuid), r.line, r.key, r.refers_line, r.source, r.estado, r.errors
FROM unnest(CAST(:lines AS int[]), CAST(:keys AS text[]), CAST(:refers AS int[]), CAST(:sources AS text[]),
  CAST(:estados AS text[]), CAST(:errors AS text[])) AS r (line, key, refers_line, source, estado, errors)
"""
_START = """
UPDATE billing.batches SET started_at = COALESCE(started_at, now()) WHERE tenant_id = :tenant AND id = CAST(:batch AS uuid)
RETURNING created_by, strict
"""
# Rows that can be decided now: what waits comes back when its original has a verdict, or can have none any more.
_READY = """
SELECT r.line, r.source, r.attempts, r.estado, r.refers_line, t.estado AS referred, o.estado AS original, o.encf, o.fecha_emision
FROM billing.batch_rows r
LEFT JOIN billing.batch_rows t ON t.tenant_id = r.tenant_id AND t.batch_id = r.batch_id AND t.line = r.refers_line
LEFT JOIN billing.invoices o ON o.tenant_id = r.tenant_id AND o.id = COALESCE(r.waits_for, t.invoice_id)
WHERE r.tenant_id = :tenant AND r.batch_id = CAST(:batch AS uuid) AND r.estado IN ('pendiente', 'esperando')
  AND r.not_before <= now() AND (r.estado = 'pendiente' OR t.estado = 'fallida' OR o.estado = ANY(CAST(:final AS text[])))
ORDER BY r.line LIMIT :limit
"""
_RECORD = """
UPDATE billing.batch_rows r SET estado = d.estado, invoice_id = COALESCE(CAST(d.invoice_id AS uuid), r.invoice_id),
  waits_for = COALESCE(CAST(d.waits_for AS uuid), r.waits_for), errors = d.errors,
  not_before = now() + make_interval(secs => d.delay), attempts = r.attempts + d.failed,
  source = CASE WHEN d.estado = 'emitida' THEN NULL ELSE r.source END
FROM unnest(CAST(:lines AS int[]), CAST(:estados AS text[]), CAST(:invoices AS text[]), CAST(:waits AS text[]),
  CAST(:errors AS text[]), CAST(:delays AS int[]), CAST(:failed AS int[]))
  AS d (line, estado, invoice_id, waits_for, errors, delay, failed)
WHERE r.tenant_id = :tenant AND r.batch_id = CAST(:batch AS uuid) AND r.line = d.line
"""
_OPEN = """
SELECT count(*) AS open, count(*) FILTER (WHERE estado = 'pendiente' AND not_before <= now()) AS ready,
  min(not_before) FILTER (WHERE not_before > now()) - now() AS deferred
FROM billing.batch_rows
WHERE tenant_id = :tenant AND batch_id = CAST(:batch AS uuid) AND estado IN ('pendiente', 'esperando')
"""
_FINISH = "UPDATE billing.batches SET finished_at = now() WHERE tenant_id = :tenant AND id = CAST(:batch AS uuid)"
_COLUMNS = "id::text AS id, created_at, started_at, finished_at, now() AS seen_at"
_ONE = f"SELECT {_COLUMNS} FROM billing.batches WHERE tenant_id = :tenant AND id = CAST(:batch AS uuid)"
_LATEST = f"""
SELECT {_COLUMNS} FROM billing.batches
WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid)) ORDER BY id DESC LIMIT :limit
"""
_COUNTS = """
SELECT r.batch_id::text AS batch, r.estado, i.estado AS document, count(*) AS n FROM billing.batch_rows r
LEFT JOIN billing.invoices i ON i.tenant_id = r.tenant_id AND i.id = r.invoice_id
WHERE r.tenant_id = :tenant AND r.batch_id = ANY(CAST(:batches AS uuid[])) GROUP BY 1, 2, 3
"""
_PAGE = """
SELECT r.line, r.key, r.estado, r.invoice_id::text AS invoice_id, i.encf, i.estado AS document, r.errors
FROM billing.batch_rows r LEFT JOIN billing.invoices i ON i.tenant_id = r.tenant_id AND i.id = r.invoice_id
WHERE r.tenant_id = :tenant AND r.batch_id = CAST(:batch AS uuid) AND r.line > :after
  AND (CAST(:estado AS text) IS NULL OR r.estado = CAST(:estado AS text))
ORDER BY r.line LIMIT :limit
"""


@dataclass(frozen=True)
class Result:
    """What became of a row: its new state, and what goes with it. `delay` is in seconds; `failed` counts an unexpected end."""

    line: int
    estado: str
    invoice_id: str | None = None
    waits_for: str | None = None
    errors: tuple[FieldError, ...] = field(default=())
    delay: int = 0
    failed: bool = False


def insert(tx: Transaction, *, batch_id: str, key: str, sha256: str, strict: bool, user: str) -> bool:
    """A new batch; False when the key has one."""
    return bool(tx.rows(_INSERT, tenant=tx.tenant, id=batch_id, key=key, sha256=sha256, strict=strict, user=user))


def of_key(tx: Transaction, key: str) -> Record | None:
    """(id, sha256) of the batch that a key stands for."""
    return tx.row(_KEYED, tenant=tx.tenant, key=key)


def add_rows(tx: Transaction, batch_id: str, rows: Sequence[Row]) -> None:
    """Rows with faults are failed from the start."""
    tx.rows(
        _ROWS,
        tenant=tx.tenant,
        batch=batch_id,
        lines=[r.line for r in rows],
        keys=[r.key for r in rows],
        refers=[r.refers_line for r in rows],
        sources=[r.source for r in rows],
        estados=[FALLIDA if r.errors else ESPERANDO if r.refers_line else PENDIENTE for r in rows],
        errors=[_json(r.errors) for r in rows],
    )


def start(tx: Transaction, batch_id: str) -> Record:
    """(created_by, strict); the first call is when the batch started."""
    return tx.rows(_START, tenant=tx.tenant, batch=batch_id)[0]


def ready(tx: Transaction, batch_id: str, *, final: Iterable[str], limit: int) -> Sequence[Record]:
    """The next rows that can be decided, in order of their lines; `final` are the states in which an original has a verdict."""
    return tx.rows(_READY, tenant=tx.tenant, batch=batch_id, final=sorted(final), limit=limit)


def record(tx: Transaction, batch_id: str, results: Sequence[Result]) -> None:
    """All results of a slice in one statement; a row that has its document forgets its source."""
    tx.rows(
        _RECORD,
        tenant=tx.tenant,
        batch=batch_id,
        lines=[r.line for r in results],
        estados=[r.estado for r in results],
        invoices=[r.invoice_id for r in results],
        waits=[r.waits_for for r in results],
        errors=[_json(r.errors) for r in results],
        delays=[r.delay for r in results],
        failed=[int(r.failed) for r in results],
    )


def remaining(tx: Transaction, batch_id: str) -> tuple[int, int, timedelta | None]:
    """(rows that are not decided, those that can be now, how long until the first that was put off may be tried again)."""
    row = tx.rows(_OPEN, tenant=tx.tenant, batch=batch_id)[0]
    return row.open, row.ready, row.deferred


def finish(tx: Transaction, batch_id: str) -> None:
    tx.rows(_FINISH, tenant=tx.tenant, batch=batch_id)


Progress = tuple[Record, list[tuple[str, str | None, int]]]
"""A batch, and how many rows there are for each (state, state of the document)."""


def progress(tx: Transaction, batch_id: str) -> Progress | None:
    """One batch as it is now."""
    batch = tx.row(_ONE, tenant=tx.tenant, batch=batch_id)
    return None if batch is None else _counted(tx, [batch])[0]


def latest(tx: Transaction, *, before: str | None, limit: int) -> list[Progress]:
    """Batches as they are now, newest first."""
    return _counted(tx, tx.rows(_LATEST, tenant=tx.tenant, before=before, limit=limit))


def _counted(tx: Transaction, found: Sequence[Record]) -> list[Progress]:
    counts: dict[str, list[tuple[str, str | None, int]]] = {batch.id: [] for batch in found}
    for row in tx.rows(_COUNTS, tenant=tx.tenant, batches=list(counts)):
        counts[row.batch].append((row.estado, row.document, row.n))
    return [(batch, counts[batch.id]) for batch in found]


def page(tx: Transaction, batch_id: str, *, estado: str | None, after: int, limit: int) -> Sequence[Record]:
    """Rows in order of their lines."""
    return tx.rows(_PAGE, tenant=tx.tenant, batch=batch_id, estado=estado, after=after, limit=limit)


def _json(errors: Sequence[FieldError]) -> str:
    return json.dumps([fault.told for fault in errors])
