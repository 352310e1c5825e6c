"""The tenant's door to batches: one in as NDJSON, its progress and its rows out."""

import hashlib
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from functions.billing import batch, batches, domain
from functions.billing.gateway import Outside
from functions.billing.schemas import BatchOut, BatchPage, BatchRowOut, BatchRowPage, RowState
from shared.errors import FieldError, InvalidInput, NotFound
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, shell_of
from shared.http.shell import Shell

House = Annotated[Shell[Outside], Depends(shell_of)]
MEDIA = "application/x-ndjson"
ROWS_A_READ = 500
_OTHER_LIST = FieldError("/cursor", "cursor", "El cursor no es de esta lista. Use el «next» de la página anterior.")


async def accept(
    request: Request,
    caller: Caller,
    shell: House,
    idempotency_key: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    key, strict = domain.check_key(idempotency_key), domain.is_strict(prefer)
    digest = hashlib.sha256(b"strict" if strict else b"")
    # On disk: a body of this size is never in memory whole.
    with TemporaryFile() as file:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
        batch_id, known = await run_in_threadpool(
            batch.accept,
            shell,
            tenant=caller.tenant,
            user=caller.user,
            key=key,
            sha256=digest.hexdigest(),
            strict=strict,
            file=file,
        )
    headers = {"Location": f"/tenant/emit/batch/{batch_id}"}
    if known:
        headers["Idempotency-Replayed"] = "true"
    progress = await run_in_threadpool(_progress, shell, caller.tenant, batch_id)
    return JSONResponse(progress.model_dump(), status_code=202, headers=headers)


def listing(
    caller: Caller,
    shell: House,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: str | None = None,
) -> BatchPage:
    # A batch has at most 10,000 rows to count: hence fewer a page than of other lists.
    before = open_cursor(cursor, caller.tenant)
    if before is not None and ":" in before:
        raise InvalidInput(_OTHER_LIST)
    with shell.transaction(caller.tenant) as tx:
        found = batches.latest(tx, before=before, limit=limit + 1)
    following = seal_cursor(found[limit - 1][0].id, caller.tenant) if len(found) > limit else None
    return BatchPage(items=[BatchOut.of(*one) for one in found[:limit]], next=following)


def show(batch_id: str, caller: Caller, shell: House) -> BatchOut:
    return _progress(shell, caller.tenant, batch_id)


def _progress(shell: Shell[Outside], tenant: str, batch_id: str) -> BatchOut:
    with shell.transaction(tenant) as tx:
        found = batches.progress(tx, batch_id)
    if found is None:
        raise NotFound
    return BatchOut.of(*found)


def rows(
    batch_id: str,
    caller: Caller,
    shell: House,
    estado: Annotated[RowState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> BatchRowPage:
    after = _line_of(open_cursor(cursor, caller.tenant), batch_id)
    _progress(shell, caller.tenant, batch_id)
    with shell.transaction(caller.tenant) as tx:
        found = batches.page(tx, batch_id, estado=estado, after=after, limit=limit + 1)
    following = seal_cursor(f"{batch_id}:{found[limit - 1].line}", caller.tenant) if len(found) > limit else None
    return BatchRowPage(items=[BatchRowOut.of(row) for row in found[:limit]], next=following)


def results(batch_id: str, caller: Caller, shell: House, estado: Annotated[RowState | None, Query()] = None) -> StreamingResponse:
    _progress(shell, caller.tenant, batch_id)
    headers = {"Content-Disposition": f'attachment; filename="lote-{batch_id}.ndjson"'}
    return StreamingResponse(_lines(shell, caller.tenant, batch_id, estado), media_type=MEDIA, headers=headers)


def _lines(shell: Shell[Outside], tenant: str, batch_id: str, estado: RowState | None) -> Iterator[str]:
    """Every row as a line of JSON, some at a time: no transaction is open while the caller reads."""
    after = 0
    while True:
        with shell.transaction(tenant) as tx:
            found = batches.page(tx, batch_id, estado=estado, after=after, limit=ROWS_A_READ)
        yield "".join(BatchRowOut.of(row).model_dump_json() + "\n" for row in found)
        if len(found) < ROWS_A_READ:
            return
        after = found[-1].line


def _line_of(position: str | None, batch_id: str) -> int:
    """The line a cursor of this batch stands at; 0 is before the first."""
    if position is None:
        return 0
    batch, _, line = position.partition(":")
    if batch != batch_id or not line.isdigit():
        raise InvalidInput(_OTHER_LIST)
    return int(line)


NDJSON = {
    "description": (
        "One JSON object a line, at most 10,000: `key` (your own name of the row), `document` (the body of POST /tenant/emit/ecf) "
        "and, for a note, optionally `refers_to`, the key of an earlier row whose number and date are filled in once DGII has "
        "accepted it. A line that cannot be read becomes a failed row; the others go on. The same Idempotency-Key with the same "
        "bytes answers the same batch; with other bytes it is refused."
    ),
    "requestBody": {
        "required": True,
        "content": {
            MEDIA: {
                "schema": {"type": "string"},
                "example": '{"key": "1", "document": {"tipo_ecf": 32, "items": []}}\n',
            }
        },
    },
    "responses": {
        "202": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/BatchOut"}}}},
    },
}

RESULTS = {
    "description": "The rows of the batch as they are now, by line: one JSON object a line, as an item of `/rows`.",
    "responses": {"200": {"content": {MEDIA: {"schema": {"$ref": "#/components/schemas/BatchRowOut"}}}}},
}
