"""What DGII insists on beyond its schema (format.md §5 to §8, §14): each rule is one small function over the whole document.

`check` runs after `amounts.compute`, so totals are there. Codes and verdicts live in `codes.csv`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from shared.ecf import rnc, taxes
from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.money import ZERO
from shared.ecf.rfce import LIMITE_RFCE
from shared.ecf.tree import branch, number, rows
from shared.ecf.values import day, written_day

Findings = Iterator[Finding]
_TAXED = frozenset({"1", "2"})
# IndicadorFacturacion of types that do not take every class.
_CLASSES = {"43": ("4",), "44": ("4",), "47": ("4",), "46": ("3",)}
# CodigoModificacion of each type: 33 and 34 correct, 31 may turn a consumo into itself, all may replace contingency paper.
_MODIFICATIONS = {"31": ("4", "5"), "33": ("1", "2", "3", "4"), "34": ("1", "2", "3", "4")}
# The paper series that each type replaces.
_PAPER = {
    "31": "B01",
    "32": "B02",
    "33": "B03",
    "34": "B04",
    "41": "B11",
    "43": "B13",
    "44": "B14",
    "45": "B15",
    "46": "B16",
    "47": "B17",
}
_CENT = Decimal("0.01")


def check(document: Document, *, today: date) -> tuple[Finding, ...]:
    """Every rule of the type against a computed document; `today` is the fiscal day (America/Santo_Domingo)."""
    found: list[Finding] = []
    for rule in _RULES:
        found.extend(rule(document))
    found.extend(_not_tomorrow(document, today))
    return tuple(found)


def _buyer(document: Document) -> Findings:
    buyer = branch(document.tree, "comprador")
    identified = "rnc_comprador" in buyer or "identificador_extranjero" in buyer
    if document.kind == "32" and document.monto_total >= LIMITE_RFCE:
        if not identified:
            yield finding("ECF-1001", "/comprador/rnc_comprador")
        if "razon_social_comprador" not in buyer:
            yield finding("ECF-1003", "/comprador/razon_social_comprador")
    if "rnc_comprador" in buyer and "identificador_extranjero" in buyer:
        yield finding("ECF-1002", "/comprador/identificador_extranjero")
    number_ = document.rnc_comprador
    if number_ is not None and not rnc.plausible(number_):
        yield finding("ECF-0212", "/comprador/rnc_comprador", name="rnc_comprador")


def _payment(document: Document) -> Findings:
    id_doc = branch(document.tree, "id_doc")
    tipo_pago, limit = id_doc.get("tipo_pago"), document.text("id_doc", "fecha_limite_pago")
    pointer = "/id_doc/fecha_limite_pago"
    if tipo_pago == "2" and limit is None:
        yield finding("ECF-1011", pointer)
    if limit is not None and tipo_pago != "2":
        yield finding("ECF-1013", pointer)
    elif limit is not None and (limit_day := day(limit)) and limit_day < document.fecha_emision:
        yield finding("ECF-1012", pointer, value=limit, other=written_day(document.fecha_emision))
    if tipo_pago == "3" and document.kind == "31":
        yield finding("ECF-1014", "/id_doc/tipo_pago")
    forms = rows(id_doc, "formas_pago")
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


def _price_indicator(document: Document) -> Findings:
    pointer = "/id_doc/indicador_monto_gravado"
    taxed = any(line.get("indicador_facturacion") in _TAXED for line in document.items)
    sent = document.text("id_doc", "indicador_monto_gravado")
    if taxed and sent is None:
        yield finding("ECF-1021", pointer)
    if sent is not None and not taxed:
        yield finding("ECF-1022", pointer)


def _period(document: Document) -> Findings:
    start, end = document.text("id_doc", "fecha_desde"), document.text("id_doc", "fecha_hasta")
    first, last = day(start or ""), day(end or "")
    if first and last and first > last:
        yield finding("ECF-1031", "/id_doc/fecha_desde", value=start, other=end)


def _not_tomorrow(document: Document, today: date) -> Findings:
    if document.fecha_emision > today:
        value, other = written_day(document.fecha_emision), written_day(today)
        yield finding("ECF-1032", "/emisor/fecha_emision", value=value, other=other)


def _lines(document: Document) -> Findings:
    allowed = _CLASSES.get(document.kind)
    for index, line in enumerate(document.items):
        pointer = f"/items/{index}"
        if line.get("numero_linea") != str(index + 1):
            yield finding("ECF-1041", f"{pointer}/numero_linea", expected=index + 1)
        if allowed and line.get("indicador_facturacion") not in allowed:
            yield finding("ECF-1042", f"{pointer}/indicador_facturacion", kind=document.kind, allowed=" o ".join(allowed))
        withheld = branch(line, "retencion")
        if withheld and "indicador_agente_retencion_o_percepcion" not in withheld:
            yield finding("ECF-1066", f"{pointer}/retencion/indicador_agente_retencion_o_percepcion")
        if "impuestos_adicionales" in line:
            yield from _line_taxes(document, index)


def _line_taxes(document: Document, index: int) -> Findings:
    line = document.items[index]
    codes = taxes.codes_of(line)
    for position, code in enumerate(codes):
        pointer = f"/items/{index}/impuestos_adicionales/{position}/tipo_impuesto"
        if code in codes[:position]:
            yield finding("ECF-1067", pointer, value=code)
        if document.kind == "44" and taxes.group(code) != taxes.OTHERS:
            yield finding("ECF-1063", pointer, value=code, kind=document.kind)
        if taxes.group(code) in taxes.AD_VALOREM and line.get("unidad_medida") != taxes.BULK:
            specific = taxes.specific_of(code)
            if specific not in codes:
                yield finding("ECF-1061", pointer, value=code, expected=specific)


def _adjustments(document: Document) -> Findings:
    entries = rows(document.tree, "descuentos_o_recargos")
    if not entries:
        return
    several = len({code for line in document.items for code in taxes.codes_of(line)}) > 1
    one_set = len({tuple(taxes.codes_of(line)) for line in document.items}) == 1
    for index, entry in enumerate(entries):
        pointer = f"/descuentos_o_recargos/{index}"
        if entry.get("numero_linea") != str(index + 1):
            yield finding("ECF-1041", f"{pointer}/numero_linea", expected=index + 1)
        norma1007 = entry.get("indicador_norma1007") == "1"
        if several and not one_set and not norma1007 and entry.get("tipo_valor") != "%":
            yield finding("ECF-1064", f"{pointer}/tipo_valor")
        if norma1007 and document.text("id_doc", "indicador_monto_gravado") != "1":
            yield finding("ECF-1065", "/id_doc/indicador_monto_gravado")


def _reference(document: Document) -> Findings:
    held = branch(document.tree, "informacion_referencia")
    if not held:
        return
    pointer = "/informacion_referencia"
    for name in ("ncf_modificado", "fecha_ncf_modificado", "codigo_modificacion"):
        if name not in held:
            yield finding("ECF-1052", f"{pointer}/{name}", name=name)
    code, ncf = str(held.get("codigo_modificacion", "")), str(held.get("ncf_modificado", ""))
    allowed = _MODIFICATIONS.get(document.kind, ("4",))
    if code and code not in allowed:
        yield finding(
            "ECF-1051",
            f"{pointer}/codigo_modificacion",
            value=code,
            kind=document.kind,
            allowed=" o ".join(allowed),
        )
    elif ncf and code == "5" and not ncf.startswith("E32"):
        yield finding("ECF-1053", f"{pointer}/ncf_modificado")
    elif ncf and code == "4":
        yield from _replaced_paper(document.kind, ncf, f"{pointer}/ncf_modificado")
    issued = day(str(held.get("fecha_ncf_modificado", "")))
    if issued and issued > document.fecha_emision:
        value, other = written_day(issued), written_day(document.fecha_emision)
        yield finding("ECF-1056", f"{pointer}/fecha_ncf_modificado", value=value, other=other)


def _replaced_paper(kind: str, ncf: str, pointer: str) -> Findings:
    if ncf.startswith("E"):
        yield finding("ECF-1054", pointer)
    elif ncf.startswith("B") and not ncf.startswith(_PAPER[kind]):
        yield finding("ECF-1055", pointer, kind=kind, expected=_PAPER[kind])


def _pages(document: Document) -> Findings:
    pages = rows(document.tree, "paginas")
    total = document.text("id_doc", "total_paginas")
    if total is not None and pages and total != str(len(pages)):
        yield finding("ECF-1073", "/id_doc/total_paginas", expected=len(pages))
    for index, page in enumerate(pages):
        pointer = f"/paginas/{index}"
        if page.get("pagina_no", str(index + 1)) != str(index + 1):
            yield finding("ECF-1071", f"{pointer}/pagina_no", expected=index + 1)
        first, last = number(page, "no_linea_desde"), number(page, "no_linea_hasta")
        if first is not None and last is not None and first > last:
            yield finding("ECF-1072", f"{pointer}/no_linea_desde")
    amounts = [number(page, "monto_subtotal_pagina") for page in pages]
    if amounts and None not in amounts:
        added = sum((amount or ZERO for amount in amounts), ZERO)
        if abs(added - document.monto_total) > _CENT:
            yield finding("ECF-1074", "/paginas", observed=f"{added:f}", expected=f"{document.monto_total:f}")


_RULES: tuple[Callable[[Document], Findings], ...] = (
    _buyer,
    _payment,
    _price_indicator,
    _period,
    _lines,
    _adjustments,
    _reference,
    _pages,
)
