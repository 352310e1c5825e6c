"""The address of the QR, parameter by parameter."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.ecf.document import Document
from shared.ecf.qr import address
from shared.ecf.rfce import summarise
from shared.ecf.types import Environment
from tests.shared.ecf.bodies import line
from tests.shared.ecf.test_rfce import consumo


def big(**buyer: Any) -> Document:
    return consumo(line(precio_unitario_item="200000.00"), comprador={"razon_social_comprador": "X", **buyer})


def test_a_credito_fiscal() -> None:
    assert address(Environment.ECF, consumo(tipo=31), "aB/d+=") == (
        "https://ecf.dgii.gov.do/ecf/ConsultaTimbre?RncEmisor=131880738&RncComprador=131880681&ENCF=E310000000007"
        "&FechaEmision=24-11-2026&MontoTotal=1180.00&FechaFirma=24-11-2026%2010:00:00&CodigoSeguridad=aB%2Fd%2B%3D"
    )


def test_a_consumo_below_the_limit_and_its_summary_have_the_short_address() -> None:
    document = consumo()
    expected = "https://fc.dgii.gov.do/testecf/ConsultaTimbreFC?RncEmisor=131880738&ENCF=E320000000007&MontoTotal=1180.00&CodigoSeguridad=aB%2FdE1"
    assert address(Environment.TESTECF, document, "aB/dE1") == expected
    assert address(Environment.TESTECF, summarise(document, "aB/dE1"), "aB/dE1") == expected


def test_a_buyer_without_rnc_is_left_out() -> None:
    assert "RncComprador" not in address(Environment.ECF, big(identificador_extranjero="X1"), "AAAAAA")
    assert "RncComprador=131880681" in address(Environment.ECF, big(rnc_comprador="131880681"), "AAAAAA")


@pytest.mark.parametrize("environment", list(Environment))
def test_what_a_reader_decodes_is_what_the_xml_says(environment: Environment) -> None:
    parts = urlsplit(address(environment, big(), "a+b/c="))
    assert parts.path == f"/{environment}/ConsultaTimbre"
    held = parse_qs(parts.query, strict_parsing=True)
    assert (held["FechaFirma"], held["CodigoSeguridad"]) == (["24-11-2026 10:00:00"], ["a+b/c="])
