"""The tenant's door to voidings of numbers (ANECF)."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from functions.billing import voiding, voidings
from functions.billing.gateway import Outside
from functions.billing.schemas import Shape
from shared.db.engine import Record
from shared.errors import NotFound
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Caller, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission

XML = "application/xml"
House = Annotated[Shell[Outside], Depends(shell_of)]
Sequential = Annotated[int, Field(ge=1, le=9_999_999_999)]


class VoidRange(Shape):
    """Numbers of one type, the last included."""

    tipo_ecf: int = Field(ge=31, le=47)
    desde: Sequential
    hasta: Sequential


class VoidingIn(Shape):
    """Only numbers without a document, or that came back unused."""

    ranges: list[VoidRange] = Field(min_length=1, max_length=voiding.MOST_RANGES)

    def asked(self) -> list[voidings.Asked]:
        return voiding.check_asked([(one.tipo_ecf, one.desde, one.hasta) for one in self.ranges])


class VoidedRange(VoidRange):
    """`estado`: en_anulacion, anulado, no_anulado (DGII says that they were used) or libre (the file was not taken)."""

    estado: str


class VoidingOut(Shape):
    """`estado` goes redactada → firmada → anulada, parcial or rechazada; `mensajes` are DGII's words."""

    id: str
    estado: str
    count: int
    ranges: list[VoidedRange]
    mensajes: list[str]
    created_at: str
    answered_at: str | None

    @classmethod
    def of(cls, row: Record, pieces: Sequence[Record]) -> "VoidingOut":
        mine = [piece for piece in pieces if piece.voiding_id == row.id]
        return cls(
            id=row.id,
            estado=row.estado,
            count=sum(piece.hasta - piece.desde + 1 for piece in mine),
            ranges=[VoidedRange(tipo_ecf=p.tipo_ecf, desde=p.desde, hasta=p.hasta, estado=p.estado) for p in mine],
            mensajes=row.mensajes,
            created_at=row.created_at.isoformat(),
            answered_at=row.answered_at.isoformat() if row.answered_at else None,
        )


class VoidingPage(Shape):
    items: list[VoidingOut]
    next: str | None


def void(body: VoidingIn, caller: Caller, shell: House, validate_only: bool = False) -> Response:
    asked = body.asked()
    if validate_only:
        voiding.rehearse(shell, caller.tenant, asked)
        return JSONResponse({"count": sum(one.hasta - one.desde + 1 for one in asked)})
    voiding_id = voiding.request(shell, caller.tenant, caller.user, asked)
    made: dict[str, Any] = show(voiding_id, caller, shell).model_dump()
    return JSONResponse(made, status_code=202, headers={"Location": f"/tenant/sequences/voidings/{voiding_id}"})


def show(voiding_id: str, caller: Caller, shell: House) -> VoidingOut:
    with shell.transaction(caller.tenant) as tx:
        return VoidingOut.of(voiding.found(tx, voiding_id), voidings.pieces(tx, [voiding_id]))


def xml(voiding_id: str, caller: Caller, shell: House) -> Response:
    with shell.transaction(caller.tenant) as tx:
        rnc, stored = voiding.found(tx, voiding_id).rnc_emisor, voidings.stored_bytes(tx, voiding_id)
    if stored is None or stored.signed_xml is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{rnc}-anulacion-{voiding_id}.xml"'}
    return Response(bytes(stored.signed_xml), media_type=XML, headers=headers)


def listing(
    caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> VoidingPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = voidings.page(tx, before=before, limit=limit + 1)
        pieces = voidings.pieces(tx, [row.id for row in rows])
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return VoidingPage(items=[VoidingOut.of(row, pieces) for row in rows[:limit]], next=following)


_ALL, _ONE = "/tenant/sequences/voidings", "/tenant/sequences/voidings/{voiding_id}"
_ANSWERS = {
    "responses": {
        "200": {"description": "Validated only: how many numbers it would void"},
        "202": {"content": {"application/json": {"schema": VoidingOut.model_json_schema()}}},
    }
}

ROUTES = [
    Route("POST", _ALL, void, Permission.SEQUENCES_WRITE, status=202, summary="Void unused numbers", openapi=_ANSWERS),
    Route("GET", _ALL, listing, Permission.SEQUENCES_READ, summary="Voidings, newest first"),
    Route("GET", _ONE, show, Permission.SEQUENCES_READ, summary="One voiding and what became of its numbers"),
    Route("GET", _ONE + "/xml", xml, Permission.SEQUENCES_READ, summary="Its signed ANECF", media=XML),
]
