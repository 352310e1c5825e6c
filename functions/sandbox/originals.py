"""A note against the document it modifies: is it there, are its day and buyer the same, is there balance left (614, 634, 615)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from functions.sandbox import store
from functions.sandbox.domain import Estado, Facts, Mensaje
from shared.db.engine import Transaction
from shared.ecf.types import TipoECF

_VALID = {Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL}
_FIELD = "El campo NCFModificado de la sección InformacionReferencia no es válido."
_BALANCE = (
    f"{_FIELD} El monto total de la nota de crédito no puede ser mayor al saldo disponible de la sumatoria de las operaciones "
    "relacionadas al comprobante referenciado."
)
_BUYER = (
    f"{_FIELD} El RNC del comprador o Id extranjero de la nota de débito (crédito) no es válido, ya que no coincide con el RNC "
    "del comprador o Id extranjero de la factura que intenta modificar."
)
_CREDIT, _DEBIT = int(TipoECF.NOTA_CREDITO), int(TipoECF.NOTA_DEBITO)
# DGII compares with a tolerance of its own; a peso is what its sums have.
_SLACK = Decimal(1)


def note_messages(tx: Transaction, environment: str, facts: Facts, now: datetime) -> Iterator[Mensaje]:
    """Nothing for what is no note, and for a note on a paper of series B."""
    if facts.encf.tipo not in (_CREDIT, _DEBIT) or not facts.ncf_modificado.startswith("E"):
        return
    # Who issued the original may have been merged into who issues the note.
    issuer = facts.rnc_otro_contribuyente or facts.rnc_emisor
    held = store.by_number(tx, environment, issuer, facts.ncf_modificado)
    original = next((s for s in held if s.verdict.estado in _VALID and s.shown(now) in _VALID), None)
    if original is None:
        yield Mensaje("614", "El eNCF modificado no ha sido emitido.")
        return
    if facts.fecha_ncf_modificado != original.facts.get("fecha_emision"):
        yield Mensaje("634", "El campo FechaNCFModificado de la sección InformacionReferencia no es válido.")
    buyer = facts.rnc_comprador or facts.id_extranjero
    if buyer != (original.facts.get("rnc_comprador") or original.facts.get("id_extranjero", "")):
        yield Mensaje("615", _BUYER)
    left = Decimal(original.facts["monto_total"]) + _moved(tx, environment, facts)
    if facts.encf.tipo == _CREDIT and facts.monto_total > left + _SLACK:
        yield Mensaje("615", _BALANCE)


def _moved(tx: Transaction, environment: str, facts: Facts) -> Decimal:
    """What earlier accepted notes added to the original's balance (33) or took from it (34)."""
    row = tx.row(
        "SELECT COALESCE(sum((CASE WHEN encf LIKE 'E33%' THEN 1 ELSE -1 END) * (facts->>'monto_total')::numeric), 0) AS moved "
        "FROM sandbox.submissions WHERE environment = :environment AND rnc = :rnc AND codigo IN (1, 4) "
        "AND facts->>'ncf_modificado' = :original",
        environment=environment,
        rnc=facts.rnc_emisor,
        original=facts.ncf_modificado,
    )
    return Decimal(row.moved) if row else Decimal(0)
