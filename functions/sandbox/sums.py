"""Does the document add up? The checks DGII is known to make, computed here from the XML alone, apart from our issuer's code."""

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from functions.sandbox.domain import UMBRAL_RFCE, Facts, Mensaje
from shared.ecf.types import TipoECF

_RATES = {"1": Decimal(18), "2": Decimal(16), "3": Decimal(0)}
_ISC = {f"{code:03d}" for code in range(6, 40)}
_TOTALES = "del área Totales de la sección Encabezado"


def content_messages(root: etree._Element, facts: Facts) -> list[Mensaje]:
    """Everything wrong with the content of a schema-valid document, refusals first."""
    found = [*_buyer(facts), *(_summary(root) if facts.summary else _whole(root))]
    return sorted(found, key=lambda m: not m.refuses)


def _buyer(facts: Facts) -> Iterator[Mensaje]:
    named = facts.rnc_comprador or facts.id_extranjero
    if facts.encf.tipo is TipoECF.CONSUMO and facts.monto_total >= UMBRAL_RFCE and not named:
        yield Mensaje("1381", "El campo RNCComprador del área Comprador de la sección Encabezado es obligatorio")


def _amount(node: etree._Element | None, path: str) -> Decimal:
    text = node.findtext(path) if node is not None else None
    return Decimal(text.strip()) if text and text.strip() else Decimal(0)


def _parts(totals: etree._Element | None) -> Decimal:
    names = ("MontoGravadoTotal", "MontoExento", "TotalITBIS", "MontoImpuestoAdicional")
    return sum((_amount(totals, name) for name in names), Decimal(0))


def _summary(root: etree._Element) -> Iterator[Mensaje]:
    totals = root.find("Encabezado/Totales")
    if abs(_amount(totals, "MontoTotal") - _parts(totals)) > 1:
        text = f"El campo MontoTotal {_TOTALES} no es válido.El elemento MontoTotal no es correcto."
        yield Mensaje("3205", text, refuses=False)


def _whole(root: etree._Element) -> Iterator[Mensaje]:
    totals = root.find("Encabezado/Totales")
    items = root.findall("DetallesItems/Item")
    # Informe Técnico, cuadratura: one peso a line.
    slack = Decimal(max(len(items), 1))
    gross = (root.findtext("Encabezado/IdDoc/IndicadorMontoGravado") or "0").strip() == "1"
    norma_1007 = any(n.text == "1" for n in root.iter("IndicadorNorma1007"))
    yield from _discounts(items)
    for kind, rate in _RATES.items():
        divisor = 1 + rate / 100 if gross and kind != "3" else Decimal(1)
        expected = _lines(items, kind) / divisor + _adjustments(root, kind)
        if expected and (totals is None or totals.find(f"MontoGravadoI{kind}") is None):
            yield Mensaje("1930" if kind == "1" else "0", f"El campo MontoGravadoI{kind} {_TOTALES} no es válido.")
            continue
        stated = _amount(totals, f"MontoGravadoI{kind}")
        # Under Norma 10-07 the base is divided by the telecom taxes too: not recomputed here.
        if abs(stated - expected) > slack and not norma_1007:
            yield Mensaje(
                "1934" if kind == "1" else "0",
                f"El campo MontoGravadoI{kind} {_TOTALES} no coincide con la sumatoria de los valores del detalle gravado "
                f"con tasa {rate}% menos descuentos mas recargos.",
                refuses=False,
            )
        base = stated + (_isc(totals) if kind == "1" else 0)
        if abs(_amount(totals, f"TotalITBIS{kind}") - base * rate / 100) > slack:
            text = f"El campo TotalITBIS{kind} {_TOTALES} no coincide con MontoGravadoI{kind} multiplicado por ITBIS{kind}."
            yield Mensaje("11014" if kind == "1" else "11034", text, refuses=False)
    exempt = _lines(items, "4") + _adjustments(root, "4")
    if abs(_amount(totals, "MontoExento") - exempt) > slack:
        yield Mensaje("1960", f"El campo MontoExento {_TOTALES} no es válido.")
    if abs(_amount(totals, "MontoTotal") - _parts(totals)) > slack:
        yield Mensaje("11105", f"El campo MontoTotal {_TOTALES} no es válido.", refuses=False)
    yield from _period(totals, slack)
    yield from _withheld(root, totals, slack)


def _period(totals: etree._Element | None, slack: Decimal) -> Iterator[Mensaje]:
    stated = totals is not None and totals.find("MontoPeriodo") is not None
    parts = _amount(totals, "MontoTotal") + _amount(totals, "MontoNoFacturable")
    if stated and abs(_amount(totals, "MontoPeriodo") - parts) > slack:
        text = f"El campo MontoPeriodo {_TOTALES} no coincide con MontoTotal + MontoNoFacturable."
        yield Mensaje("11123", text, refuses=False)


def _withheld(root: etree._Element, totals: etree._Element | None, slack: Decimal) -> Iterator[Mensaje]:
    abroad = (root.findtext("Encabezado/IdDoc/TipoeCF") or "").strip() == f"{TipoECF.PAGOS_AL_EXTERIOR:d}"
    lines = sum((_amount(item, "Retencion/MontoISRRetenido") for item in root.iterfind("DetallesItems/Item")), Decimal(0))
    if abroad and abs(_amount(totals, "TotalISRRetencion") - lines) > slack:
        yield Mensaje("11170", f"El campo TotalISRRetencion {_TOTALES} no es válido.")


def _lines(items: list[etree._Element], kind: str) -> Decimal:
    chosen = (i for i in items if (i.findtext("IndicadorFacturacion") or "").strip() == kind)
    return sum((_amount(i, "MontoItem") for i in chosen), Decimal(0))


def _adjustments(root: etree._Element, kind: str) -> Decimal:
    total = Decimal(0)
    for entry in root.findall("DescuentosORecargos/DescuentoORecargo"):
        if (entry.findtext("IndicadorFacturacionDescuentooRecargo") or "").strip() == kind:
            amount = _amount(entry, "MontoDescuentooRecargo")
            total += amount if (entry.findtext("TipoAjuste") or "").strip() == "R" else -amount
    return total


def _isc(totals: etree._Element | None) -> Decimal:
    rows = totals.iterfind("ImpuestosAdicionales/ImpuestoAdicional") if totals is not None else ()
    names = ("MontoImpuestoSelectivoConsumoEspecifico", "MontoImpuestoSelectivoConsumoAdvalorem")
    taxed = [row for row in rows if (row.findtext("TipoImpuesto") or "").strip() in _ISC]
    return sum((_amount(row, name) for row in taxed for name in names), Decimal(0))


def _discounts(items: list[etree._Element]) -> Iterator[Mensaje]:
    for number, item in enumerate(items, start=1):
        for code, field, path in (
            ("2020", "DescuentoMonto", "TablaSubDescuento/SubDescuento/MontoSubDescuento"),
            ("2030", "RecargoMonto", "TablaSubRecargo/SubRecargo/MontoSubRecargo"),
        ):
            parts = sum((Decimal((n.text or "0").strip()) for n in item.iterfind(path)), Decimal(0))
            if abs(_amount(item, field) - parts) > Decimal("0.01"):
                text = f"El campo {field} de la sección DetallesItems de la línea {number} no es válido"
                yield Mensaje(code, text)
