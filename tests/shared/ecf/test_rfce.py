"""The summary of a consumo: when it travels, what it keeps, how its amounts are written."""

from typing import Any

import pytest
from lxml import etree

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.encf import ENCF
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.schema import faults
from shared.ecf.types import TipoECF
from shared.ecf.xml import write
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, body, line


def consumo(*lines: dict[str, Any], tipo: int = 32, **changes: Any) -> Document:
    document, _ = compute(parse(body(tipo, *lines, **changes), emisor=EMISOR, today=HOY))
    return document.numbered(ENCF(TipoECF(tipo), 7), vencimiento=VENCIMIENTO, firma=FIRMA)


@pytest.mark.parametrize(("price", "travels"), [("249999.99", True), ("250000.00", False), ("250000.01", False)])
def test_only_below_the_limit(price: str, travels: bool) -> None:
    exempt = line(cantidad_item="1", precio_unitario_item=price, indicador_facturacion=4)
    assert travels_as_rfce(consumo(exempt)) is travels


def test_only_a_consumo() -> None:
    document = consumo(tipo=31)
    assert not travels_as_rfce(document)
    with pytest.raises(ValueError):
        summarise(document, "AAAAAA")


def test_it_has_the_totals_without_rates_and_lines() -> None:
    tip = line(impuestos_adicionales=[{"tipo_impuesto": "001"}])
    summary = summarise(consumo(tip, line(indicador_facturacion=0)), "aB/d+1")
    assert summary.tree["totales"] == {
        "monto_gravado_total": "1000.00",
        "monto_gravado_i1": "1000.00",
        "total_itbis": "180.00",
        "total_itbis1": "180.00",
        "monto_impuesto_adicional": "100.00",
        "impuestos_adicionales": [{"tipo_impuesto": "001", "otros_impuestos_adicionales": "100.00"}],
        "monto_total": "1280.00",
        "monto_no_facturable": "1000.00",
    }
    assert summary.codigo_seguridad == "aB/d+1"
    assert summary.items == []
    assert faults(etree.fromstring(write(summary)), "RFCE") == []


def test_amounts_without_two_decimals_get_them() -> None:
    payload = {"totales": {"monto_total": "1180", "total_itbis": "180.0"}}
    summary = summarise(consumo(**payload), "AAAAAA")
    assert (summary.text("totales", "monto_total"), summary.text("totales", "total_itbis")) == ("1180.00", "180.00")


def test_payment_forms_travel_along() -> None:
    id_doc = {
        "tipo_pago": 1,
        "tipo_ingresos": "01",
        "indicador_monto_gravado": 0,
        "formas_pago": [{"forma_pago": 1, "monto_pago": "1180"}],
    }
    summary = summarise(consumo(id_doc=id_doc), "AAAAAA")
    assert summary.tree["id_doc"]["formas_pago"] == [{"forma_pago": "1", "monto_pago": "1180.00"}]  # type: ignore[index,call-overload]
    assert faults(etree.fromstring(write(summary)), "RFCE") == []
