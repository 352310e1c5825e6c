"""Batches: taken in whole, then worked fifty rows a claim as durable work; each row is an idempotent emission of its own.

The key of a row's emission follows from batch and line, so a worker that dies between a number and its record gives the row
the same number when it comes back.
"""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO

from functions.billing import batches, domain, drafts, emission, ndjson
from functions.billing.batches import EMITIDA, ESPERANDO, FALLIDA, Result
from functions.billing.domain import Estado
from functions.billing.gateway import Outside
from shared.db.engine import Record
from shared.db.ids import uuid7
from shared.ecf.values import written_day
from shared.errors import AppError, FieldError, Unavailable
from shared.flow.work import Job, backoff
from shared.http.shell import Shell
from shared.http.texts import TEXTS

log = logging.getLogger(__name__)

BATCH = "batch"
"""The kind of the work row that works a batch."""

BODY_LIMIT = 32 * 1024 * 1024
ROWS_A_SLICE = 50
SECONDS_A_SLICE = 10.0
ROWS_A_STATEMENT = 200
ATTEMPTS = 3
"""How often a row may end in an error that nobody foresaw, before it is failed and no longer in the way."""

LONGEST_PAUSE = timedelta(minutes=1)
_ACCEPTED = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL})


def accept(
    shell: Shell[Outside], *, tenant: str, user: str, key: str, sha256: str, strict: bool, file: BinaryIO
) -> tuple[str, bool]:
    """(the batch's id, whether it was there before). BatchTooLong and BatchEmpty before anything is stored.

    `file` is the body, `sha256` what it is recognised by when the key comes again.
    """
    ndjson.check_length(file)
    file.seek(0)
    batch_id = uuid7()
    with shell.transaction(tenant) as tx:
        if batches.insert(tx, batch_id=batch_id, key=key, sha256=sha256, strict=strict, user=user):
            for some in _some(ndjson.rows(file)):
                batches.add_rows(tx, batch_id, some)
            shell.work.add(tx, BATCH, batch_id)
            return batch_id, False
        known = batches.of_key(tx, key)
    if known is None or known.sha256 != sha256:
        raise domain.IdempotencyKeyReused
    return str(known.id), True


def _some(rows: Iterator[ndjson.Row]) -> Iterator[list[ndjson.Row]]:
    while some := list(islice(rows, ROWS_A_STATEMENT)):
        yield some


def work(shell: Shell[Outside], job: Job) -> None:
    """One slice of a batch. It is due again at once while rows are ready, and later while all wait."""
    with shell.transaction(job.tenant) as tx:
        batch = batches.start(tx, job.key)
        rows = batches.ready(tx, job.key, final={e.value for e in domain.FINAL}, limit=ROWS_A_SLICE)
    results, stalled, until = list[Result](), None, time.monotonic() + SECONDS_A_SLICE
    for row in rows:
        if time.monotonic() > until:
            break
        result = _result(shell, job, batch, row)
        if isinstance(result, str):
            stalled = result
            break
        results.append(result)
    with shell.transaction(job.tenant) as tx:
        if results:
            batches.record(tx, job.key, results)
        left, ready, deferred = batches.remaining(tx, job.key)
        if not left:
            batches.finish(tx, job.key)
            shell.work.finish(tx, job)
        elif stalled is not None:
            shell.work.postpone(tx, job, backoff(job.failures + 1, cap=LONGEST_PAUSE), error=stalled)
        elif ready:
            shell.work.postpone(tx, job, timedelta(), payload={})
        else:
            # Nothing but waiting: look again soon, then ever less often, so that a verdict is seen within the time it took to come.
            idle = 0 if results else job.payload.get("idle", 0) + 1
            pause = backoff(idle + 1, cap=LONGEST_PAUSE)
            shell.work.postpone(tx, job, min(pause, deferred or pause), payload={"idle": idle})


def _result(shell: Shell[Outside], job: Job, batch: Record, row: Record) -> Result | str:
    """What became of one row; the reason, in words for the log, when the whole batch had better pause."""
    try:
        return _emitted(shell, job, batch, row)
    except Unavailable as error:
        return error.slug
    except drafts.OriginalPending as pending:
        return Result(row.line, ESPERANDO, waits_for=str(pending.facts["invoice_id"]))
    except domain.EmissionInProgress as busy:
        # A worker died over this row less than a lease ago, or still has it.
        return Result(row.line, row.estado, delay=int(str(busy.facts["retry_after"])))
    except AppError as error:
        return Result(row.line, FALLIDA, errors=_faults(error))
    except Exception:
        log.exception("a row failed", extra={"batch": job.key, "line": row.line})
        if row.attempts + 1 >= ATTEMPTS:
            return Result(row.line, FALLIDA, errors=_faults(AppError()), failed=True)
        return Result(row.line, row.estado, delay=int(domain.LEASE.total_seconds()), failed=True)


def _emitted(shell: Shell[Outside], job: Job, batch: Record, row: Record) -> Result | str:
    payload = ndjson.document_of(row.source)
    if row.refers_line is not None:
        if row.referred == FALLIDA or row.original not in _ACCEPTED:
            return Result(row.line, FALLIDA, errors=(_no_original(row),))
        payload = _referring(payload, row)
    # No caller can send such a key: theirs are ASCII.
    key = f"lote·{job.key}·{row.line}"
    emitted = emission.emit(
        shell, tenant=job.tenant, user=batch.created_by, key=key, payload=payload, strict=batch.strict, patient=True
    )
    invoice = emitted.invoice
    if invoice.estado is Estado.NUMERADO:
        return "the signer did not answer"
    if invoice.estado is Estado.SIN_USAR:
        error = FieldError("", "signing-refused", "El servicio de firma rechazó el documento. Su número se usará en otro.")
        return Result(row.line, FALLIDA, invoice_id=invoice.id, errors=(error,))
    return Result(row.line, EMITIDA, invoice_id=invoice.id)


def _referring(payload: dict[str, Any], row: Record) -> dict[str, Any]:
    """The document with the number and date of the one it refers to; a reference that is no object is left for its rule."""
    given = payload.get("informacion_referencia", {})
    if not isinstance(given, dict):
        return payload
    filled = {"ncf_modificado": row.encf, "fecha_ncf_modificado": written_day(row.fecha_emision)}
    return payload | {"informacion_referencia": given | filled}


def _no_original(row: Record) -> FieldError:
    if row.referred == FALLIDA:
        detail = f"La línea {row.refers_line}, a la que se refiere, no se emitió. Corrija aquella y envíe las dos de nuevo."
    else:
        detail = f"El {row.encf}, al que se refiere, quedó {row.original}: no se puede modificar. Emita aquel de nuevo."
    return FieldError("/refers_to", "original-not-accepted", detail)


def _faults(error: AppError) -> tuple[FieldError, ...]:
    """Pointers lead into the row's document."""
    if error.errors:
        return error.errors
    detail = TEXTS[error.slug][1]
    return (FieldError("", error.slug, detail.format(**error.facts) if error.facts else detail),)
