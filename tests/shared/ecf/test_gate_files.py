"""XML-01, XML-04 and XML-05 where files are concerned: nothing is opened, whatever a document names; nothing empty is written."""

from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from shared.ecf.fields import KINDS
from shared.ecf.schema import faults
from shared.ecf.xml import read, write
from tests.shared.ecf.hostile import REFUSED
from tests.shared.ecf.peers import ROOTS, refusal, signed, unsigned
from tests.shared.ecf.specimen import full
from tests.shared.ecf.watched import watch

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def test_XML_01_a_refused_document_opens_nothing_and_costs_little(tmp_path: Path) -> None:
    files = {tmp_path / f"{number}.xml": case for number, case in enumerate(REFUSED)}
    for path, case in files.items():
        text = REFUSED[case][0]
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    seen = watch(list(files), tmp_path)
    verdicts = {case: seen.verdicts[str(path)] for path, case in files.items()}
    # Their limits follow the root here, and a byte order mark is taken from what is verified.
    assert [case for case, verdict in verdicts.items() if verdict is None] == []
    assert seen.opened == []
    assert seen.control, "the watchers saw nothing at all, so they prove nothing"
    dear = {case: seen.cpu_seconds[str(path)] for path, case in files.items() if case.startswith("XML-01")}
    assert max(dear.values()) <= 0.01, dear


@pytest.mark.parametrize("kind", KINDS)
def test_XML_04_nothing_we_write_is_empty(kind: str) -> None:
    root = full(kind)
    if kind.isdigit():
        root.find("Encabezado/IdDoc/TipoeCF").text = kind  # type: ignore[union-attr]
    written = etree.fromstring(write(read(root)))
    assert len(list(written.iter())) > 2
    assert [element.tag for element in written.iter() if not len(element) and not (element.text or "").strip()] == []


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("blank", [b"", b" ", b"\n", b"&#32;", b"&#9;"])
def test_XML_04_an_empty_or_blank_element_of_a_stranger_is_refused(blank: bytes, kind: str) -> None:
    root = etree.fromstring(unsigned(kind))
    leaf = next(element for element in root.iter() if not len(element))
    xml = signed(kind).replace(f">{leaf.text}</{leaf.tag}>".encode(), b">" + blank + f"</{leaf.tag}>".encode(), 1)
    assert refusal(xml) == "empty-element"


@pytest.mark.parametrize("kind", KINDS)
def test_XML_05_every_type_has_a_document_the_schema_takes_and_one_it_refuses(kind: str) -> None:
    root = full(kind)
    if kind.isdigit():
        root.find("Encabezado/IdDoc/TipoeCF").text = kind  # type: ignore[union-attr]
    spoilt = deepcopy(root)
    spoilt.insert(0, etree.Element("Ajeno"))
    assert faults(root, kind) == []
    assert faults(spoilt, kind) != []


def test_XML_05_a_schema_named_by_the_document_is_never_loaded(tmp_path: Path) -> None:
    """A schema of the sender's own that would allow what ours refuses."""
    lax = tmp_path / "lax.xsd"
    lax.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="ECF"/><xs:element name="Otro"/></xs:schema>'
    )
    files = []
    for number, hint in enumerate([str(lax), f"file://{lax}", "lax.xsd", f"http://127.0.0.1:9/{lax.name}"]):
        for place in ("ECF", "Encabezado", "Ajeno"):
            named = f'{place} {XSI} xsi:noNamespaceSchemaLocation="{hint}" xsi:schemaLocation="urn:a {hint}"'
            text = signed("31").decode().replace("<ECF>", "<ECF><Ajeno>1</Ajeno>", 1).replace(f"<{place}>", f"<{named}>", 1)
            files.append(tmp_path / f"{number}-{place}.xml")
            files[-1].write_text(text)
            root = etree.fromstring(text.encode())
            assert faults(root, "31") != []
    seen = watch(files, tmp_path)
    assert seen.opened == []
    assert seen.control


def test_XML_05_a_document_cannot_choose_the_type_of_a_value() -> None:
    root = full("31")
    named = etree.fromstring(
        etree.tostring(root).replace(b"<MontoTotal>5.00", f'<MontoTotal {XSI} xsi:type="xs:string">x'.encode())
    )
    assert faults(named, "31") != []
