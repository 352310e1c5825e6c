"""How values are worded on the page: labels with their texts, amounts with thousands set apart, legends. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.ecf.tree import Tree
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


class Modalidad(StrEnum):
    """How a document was issued when not in the usual way; each may be handed out before acceptance.

    `dgii_caida` is contingency because DGII itself is down, for which no legend is prescribed.
    """

    CONTINGENCIA = "contingencia"
    DGII_CAIDA = "dgii_caida"
    ENVIO_DIFERIDO = "envio_diferido"


# DGII's words, to the letter (models of the printed representation; contingency guide).
LEGENDS = {
    Modalidad.CONTINGENCIA: (
        "e-CF emitido en modalidad de Contingencia, el cual podrá ser consultado para su validez fiscal, "
        "a partir de las setenta y dos (72) horas."
    ),
    Modalidad.DGII_CAIDA: "",
    Modalidad.ENVIO_DIFERIDO: (
        "e-CF emitido en modalidad Envío Diferido, podrá ser consultado para su validez fiscal, "
        "a partir de las veinticuatro (24) horas."
    ),
}


@dataclass(frozen=True)
class Row:
    """One label with its text."""

    label: str
    text: str


def grouped(number_text: str) -> str:
    """The digits of the XML with commas between thousands: 1234567.50 → 1,234,567.50. No digit is added or dropped."""
    sign = "-" if number_text.startswith("-") else ""
    whole, point, decimals = number_text.lstrip("+-").partition(".")
    return f"{sign}{int(whole or '0'):,}{point}{decimals}"


def text(tree: Tree, name: str) -> str:
    found = tree.get(name)
    return found if isinstance(found, str) else ""


def amount(tree: Tree, name: str) -> str:
    """The amount as printed; empty when it is not there."""
    found = text(tree, name)
    return grouped(found) if found else ""


def stated(*pairs: tuple[str, str]) -> list[Row]:
    """Only what there is."""
    return [Row(label, said) for label, said in pairs if said]
