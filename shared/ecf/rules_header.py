"""Payment, income, price indicator and period of a document (format.md §5, §6; Formato e-CF, área IdDoc), and exports."""

from collections.abc import Iterator
from decimal import Decimal

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.fields import model
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.tree import branch, number, rows
from shared.ecf.values import read_day, written_day

Findings = Iterator[Finding]
_TAXED = frozenset({"1", "2"})
_CENT = Decimal("0.01")
_COST = ("total_fob", "seguro", "flete", "otros_gastos")


def _payment(document: Document) -> Findings:
    tipo_pago = document.text("id_doc", "tipo_pago")
    if document.kind == "41" and tipo_pago is None:
        yield finding("ECF-1017", "/id_doc/tipo_pago")
    if tipo_pago == "3" and document.kind == "31":
        yield finding("ECF-1014", "/id_doc/tipo_pago")
    limit = document.text("id_doc", "fecha_limite_pago")
    pointer = "/id_doc/fecha_limite_pago"
    if tipo_pago == "2" and limit is None and "fecha_limite_pago" in model(document.kind).members["id_doc"].members:
        yield finding("ECF-1011", pointer)
    if limit is not None and tipo_pago != "2":
        yield finding("ECF-1013", pointer)
    elif limit is not None and (limit_day := read_day(limit)) and limit_day < document.fecha_emision:
        yield finding("ECF-1012", pointer, value=limit, other=written_day(document.fecha_emision))


def _payment_forms(document: Document) -> Findings:
    forms = rows(branch(document.tree, "id_doc"), "formas_pago")
    if document.kind != "32":
        for index, form in enumerate(forms):
            if form.get("forma_pago") == "5":
                yield finding("ECF-1015", f"/id_doc/formas_pago/{index}/forma_pago")
    if forms:
        yield from _payments_cover(document, sum((number(form, "monto_pago") or ZERO for form in forms), ZERO))


def _payments_cover(document: Document, paid: Decimal) -> Findings:
    """Not a rule of DGII: a sum that is neither the total, nor it less withholdings, nor what is left to pay is worth a look."""
    totals = branch(document.tree, "totales")
    withheld = sum((number(totals, name) or ZERO for name in ("total_itbis_retenido", "total_isr_retencion")), ZERO)
    total = document.monto_total
    accepted = {total, total - withheld, number(totals, "valor_pagar"), number(totals, "monto_periodo")}
    if not any(amount is not None and abs(amount - paid) <= _CENT for amount in accepted):
        yield finding("ECF-1016", "/id_doc/formas_pago", observed=f"{paid:f}", expected=f"{total:f}")


def _income(document: Document) -> Findings:
    """The schema forgives a note without TipoIngresos since April 2026; DGII's server does not forgive a 34."""
    if document.kind in ("33", "34") and document.text("id_doc", "tipo_ingresos") is None:
        yield finding("ECF-1018" if document.kind == "34" else "ECF-1019", "/id_doc/tipo_ingresos")


def _price_indicator(document: Document) -> Findings:
    pointer = "/id_doc/indicador_monto_gravado"
    taxed = any(line.get("indicador_facturacion") in _TAXED for line in document.items)
    sent = document.text("id_doc", "indicador_monto_gravado")
    if taxed and sent is None and "indicador_monto_gravado" in model(document.kind).members["id_doc"].members:
        yield finding("ECF-1021", pointer)
    if sent is not None and not taxed:
        yield finding("ECF-1022", pointer)


def _period(document: Document) -> Findings:
    start, end = document.text("id_doc", "fecha_desde"), document.text("id_doc", "fecha_hasta")
    first, last = read_day(start or ""), read_day(end or "")
    if first and last and first > last:
        yield finding("ECF-1031", "/id_doc/fecha_desde", value=start, other=end)


def _export(document: Document) -> Findings:
    """CIF is FOB with insurance, freight and other costs."""
    held = branch(document.tree, "informaciones_adicionales")
    total = number(held, "total_cif")
    if total is None or "total_fob" not in held:
        return
    expected = sum((number(held, name) or ZERO for name in _COST), ZERO)
    if abs(total - expected) > _CENT:
        pointer = "/informaciones_adicionales/total_cif"
        yield finding("ECF-1046", pointer, observed=f"{total:f}", expected=f"{expected:f}")


def _deferred(document: Document) -> Findings:
    if document.text("id_doc", "indicador_envio_diferido") == "1":
        yield finding("ECF-1020", "/id_doc/indicador_envio_diferido")


RULES = (_deferred, _payment, _payment_forms, _income, _price_indicator, _period, _export)
