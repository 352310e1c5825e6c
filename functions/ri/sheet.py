"""What stands on the page: every text of the printed representation from its document (Informe Técnico §18). Pure."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from functions.ri.columns import COLUMNS, Column, widths
from shared.ecf import taxes
from shared.ecf.adjustments import settle_adjustments
from shared.ecf.document import Document
from shared.ecf.fields import label
from shared.ecf.ledger import Ledger
from shared.ecf.money import EXACT, ZERO, written
from shared.ecf.tree import Tree, branch, number, rows
from shared.ecf.types import TipoECF

# As they must be printed; the closed list of the format names some of them shorter.
TYPE_NAMES = {
    TipoECF.CREDITO_FISCAL: "Factura de Crédito Fiscal Electrónica",
    TipoECF.CONSUMO: "Factura de Consumo Electrónica",
    TipoECF.NOTA_DEBITO: "Nota de Débito Electrónica",
    TipoECF.NOTA_CREDITO: "Nota de Crédito Electrónica",
    TipoECF.COMPRAS: "Comprobante Electrónico de Compras",
    TipoECF.GASTOS_MENORES: "Comprobante Electrónico para Gastos Menores",
    TipoECF.REGIMENES_ESPECIALES: "Comprobante Electrónico para Regímenes Especiales",
    TipoECF.GUBERNAMENTAL: "Comprobante Electrónico Gubernamental",
    TipoECF.EXPORTACIONES: "Comprobante Electrónico para Exportaciones",
    TipoECF.PAGOS_AL_EXTERIOR: "Comprobante Electrónico para Pagos al Exterior",
}
_EXENTO = "4"
_ITBIS = {"1": Decimal("0.18"), "2": Decimal("0.16")}
_PROPINA, _CDT = "001", "002"
_OTHER_WORDS = {_PROPINA: "Propina Legal", _CDT: "CDT"}


@dataclass(frozen=True)
class Row:
    """One label with its text."""

    label: str
    text: str


@dataclass(frozen=True)
class Part:
    """Lines that belong on one page with the subtotals DGII wants there; without page blocks there is one, without any."""

    lines: list[dict[str, str]]
    subtotals: list[Row]


@dataclass(frozen=True)
class Sheet:
    """`heading` are the issuer's lines below its names, `numbering` what stands under the type at the right; `widths` are
    those of the columns, as CSS lengths."""

    nombre_comercial: str
    razon_social: str
    heading: list[Row]
    tipo: str
    numbering: list[Row]
    buyer: list[Row]
    columns: list[Column]
    widths: list[str]
    crowded: bool
    parts: list[Part]
    totals: list[Row]
    total: Row
    stamp: list[Row]


def compose(document: Document, codigo_seguridad: str) -> Sheet:
    """The page of a complete signed document; values are the texts of its XML, amounts with thousands set apart."""
    with localcontext(EXACT):
        lines = _lines(document)
        unit = " (DOP)" if "otra_moneda" in document.tree else ""
        emisor = branch(document.tree, "emisor")
        columns = [column for column in COLUMNS if not column.optional or any(line[column.key] for line in lines)]
        totals, total = _totals(document, unit), Row(f"Total{unit}", _amount(branch(document.tree, "totales"), "monto_total"))
        shares, crowded = widths(columns, lines, [row.text for row in (*totals, total)])
        return Sheet(
            nombre_comercial=_text(emisor, "nombre_comercial"),
            razon_social=document.razon_social_emisor,
            heading=_heading(emisor),
            tipo=TYPE_NAMES[document.tipo],
            numbering=_numbering(document),
            buyer=_buyer(branch(document.tree, "comprador")),
            columns=columns,
            widths=shares,
            crowded=crowded,
            parts=_parts(document, lines),
            totals=totals,
            total=total,
            stamp=[
                Row("Código de Seguridad", codigo_seguridad),
                Row("Fecha de Firma Digital", document.text("fecha_hora_firma") or ""),
            ],
        )


def grouped(number_text: str) -> str:
    """The digits of the XML with commas between thousands: 1234567.50 → 1,234,567.50. No digit is added or dropped."""
    sign = "-" if number_text.startswith("-") else ""
    whole, point, decimals = number_text.lstrip("+-").partition(".")
    return f"{sign}{int(whole or '0'):,}{point}{decimals}"


def _text(tree: Tree, name: str) -> str:
    found = tree.get(name)
    return found if isinstance(found, str) else ""


def _amount(tree: Tree, name: str) -> str:
    found = _text(tree, name)
    return grouped(found) if found else ""


def _stated(*pairs: tuple[str, str]) -> list[Row]:
    """Only what there is."""
    return [Row(name, text) for name, text in pairs if text]


def _heading(emisor: Tree) -> list[Row]:
    places = [label("municipio", code) for name in ("municipio", "provincia") if (code := _text(emisor, name))]
    return _stated(
        ("Sucursal", _text(emisor, "sucursal")),
        ("RNC", _text(emisor, "rnc_emisor")),
        ("Dirección", ", ".join([_text(emisor, "direccion_emisor"), *dict.fromkeys(places)])),
        ("Fecha Emisión", _text(emisor, "fecha_emision")),
    )


def _numbering(document: Document) -> list[Row]:
    reference = branch(document.tree, "informacion_referencia")
    code = _text(reference, "codigo_modificacion")
    return _stated(
        ("e-NCF", str(document.encf)),
        ("Fecha Vencimiento", document.text("id_doc", "fecha_vencimiento_secuencia") or ""),
        ("NCF Modificado", _text(reference, "ncf_modificado")),
        ("Código de Modificación", label("codigo_modificacion", code) if code else ""),
    )


def _buyer(comprador: Tree) -> list[Row]:
    return _stated(
        ("Razón Social Cliente", _text(comprador, "razon_social_comprador")),
        ("RNC Cliente", _text(comprador, "rnc_comprador")),
        ("Identificador Extranjero", _text(comprador, "identificador_extranjero")),
        ("País", _text(comprador, "pais_comprador")),
    )


def _lines(document: Document) -> list[dict[str, str]]:
    """One dictionary of texts a line, by the keys of COLUMNS; `exento` is the E that stands left of an exempt line."""
    rates = _rates(document)
    divisors = settle_adjustments(dict(document.tree), document.items, Ledger()).divisors
    return [_line(item, rates, divisors) for item in document.items]


def _line(item: Tree, rates: dict[str, Decimal], divisors: dict[str, Decimal]) -> dict[str, str]:
    class_ = _text(item, "indicador_facturacion")
    especifico, advalorem = _isc(item, rates)
    # The ISC of a line is part of what its ITBIS of 18 % is computed on.
    base = (number(item, "monto_item") or ZERO) / divisors.get(class_, Decimal(1))
    itbis = (base + (especifico + advalorem if class_ == "1" else ZERO)) * _ITBIS.get(class_, ZERO)
    unidad, descuento = _text(item, "unidad_medida"), _amount(item, "descuento_monto")
    return {
        "exento": "E" if class_ == _EXENTO else "",
        "cantidad": _amount(item, "cantidad_item"),
        "descripcion": _text(item, "nombre_item"),
        "unidad": label("unidad_medida", unidad) if unidad else "",
        "grados": f"{grados} %" if (grados := _text(item, "grados_alcohol")) else "",
        "pvp": _amount(item, "precio_unitario_referencia"),
        "precio": _amount(item, "precio_unitario_item"),
        "isc_especifico": grouped(written(especifico)) if especifico else "",
        "isc_advalorem": grouped(written(advalorem)) if advalorem else "",
        "itbis": grouped(written(itbis)),
        "descuento": f"-{descuento}" if number(item, "descuento_monto") else "",
        "recargo": _amount(item, "recargo_monto") if number(item, "recargo_monto") else "",
        "valor": _amount(item, "monto_item"),
    }


def _rates(document: Document) -> dict[str, Decimal]:
    """TasaImpuestoAdicional by TipoImpuesto."""
    table = rows(branch(document.tree, "totales"), "impuestos_adicionales")
    return {_text(row, "tipo_impuesto"): number(row, "tasa_impuesto_adicional") or ZERO for row in table}


def _isc(item: Tree, rates: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
    """(specific, ad valorem) of one line: the XML has them per document only, so they are computed as its totals were."""
    especifico, advalorem, codes = ZERO, ZERO, taxes.codes_of(item)
    for code in codes:
        group = taxes.group(code)
        if group in taxes.SPECIFIC:
            especifico += taxes.selective(item, code, rates.get(code, ZERO), ZERO, "", Ledger())
        elif group in taxes.AD_VALOREM:
            paired = taxes.specific_of(code)
            paid = rates.get(paired, ZERO) if paired in codes else ZERO
            advalorem += taxes.selective(item, code, rates.get(code, ZERO), paid, "", Ledger())
    return especifico, advalorem


def _parts(document: Document, lines: list[dict[str, str]]) -> list[Part]:
    """Cut where the document's page blocks say; the last page has the totals instead of subtotals."""
    blocks = rows(document.tree, "paginas")
    if not blocks:
        return [Part(lines, [])]
    cut = [
        Part(lines[int(_text(block, "no_linea_desde") or 1) - 1 : int(_text(block, "no_linea_hasta") or 0)], _subtotals(block))
        for block in blocks
    ]
    return [*cut[:-1], Part(cut[-1].lines, [])]


def _subtotals(block: Tree) -> list[Row]:
    detail = branch(block, "subtotal_impuesto_adicional")
    return _stated(
        ("Subtotal Gravado Página", _amount(block, "subtotal_monto_gravado_pagina")),
        ("Subtotal Exento Página", _amount(block, "subtotal_exento_pagina")),
        ("Subtotal ISC Página", _amount(detail, "subtotal_impuesto_selectivo_consumo_especifico_pagina")),
        ("Subtotal Otros Impuestos Adicionales Página", _amount(detail, "subtotal_otros_impuesto")),
        ("Subtotal Impuesto Adicional Página", _amount(block, "subtotal_impuesto_adicional_pagina")),
        ("Subtotal ITBIS Página", _amount(block, "subtotal_itbis_pagina")),
        ("Monto Total Página", _amount(block, "monto_subtotal_pagina")),
    )


def _totals(document: Document, unit: str) -> list[Row]:
    totales = branch(document.tree, "totales")
    table = rows(totales, "impuestos_adicionales")
    isc = sum((_isc_of(row) for row in table), ZERO)
    others = [
        (_OTHER_WORDS.get(code, label("tipo_impuesto", code)), _amount(row, "otros_impuestos_adicionales"))
        for row in table
        if (code := _text(row, "tipo_impuesto"))
    ]
    found = _stated(
        ("Subtotal Gravado", _amount(totales, "monto_gravado_total")),
        ("Subtotal Exento", _amount(totales, "monto_exento")),
        ("Total ISC", grouped(written(isc)) if isc else ""),
        ("Total ITBIS", _amount(totales, "total_itbis")),
        *others,
    )
    found += [_adjustment(row) for row in rows(document.tree, "descuentos_o_recargos")]
    found += _stated(("Monto No Facturable", _amount(totales, "monto_no_facturable")))
    return [Row(f"{row.label}{unit}", row.text) for row in found] + _abroad(branch(document.tree, "otra_moneda"))


def _isc_of(row: Tree) -> Decimal:
    names = ("monto_impuesto_selectivo_consumo_especifico", "monto_impuesto_selectivo_consumo_advalorem")
    return sum((number(row, name) or ZERO for name in names), ZERO)


def _adjustment(row: Tree) -> Row:
    discount = _text(row, "tipo_ajuste") == "D"
    words = _text(row, "descripcion_descuento_o_recargo") or ("Descuento" if discount else "Recargo")
    percentage = _text(row, "valor_descuento_o_recargo") if _text(row, "tipo_valor") == "%" else ""
    amount = _amount(row, "monto_descuento_o_recargo")
    return Row(f"{words} ({percentage} %)" if percentage else words, f"-{amount}" if discount else amount)


def _abroad(otra_moneda: Tree) -> list[Row]:
    """The total in the other currency, and the rate that leads to it."""
    currency = _text(otra_moneda, "tipo_moneda")
    return _stated(
        (f"Tasa de Cambio {currency}", _amount(otra_moneda, "tipo_cambio")),
        (f"Total ({currency})", _amount(otra_moneda, "monto_total_otra_moneda")),
    )
