"""The generated schema: it compiles, takes what is right, names what is wrong, and agrees with DGII's own."""

import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from shared.ecf import schema
from shared.ecf.fields import KINDS, model
from shared.ecf.schema import SchemaBroken, SchemaMissing, faults, identity, ready, xsd
from shared.ecf.values import value
from tests.data.schemas import folder_of
from tests.shared.ecf.effort import tries
from tests.shared.ecf.sheet import DGII, MISSING
from tests.shared.ecf.specimen import SIGNATURE, full, mutated, places, spoiled, texts

OFFICIAL = DGII / "xsd-libxml2"
# libxml2 lets 19 and more characters through where DGII wrote `{11}|{9}`; said as `{9}({2})?` it reads the same rule rightly.
MISREAD = re.compile(r"(RNC\w+|RncEmisor|eNCF) = '[0-9A-Z]{19,}'")
# 31 and the small ones at every element, the rest (the same rows again) at every fifth, to spare the clock.
EVERY = {"31": 1, "32": 2, "RFCE": 1, "ARECF": 1, "ACECF": 1, "ANECF": 1, "Semilla": 1}


def official(kind: str) -> etree.XMLSchema:
    name = f"e-CF-{kind}" if kind.isdigit() else {"RFCE": "RFCE-32"}.get(kind, kind)
    return etree.XMLSchema(etree.parse(str(OFFICIAL / f"{name}.xsd")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_with_every_element_is_accepted(kind: str) -> None:
    root = full(kind)
    if kind.isdigit():
        # Both are in the specimen; the schema does not mind.
        root.find("Encabezado/IdDoc/TipoeCF").text = kind  # type: ignore[union-attr]
    assert faults(root, kind) == []


@pytest.mark.parametrize("kind", ["31", "32", "RFCE"])
def test_an_unsigned_document_is_checked_as_if_signed_and_left_alone(kind: str) -> None:
    root = full(kind)
    root.remove(root[-1])
    assert faults(root, kind) == []
    assert root.find(SIGNATURE) is None


def test_a_fault_says_where_it_is() -> None:
    root = full("31")
    root.find("Encabezado/Totales/MontoTotal").text = "mucho"  # type: ignore[union-attr]
    (first, *_) = faults(root, "31")
    assert first.path.endswith("/MontoTotal")
    assert "MontoTotal" in first.detail


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("DetallesItems/Item/NombreItem", "ñ" * 80, "ñ" * 81),
        ("DetallesItems/Item/DescripcionItem", "x", ""),
        ("DetallesItems/Item/PrecioUnitarioItem", "9999999999999999.9999", "1.00001"),
        ("DetallesItems/Item/CantidadItem", "0.01", "0.00"),
        ("DetallesItems/Item/NumeroLinea", "1000", "1001"),
        ("DetallesItems/Item/IndicadorFacturacion", "4", "5"),
        ("Encabezado/IdDoc/TotalPaginas", "2", "1"),
        ("Encabezado/Emisor/RNCEmisor", "00199999996", "0019999999"),
        ("Encabezado/Totales/SaldoAnterior", "-5.00", "-5.001"),
        ("Encabezado/Totales/MontoTotal", "0.00", "-0.01"),
        ("Encabezado/OtraMoneda/TipoMoneda", "USD", "DOP"),
    ],
)
def test_values_at_and_over_a_boundary(path: str, good: str, bad: str) -> None:
    root = full("31")
    for text, accepted in ((good, True), (bad, False)):
        root.find(path).text = text  # type: ignore[union-attr]
        assert (faults(root, "31") == []) is accepted


@pytest.mark.parametrize("kind", ["31", "32"])
def test_what_the_intake_takes_for_a_field_the_schema_takes_too(kind: str) -> None:
    root = full(kind)
    compiled = etree.XMLSchema(etree.fromstring(xsd(kind)))
    taken = 0
    for node, path in places(kind):
        if node.type is None or node.origin == "us":
            continue
        (element,) = root.findall(path)
        kept = element.text
        for text in texts(node.type):
            read = value(node.type, text, node.json, "")
            if isinstance(read, str):
                taken += 1
                element.text = read
                assert compiled.validate(root), (path, text)
        element.text = kept
    assert taken > 1000


def test_a_document_of_another_kind_is_refused() -> None:
    assert faults(full("RFCE"), "31") != []


@pytest.mark.parametrize("kind", KINDS)
def test_every_element_of_the_table_is_in_the_schema(kind: str) -> None:
    text = xsd(kind)
    assert f'<xs:element name="{model(kind).element}">' in text
    assert all(f'name="{child.element}"' in text for child in model(kind).children)


@pytest.mark.skipif(not OFFICIAL.exists(), reason=MISSING)
@pytest.mark.parametrize("kind", KINDS)
def test_our_schema_and_dgiis_give_the_same_verdict_on_every_mutation(kind: str) -> None:
    theirs = official(kind)
    ours = etree.XMLSchema(etree.fromstring(xsd(kind)))
    verdicts = {True: 0, False: 0}
    for change, root in spoiled(kind, EVERY.get(kind, 5)):
        expected = theirs.validate(root)
        if MISREAD.search(change):
            assert not ours.validate(root), change
            continue
        assert ours.validate(root) == expected, change
        verdicts[expected] += 1
    assert verdicts[True] > 0
    assert verdicts[False] > 50 or kind == "Semilla"


@pytest.mark.skipif(not OFFICIAL.exists(), reason=MISSING)
@pytest.mark.parametrize("kind", KINDS)
def test_our_schema_and_dgiis_give_the_same_verdict_on_random_mutations(kind: str) -> None:
    theirs = official(kind)
    ours = etree.XMLSchema(etree.fromstring(xsd(kind)))
    verdicts = {True: 0, False: 0}
    for change, root in mutated(kind, 20261124, tries(120, 5500)):
        if MISREAD.search(change):
            continue
        expected = theirs.validate(root)
        assert ours.validate(root) == expected, change
        verdicts[expected] += 1
    assert min(verdicts.values()) > tries(10, 500)
    print(kind, verdicts)  # noqa: T201


@pytest.mark.skipif(not OFFICIAL.exists(), reason=MISSING)
@pytest.mark.parametrize(
    ("facet", "other"), [('value="150"', 'value="151"'), ('minOccurs="0"', ""), ('value="BRL"', 'value="BRX"')]
)
def test_the_comparison_sees_a_schema_that_differs_in_one_place(facet: str, other: str) -> None:
    theirs = official("32")
    ours = etree.XMLSchema(etree.fromstring(xsd("32").replace(facet, other, 1)))
    mutations = (pair for some in (spoiled("32"), mutated("32", 1, 300)) for pair in some)
    assert any(ours.validate(root) != theirs.validate(root) for change, root in mutations if not MISREAD.search(change))


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_known_by_version_and_hash(kind: str) -> None:
    known = identity(kind)
    assert known == ("1.0", hashlib.sha256(xsd(kind).encode()).hexdigest())
    assert len({identity(one).sha256 for one in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", ["33", "34"])
def test_letters_stand_in_responsable_pago_of_a_note_as_dgiis_server_reads_its_pattern(kind: str) -> None:
    root = full(kind)
    element = root.find("Encabezado/Comprador/ResponsablePago")
    assert element is not None
    for text, taken in (("Juan Pérez", True), ("^Juan$", False), ("Juan 2", False)):
        element.text = text
        assert (faults(root, kind) == []) is taken, text


@pytest.mark.skipif(not OFFICIAL.exists(), reason=MISSING)
@pytest.mark.parametrize("name", ["xsd", "xsd-libxml2"])
@pytest.mark.parametrize("kind", KINDS)
def test_dgiis_own_schemas_are_loaded_from_a_folder(kind: str, name: str) -> None:
    folder = DGII / name
    root = full(kind)
    if kind.isdigit():
        root.find("Encabezado/IdDoc/TipoeCF").text = kind  # type: ignore[union-attr]
    assert faults(root, kind, folder) == []
    (first, *_) = [element for element in root.iter() if element.text]
    first.text = "x" * 400
    assert (faults(root, kind, folder) == []) is (faults(root, kind) == [])
    assert identity(kind, folder).version == "1.0"
    assert identity(kind, folder).sha256 != identity(kind).sha256


def test_a_folder_without_a_schema_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "e-CF 31 v.1.0.xsd").write_text(xsd("31"), encoding="utf-8")
    with pytest.raises(SchemaMissing, match="0 schemas for 32"):
        ready(tmp_path)


def test_a_folder_with_two_schemas_of_a_kind_is_refused_too(tmp_path: Path) -> None:
    for name in ("e-CF 31 v.1.0.xsd", "e-CF-31.xsd"):
        (tmp_path / name).write_text(xsd("31"), encoding="utf-8")
    with pytest.raises(SchemaMissing, match="2 schemas for 31"):
        ready(tmp_path)


@pytest.mark.parametrize("text", ["<xs:schema", "<a/>"])
def test_a_folder_with_a_file_that_is_no_schema_is_refused_by_its_kind(tmp_path: Path, text: str) -> None:
    (folder_of(tmp_path) / "ecf44.xsd").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaBroken, match=f"the schema for 44 in {tmp_path}: "):
        ready(tmp_path)


def test_a_whole_folder_is_ready_and_no_folder_is_too(tmp_path: Path) -> None:
    assert ready(folder_of(tmp_path)) == tmp_path
    assert ready(None) is None


def test_the_version_is_the_one_that_the_schema_itself_takes(tmp_path: Path) -> None:
    (tmp_path / "e-CF 31 v.1.1.xsd").write_text(xsd("31").replace('"1.0"', '"1.1"'), encoding="utf-8")
    assert identity("31", tmp_path).version == "1.1"
    root = full("31")
    assert faults(root, "31", tmp_path) != []
    root.find("Encabezado/Version").text = "1.1"  # type: ignore[union-attr]
    assert faults(root, "31", tmp_path) == []


@pytest.mark.skipif(not OFFICIAL.exists(), reason=MISSING)
@pytest.mark.parametrize(("kind", "path", "high"), [("31", "DetallesItems/Item", 1000), ("33", "DetallesItems/Item", 10000)])
def test_the_most_lines_are_dgiis(kind: str, path: str, high: int) -> None:
    root = full(kind)
    # The one value on which libxml2 and DGII's server differ.
    buyer = root.find("Encabezado/Comprador")
    buyer.remove(buyer.find("ResponsablePago"))  # type: ignore[union-attr, arg-type]
    element = root.find(path)
    assert element is not None
    text = etree.tostring(element)
    parent = element.getparent()
    assert parent is not None
    for _ in range(high - 1):
        parent.append(etree.fromstring(text))
    assert official(kind).validate(root)
    assert faults(root, kind) == []
    parent.append(etree.fromstring(text))
    assert not official(kind).validate(root)
    assert faults(root, kind) != []


def test_schemas_are_compiled_one_at_a_time_however_many_threads_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0

    def compile_slowly(*arguments: object) -> object:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.01)
        inside -= 1
        return original(*arguments)  # type: ignore[arg-type]

    original = etree.XMLSchema
    schema._compiled.cache_clear()
    monkeypatch.setattr(schema.etree, "XMLSchema", compile_slowly)
    with ThreadPoolExecutor(8) as threads:
        assert all(found == [] for found in threads.map(lambda kind: faults(full(kind), kind), ("RFCE", "ARECF", "ACECF", "ANECF")))
    assert most == 1


def test_no_thread_loses_its_faults_to_another() -> None:
    wrong = full("RFCE")
    wrong.find("Encabezado/Totales/MontoTotal").text = "mucho"  # type: ignore[union-attr]
    roots = [wrong if n % 2 else full("RFCE") for n in range(400)]
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda root: len(faults(root, "RFCE")), roots))
    assert [count > 0 for count in counts] == [bool(n % 2) for n in range(400)]
