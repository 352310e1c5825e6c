"""What a tenant gets at the door, read by another reader of PDFs than the linter's."""

import io
import subprocess

import pytest
from pypdf import PdfReader

from shared.db.ids import uuid7
from tests.functions.ri.case import Case, bare, flat
from tests.functions.ri.documents import CODE, xml_31, xml_32
from tests.house import House


def drawn(house: House, xml: bytes) -> PdfReader:
    case = Case(house, uuid7(), uuid7(), xml)
    case.deliver(case.signed())
    case.deliver(case.outcome())
    return PdfReader(io.BytesIO(case.get().content))


PRINTED_31 = [
    "Factura de Crédito Fiscal Electrónica",
    "e-NCF: E310000000004",
    "Fecha Vencimiento: 31-12-2028",
    "Ferretería La Prueba",
    "EMPRESA DE PRUEBA SRL",
    "RNC 131880738",
    "Dirección: Av. Primera 1, Ensanche, Santo Domingo de Guzmán (D. M.), Distrito Nacional",
    "Fecha Emisión: 24-11-2026",
    "Razón Social Cliente: COMPRADOR DE PRUEBA SRL",
    "RNC Cliente: 131880681",
    "Servicio de consultoría",
    "E Libro escolar",
    f"Código de Seguridad: {CODE}",
    "Fecha de Firma Digital: 24-11-2026 10:00:00",
    "Página No. 1 de 1",
]


def test_a_credito_fiscal_shows_all_that_must_be_printed(house: House) -> None:
    reader = drawn(house, xml_31())
    said = flat(reader)
    assert [value for value in PRINTED_31 if bare(value) not in said] == [], said
    assert "Recargo" not in said
    assert reader.metadata is not None
    assert reader.metadata.title == "131880738E310000000004"


ROWS_31 = [
    "12.5 Cemento gris Caja/Cajón 385.7525 858.94 -50.00 4,771.91",
    "2 E Libro escolar 500.00 0.00 1,000.00",
    "Subtotal Gravado 5,771.91",
    "Subtotal Exento 1,000.00",
    "Total ITBIS 1,038.94",
    "Total 7,810.85",
]


@pytest.mark.usefixtures("poppler")
def test_values_stand_in_their_rows(house: House) -> None:
    case = Case(house, uuid7(), uuid7(), xml_31())
    case.accepted()
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=case.get().content, capture_output=True, check=True)
    rows = [bare(row) for row in done.stdout.decode().splitlines()]
    assert [row for row in ROWS_31 if bare(row) not in rows] == [], rows


def test_a_consumo_shows_no_expiry_and_no_column_without_values(house: House) -> None:
    said = flat(drawn(house, xml_32()))
    for value in (
        "Factura de Consumo Electrónica",
        "e-NCF: E320000000004",
        "CONSUMIDOR FINAL",
        "E Libro escolar",
    ):
        assert bare(value) in said, said
    for value in ("Vencimiento", "Unidad de Medida", "Descuento", "Recargo", "PVP", "Grados", "ISC", "RNC Cliente"):
        assert bare(value) not in said, said


def test_heading_and_stamp_stand_on_every_page(house: House) -> None:
    reader = drawn(house, xml_31(lines=60))
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, 1):
        said = bare(page.extract_text())
        for value in ("e-NCF: E310000000004", "RNC 131880738", CODE, f"Página No. {number} de {len(reader.pages)}"):
            assert bare(value) in said, said
    assert ["TotalITBIS" in bare(page.extract_text()) for page in reader.pages] == [False] * (len(reader.pages) - 1) + [True]
