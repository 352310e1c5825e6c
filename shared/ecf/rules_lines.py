"""What the lines and the global adjustments may be in each type (format.md §7, §8, §10 to §12)."""

from collections.abc import Iterator
from decimal import Decimal

from shared.ecf import taxes
from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding
from shared.ecf.tree import Tree, branch, number, rows

Findings = Iterator[Finding]
# IndicadorFacturacion of types that do not take every class.
_CLASSES = {"43": ("4",), "44": ("4",), "47": ("4",), "46": ("3",)}
_WITHHELD = ("monto_itbis_retenido", "monto_isr_retenido")
_SERVICE = "2"
_TABLES = (("sub_descuentos", "sub_descuento", "ECF-1077"), ("sub_recargos", "sub_recargo", "ECF-1078"))


def _lines(document: Document) -> Findings:
    allowed = _CLASSES.get(document.kind)
    for index, line in enumerate(document.items):
        pointer = f"/items/{index}"
        if line.get("numero_linea") != str(index + 1):
            yield finding("ECF-1041", f"{pointer}/numero_linea", expected=index + 1)
        if allowed and line.get("indicador_facturacion") not in allowed:
            yield finding("ECF-1042", f"{pointer}/indicador_facturacion", kind=document.kind, allowed=" o ".join(allowed))
        if document.kind == "47" and line.get("indicador_bien_o_servicio") != _SERVICE:
            yield finding("ECF-1043", f"{pointer}/indicador_bien_o_servicio")
        if "retencion" in line:
            yield from _withholding(document.kind, line, pointer)
        if "impuestos_adicionales" in line:
            yield from _line_taxes(document, index)
        for table, stem, code in _TABLES:
            for position, entry in enumerate(rows(line, table)):
                if entry.get(f"tipo_{stem}") == "%" and f"{stem}_porcentaje" not in entry:
                    yield finding(code, f"{pointer}/{table}/{position}/{stem}_porcentaje", name=f"{stem}_porcentaje")


def _withholding(kind: str, line: Tree, pointer: str) -> Findings:
    withheld = branch(line, "retencion")
    agent = withheld.get("indicador_agente_retencion_o_percepcion")
    if agent is None:
        yield finding("ECF-1066", f"{pointer}/retencion/indicador_agente_retencion_o_percepcion")
    elif agent == "2":
        yield finding("ECF-1070", f"{pointer}/retencion/indicador_agente_retencion_o_percepcion")
    if kind == "41":
        if agent == "1" and "monto_itbis_retenido" not in withheld:
            yield finding("ECF-1068", f"{pointer}/retencion/monto_itbis_retenido")
        if line.get("indicador_bien_o_servicio") == _SERVICE and "monto_isr_retenido" not in withheld:
            yield finding("ECF-1069", f"{pointer}/retencion/monto_isr_retenido")
    # The line in full: a tax of more than what is bought is a slip, whatever the rate.
    most = number(line, "monto_item") or Decimal(0)
    for name in _WITHHELD:
        amount = number(withheld, name)
        if amount is not None and amount > most:
            yield finding("ECF-2141", f"{pointer}/retencion/{name}", name=name, observed=f"{amount:f}", expected=f"{most:f}")


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
        if entry.get("tipo_valor") == "%" and "valor_descuento_o_recargo" not in entry:
            yield finding("ECF-1079", f"{pointer}/valor_descuento_o_recargo")


RULES = (_lines, _adjustments)
