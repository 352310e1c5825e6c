"""The tenant's door to emission: one document in, for real or validated only, and the rules it is checked with."""

import re
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import anyio
from fastapi import Depends, Header, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from functions.billing import domain, emission, rehearsal, store
from functions.billing.domain import Invoice
from functions.billing.gateway import Outside
from functions.billing.schemas import AvisoOut, InvoiceOut, RehearsalOut, RuleList, RuleOut
from shared.ecf.findings import Verdict
from shared.errors import NotFound
from shared.http.json_body import parse_json
from shared.http.routes import Body, Caller, shell_of
from shared.http.shell import Shell

House = Annotated[Shell[Outside], Depends(shell_of)]
LONGEST_WAIT = 30
LOOK_AGAIN_SECONDS = 0.15

EXAMPLE: dict[str, Any] = {
    "tipo_ecf": 31,
    "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1, "indicador_monto_gravado": 0},
    "comprador": {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"},
    "items": [
        {
            "nombre_item": "Servicio de consultoría",
            "indicador_bien_o_servicio": 2,
            "indicador_facturacion": 1,
            "cantidad_item": "2",
            "precio_unitario_item": "500.00",
        }
    ],
}


async def emit(
    body: Body,
    caller: Caller,
    shell: House,
    idempotency_key: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header()] = None,
    validate_only: bool = False,
    lease: Annotated[UUID | None, Query()] = None,
) -> JSONResponse:
    payload, strict = parse_json(body), domain.is_strict(prefer)
    named = str(lease) if lease else None
    if validate_only:
        return JSONResponse(await run_in_threadpool(_rehearsed, shell, caller.tenant, payload, strict, named))
    key = domain.check_key(idempotency_key)
    emitted = await run_in_threadpool(
        emission.emit,
        shell,
        tenant=caller.tenant,
        user=caller.user,
        key=key,
        payload=payload,
        strict=strict,
        lease=named,
    )
    invoice = await _awaited(shell, caller.tenant, emitted.invoice, _wait_seconds(prefer))
    status = 202 if invoice.estado is domain.Estado.NUMERADO else 201
    headers = {"Location": f"/tenant/invoices/{invoice.id}"}
    if emitted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(InvoiceOut.of(invoice).model_dump(), status_code=status, headers=headers)


def _rehearsed(shell: Shell[Outside], tenant: str, payload: object, strict: bool, lease: str | None) -> dict[str, object]:
    found = rehearsal.rehearse(shell, tenant=tenant, payload=payload, strict=strict, lease=lease)
    document = found.document
    return RehearsalOut(
        verdict=found.verdict,
        emits=found.emits,
        tipo_ecf=int(document.tipo),
        encf=document.text("id_doc", "encf"),
        monto_total=f"{document.monto_total:.2f}",
        findings=[AvisoOut(**aviso) for aviso in domain.avisos(found.findings)],
        document=document.tree,
        qr_url=found.qr_url,
        fee=asdict(found.fee) if found.fee else None,
    ).model_dump()


def rules(
    tipo: Annotated[str | None, Query(max_length=7)] = None,
    verdict: Annotated[Verdict | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
) -> RuleList:
    return RuleList(
        items=[
            RuleOut(
                code=rule.code,
                verdict=rule.verdict.value,
                codigo_dgii=rule.codigo_dgii,
                tipos=list(rule.kinds),
                source=rule.source,
                detail=rule.detail,
            )
            for rule in domain.rules(tipo, verdict, q)
        ]
    )


async def _awaited(shell: Shell[Outside], tenant: str, invoice: Invoice, seconds: int) -> Invoice:
    """The invoice as it is once DGII has spoken, or after `seconds`."""
    with anyio.move_on_after(seconds):
        while invoice.estado not in domain.FINAL:
            await anyio.sleep(LOOK_AGAIN_SECONDS)
            invoice = await run_in_threadpool(find, shell, tenant, invoice.id)
    return invoice


def _wait_seconds(prefer: str | None) -> int:
    asked = re.search(r"\bwait=([0-9]{1,4})\b", prefer or "")
    return min(int(asked[1]), LONGEST_WAIT) if asked else 0


def find(shell: Shell[Outside], tenant: str, invoice_id: str) -> Invoice:
    """The invoice, or NotFound."""
    with shell.transaction(tenant) as tx:
        invoice = store.find(tx, invoice_id)
    if invoice is None:
        raise NotFound
    return invoice


EMIT_BODY = {
    "description": (
        "With `validate_only=true` nothing is stored, numbered, signed or announced, and no Idempotency-Key is needed: the answer "
        "is 200 with the expected verdict and its findings for every body that can be read as a document of its type, even one "
        "that would be refused. A body that cannot be read is 422 with every field error, and what an emission would be refused "
        "for apart from its findings (no range, no certificate) is refused here in the same words."
    ),
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": EXAMPLE}},
    },
    "responses": {
        "200": {"description": "Validated only", "content": {"application/json": {"schema": RehearsalOut.model_json_schema()}}},
        "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/InvoiceOut"}}}},
    },
}
