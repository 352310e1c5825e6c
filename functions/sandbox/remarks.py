"""What DGII's server insists on although its schemas do not, decided from one document alone."""

from collections.abc import Iterator
from datetime import timedelta

from lxml import etree

from functions.sandbox.domain import Facts, Mensaje, fiscal_date
from shared.ecf.rnc import plausible
from shared.ecf.types import TipoECF

_ID_DOC = "del área IdDoc de la sección Encabezado no es válido"
_COMPRADOR = "del área Comprador de la sección Encabezado no es válido"
_TAXED = {"1", "2"}
_TELL_WHETHER_TAX_IS_IN = {
    TipoECF.CREDITO_FISCAL,
    TipoECF.CONSUMO,
    TipoECF.NOTA_DEBITO,
    TipoECF.NOTA_CREDITO,
    TipoECF.COMPRAS,
    TipoECF.GUBERNAMENTAL,
}
_ALCOHOL = {f"{code:03d}" for code in range(6, 19)}
_BULK = "18"
_DAYS_OF_ITBIS = timedelta(days=30)


def annulling_debit(root: etree._Element) -> Iterator[Mensaje]:
    """Only a 34 may annul: a 33 that would is refused without a word, and its number stays free."""
    if _text(root, "Encabezado/IdDoc/TipoeCF") == "33" and _text(root, "InformacionReferencia/CodigoModificacion") == "1":
        yield Mensaje("64", "", spends=False)


def remarks(root: etree._Element, facts: Facts) -> Iterator[Mensaje]:
    """Of an e-CF or RFCE that its schema allows."""
    if facts.rnc_comprador and not plausible(facts.rnc_comprador):
        # There is no registry here: a wrong check digit is the one sign of a number that nobody has.
        yield Mensaje("1385", f"El campo RNCComprador {_COMPRADOR}.", refuses=False)
    if facts.summary:
        return
    yield from _header(root, facts)
    yield from _reference(root, facts)
    for number, item in enumerate(root.iterfind("DetallesItems/Item"), start=1):
        yield from _line(item, number, facts.encf.tipo)


def _header(root: etree._Element, facts: Facts) -> Iterator[Mensaje]:
    tipo = facts.encf.tipo
    taxed = any(_text(item, "IndicadorFacturacion") in _TAXED for item in root.iterfind("DetallesItems/Item"))
    if taxed and tipo in _TELL_WHETHER_TAX_IS_IN and not _text(root, "Encabezado/IdDoc/IndicadorMontoGravado"):
        yield Mensaje("176", f"El campo IndicadorMontoGravado {_ID_DOC}")
    limit = _text(root, "Encabezado/IdDoc/FechaLimitePago")
    if _text(root, "Encabezado/IdDoc/TipoPago") == "2" and (not limit or fiscal_date(limit) < fiscal_date(facts.fecha_emision)):
        yield Mensaje("1100", f"El campo FechaLimitePago {_ID_DOC}")
    if tipo is TipoECF.NOTA_CREDITO and not _text(root, "Encabezado/IdDoc/TipoIngresos"):
        yield Mensaje("181", f"El campo TipoIngresos {_ID_DOC}")
    if tipo is TipoECF.NOTA_CREDITO and not _text(root, "Encabezado/Comprador/RazonSocialComprador"):
        yield Mensaje("1406", f"El campo RazonSocialComprador {_COMPRADOR}.")


def _reference(root: etree._Element, facts: Facts) -> Iterator[Mensaje]:
    code = _text(root, "InformacionReferencia/CodigoModificacion")
    electronic = facts.ncf_modificado.startswith("E")
    turned = facts.encf.tipo is TipoECF.CREDITO_FISCAL and not facts.ncf_modificado.startswith("E32")
    if electronic and (code == "4" or turned):
        yield Mensaje("613", "Los comprobantes electrónicos no pueden reemplazarse entre ellos mismos.")
    if facts.encf.tipo is TipoECF.NOTA_CREDITO and facts.fecha_ncf_modificado:
        age = fiscal_date(facts.fecha_emision) - fiscal_date(facts.fecha_ncf_modificado)
        if _text(root, "Encabezado/IdDoc/IndicadorNotaCredito") != ("1" if age > _DAYS_OF_ITBIS else "0"):
            yield Mensaje("156", f"El campo IndicadorNotaCredito {_ID_DOC}")


def _line(item: etree._Element, number: int, tipo: TipoECF) -> Iterator[Mensaje]:
    wrong = []
    withholds = _text(item, "Retencion/IndicadorAgenteRetencionoPercepcion") == "1"
    if tipo is TipoECF.COMPRAS and withholds and not _text(item, "Retencion/MontoITBISRetenido"):
        wrong.append(("260", "MontoITBISRetenido"))
    if tipo is TipoECF.PAGOS_AL_EXTERIOR and _text(item, "IndicadorBienoServicio") != "2":
        wrong.append(("294", "IndicadorBienoServicio"))
    codes = {(code.text or "").strip() for code in item.iterfind("TablaImpuestoAdicional/ImpuestoAdicional/TipoImpuesto")}
    if codes & _ALCOHOL and _text(item, "UnidadMedida") != _BULK and item.find("TablaSubcantidad") is None:
        wrong.append(("2150", "TablaSubcantidad"))
    for code, field in wrong:
        yield Mensaje(code, f"El campo {field} de la sección DetallesItems de la línea {number} no es válido")


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path) or "").strip()
