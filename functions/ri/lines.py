"""The lines of a document: what each cell says, and what the line adds to the subtotals of its page. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from functions.ri.words import amount, text
from functions.ri.words import grouped as with_thousands
from shared.ecf import taxes
from shared.ecf.adjustments import settle_adjustments
from shared.ecf.document import Document
from shared.ecf.fields import lists
from shared.ecf.ledger import Ledger
from shared.ecf.money import ZERO, written
from shared.ecf.tree import Tree, branch, number, rows

EXENTO, NO_FACTURABLE = "4", "0"
_ITBIS = {"1": Decimal("0.18"), "2": Decimal("0.16")}
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Sums:
    """What lines come to, exact and without global adjustments."""

    gravado: Decimal = ZERO
    exento: Decimal = ZERO
    isc: Decimal = ZERO
    otros: Decimal = ZERO
    itbis: Decimal = ZERO

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def total(self) -> Decimal:
        return self.gravado + self.exento + self.isc + self.otros + self.itbis


@dataclass(frozen=True)
class Line:
    """`cells` by the keys of COLUMNS, and `exento`, the E that stands left of an exempt line; an empty cell says nothing."""

    cells: dict[str, str]
    sums: Sums


def lines_of(document: Document) -> list[Line]:
    """Every line in its order. Call inside the exact decimal context."""
    header = rows(branch(document.tree, "totales"), "impuestos_adicionales")
    rates = {text(row, "tipo_impuesto"): number(row, "tasa_impuesto_adicional") or ZERO for row in header}
    divisors = settle_adjustments(dict(document.tree), document.items, Ledger()).divisors
    return [_line(item, rates, divisors) for item in document.items]


def _line(item: Tree, rates: dict[str, Decimal], divisors: dict[str, Decimal]) -> Line:
    class_ = text(item, "indicador_facturacion")
    especifico, advalorem, otros = _additional(item, rates, divisors)
    # The ISC of a line is part of what its ITBIS of 18 % is computed on.
    base = (number(item, "monto_item") or ZERO) / divisors.get(class_, Decimal(1))
    isc = especifico + advalorem
    itbis = (base + (isc if class_ == "1" else ZERO)) * _ITBIS.get(class_, ZERO)
    descuento, abroad = amount(item, "descuento_monto"), branch(item, "otra_moneda_detalle")
    unidad = lists()["unidad_medida"].get(text(item, "unidad_medida"), ("", ""))
    cells = {
        "exento": "E" if class_ == EXENTO else "",
        "cantidad": amount(item, "cantidad_item"),
        "descripcion": text(item, "nombre_item"),
        "unidad": unidad[0],
        "unidad_corta": unidad[1] or unidad[0],
        "grados": f"{grados} %" if (grados := text(item, "grados_alcohol")) else "",
        "pvp": amount(item, "precio_unitario_referencia"),
        "precio": amount(item, "precio_unitario_item"),
        "isc_especifico": with_thousands(written(especifico)) if especifico else "",
        "isc_advalorem": with_thousands(written(advalorem)) if advalorem else "",
        "itbis": with_thousands(written(itbis)),
        "descuento": f"-{descuento}" if number(item, "descuento_monto") else "",
        "recargo": amount(item, "recargo_monto") if number(item, "recargo_monto") else "",
        "valor": amount(item, "monto_item"),
        "valor_otra_moneda": amount(abroad, "monto_item_otra_moneda"),
    }
    exento, gravado = (base, ZERO) if class_ == EXENTO else (ZERO, ZERO if class_ == NO_FACTURABLE else base)
    return Line(cells, Sums(gravado, exento, isc, otros, itbis))


def _additional(item: Tree, rates: dict[str, Decimal], divisors: dict[str, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """(specific ISC, ad valorem ISC, others) of one line: the XML has them per document only, so they are computed as its
    totals were."""
    especifico, advalorem, otros, codes = ZERO, ZERO, ZERO, taxes.codes_of(item)
    for code in codes:
        group, rate = taxes.group(code), rates.get(code, ZERO)
        if group in taxes.SPECIFIC:
            especifico += taxes.selective(item, code, rate, ZERO, "", Ledger())
        elif group in taxes.AD_VALOREM:
            paired = taxes.specific_of(code)
            paid = rates.get(paired, ZERO) if paired in codes else ZERO
            advalorem += taxes.selective(item, code, rate, paid, "", Ledger())
        else:
            base = (number(item, "monto_item") or ZERO) / divisors.get(text(item, "indicador_facturacion"), Decimal(1))
            otros += base * rate / _HUNDRED
    return especifico, advalorem, otros
