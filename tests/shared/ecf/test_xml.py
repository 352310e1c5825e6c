"""The bytes of a document and the way back."""

import pytest
from lxml import etree

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.encf import ENCF
from shared.ecf.fields import KINDS
from shared.ecf.schema import faults
from shared.ecf.types import TipoECF
from shared.ecf.xml import kind_of, read, write
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, body, line
from tests.shared.ecf.specimen import full

NASTY = "Ñandú & Cía <\"S.R.L.\"> 'x' ]]> 😀"


def numbered(tipo: int = 31, name: str = "Café") -> Document:
    document, _ = compute(parse(body(tipo, line(nombre_item=name)), emisor=EMISOR, today=HOY))
    return document.numbered(ENCF(TipoECF(tipo), 5), vencimiento=VENCIMIENTO, firma=FIRMA)


def test_the_form_of_the_bytes() -> None:
    written = write(numbered())
    assert written.startswith(
        b'<?xml version="1.0" encoding="utf-8"?><ECF><Encabezado><Version>1.0</Version><IdDoc><TipoeCF>31</TipoeCF>'
    )
    assert written.endswith(b"<FechaHoraFirma>24-11-2026 10:00:00</FechaHoraFirma></ECF>")
    assert b"> <" not in written
    assert b"\n" not in written
    assert b"Signature" not in written


def test_reserved_characters_are_references_and_come_back_as_they_were() -> None:
    written = write(numbered(name=NASTY))
    assert "Ñandú &amp; Cía &lt;&quot;S.R.L.&quot;&gt; &apos;x&apos; ]]&gt; 😀".encode() in written
    assert read(etree.fromstring(written)).items[0]["nombre_item"] == NASTY


def test_no_element_is_empty() -> None:
    assert [one.tag for one in etree.fromstring(write(numbered(32))).iter() if len(one) == 0 and not one.text] == []


@pytest.mark.parametrize("tipo", [31, 32])
def test_what_is_written_satisfies_the_schema(tipo: int) -> None:
    assert faults(etree.fromstring(write(numbered(tipo))), str(tipo)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_any_document_is_read_and_written_back_the_same(kind: str) -> None:
    root = full(kind)
    if kind.isdigit():
        root.find("Encabezado/IdDoc/TipoeCF").text = kind  # type: ignore[union-attr]
    document = read(root)
    assert document.kind == kind
    root.remove(root[-1])
    assert etree.tostring(etree.fromstring(write(document))) == etree.tostring(root)


@pytest.mark.parametrize(
    "text",
    [
        "<Otro/>",
        "<ECF/>",
        "<ECF><Encabezado><IdDoc><TipoeCF>99</TipoeCF></IdDoc></Encabezado></ECF>",
        "<Semilla/>",
        '<ECF xmlns="urn:x"/>',
        "<ECF><Encabezado><IdDoc><TipoeCF>RFCE</TipoeCF></IdDoc></Encabezado></ECF>",
        "<RFCE><Ajeno/></RFCE>",
    ],
)
def test_what_the_table_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(etree.fromstring(text))
    assert refused.value.errors[0].code == "ECF-9001"


def test_the_kind_is_that_of_root_and_type() -> None:
    assert kind_of(etree.fromstring(write(numbered(32)))) == "32"
