"""Every refusal has Spanish words, every schema fault a place and something to do."""

import ast
import json
import re

import pytest
from lxml import etree

from shared.ecf.codes import table
from shared.ecf.dsig import SignatureRefused
from shared.ecf.explain import Problem, empties, of_reason, of_schema, settle_dates
from shared.ecf.gate import ForeignXmlRefused
from shared.ecf.reasons import REASONS
from shared.ecf.schema import faults
from shared.errors import AppError
from shared.http.problems import problem
from tests.places import ROOT
from tests.shared.ecf.peers import unsigned
from tests.shared.ecf.specimen import spoiled

ECF = ROOT / "shared" / "ecf"


def raised() -> set[str]:
    """Every reason that gate and signature give, read from their source."""
    found: set[str] = set()
    for module in ("gate", "dsig", "signature"):
        for node in ast.walk(ast.parse((ECF / f"{module}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                name, first = node.func.id, node.args[0]
                if name in ("ForeignXmlRefused", "SignatureRefused", "_refuse", "_children", "_algorithm"):
                    found |= {one.value for one in ast.walk(first) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    key = (ECF / "key.py").read_text()
    judged = re.findall(r'"([a-z-]+)"', key[key.index("def weakness_of") :])
    return (
        {reason for reason in found if not reason.endswith("-") and reason}
        | {f"certificate-{one}" for one in judged}
        | {"digest", "value"}
    )


def test_every_reason_has_spanish_words_and_none_has_words_for_nothing() -> None:
    assert raised() == set(REASONS)
    assert all(text.endswith(".") for text in REASONS.values())


@pytest.mark.parametrize("refusal", [ForeignXmlRefused("doctype"), SignatureRefused("digest")], ids=lambda refusal: refusal.slug)
def test_the_door_says_the_reason_in_spanish_and_its_word_for_programs(refusal: AppError) -> None:
    body = json.loads(bytes(problem(refusal).body))
    assert (body["detail"], body["code"]) == (REASONS[body["code"]], refusal.facts["code"])


@pytest.mark.parametrize("refusal", [ForeignXmlRefused("doctype", "<!DOCTYPE"), SignatureRefused("digest")], ids=lambda r: r.slug)
def test_a_refusal_is_told_again_by_another_process_from_its_facts(refusal: AppError) -> None:
    again = type(refusal)(**refusal.facts)
    assert (again.facts, again.slug) == (refusal.facts, refusal.slug)


def test_a_syntax_error_says_where_in_spanish() -> None:
    assert of_reason("xml", "syntax", "mismatched tag: line 3, column 7").detail.endswith("(línea 3, columna 7)")
    assert of_reason("xml", "doctype").code == "xml:doctype"


def problems(text: str) -> list[Problem]:
    root = etree.fromstring(text)
    return of_schema(root, "31", faults(root, "31"))


def changed(pattern: str, new: str) -> str:
    text = unsigned("31").decode().split("?>", 1)[1]
    found = re.sub(pattern, new, text, count=1)
    assert found != text
    return found


@pytest.mark.parametrize(
    ("pattern", "new", "code", "path", "says"),
    [
        ("<TipoPago>.", "<TipoPago>9", "ECF-0206", "/ECF/Encabezado/IdDoc/TipoPago", "«9» no es un código válido"),
        ("<MontoTotal>[^<]*", "<MontoTotal>1.234", "ECF-0207", "/ECF/Encabezado/Totales/MontoTotal", "un monto con punto decimal"),
        ("<NombreItem>[^<]*", "<NombreItem>" + "x" * 300, "ECF-0205", "/ECF/DetallesItems/Item/NombreItem", "hasta 80 caracteres"),
        ("<Totales>", "<Otro>1</Otro><Totales>", "ECF-0101", "/ECF/Encabezado/Otro", "no existe"),
        ("<Item>.*</Item>", "", "ECF-0103", "/ECF/DetallesItems", "Falta «Item»"),
        ("<TipoPago>.*?</TipoPago>", "", "xsd:orden", "/ECF/Encabezado/IdDoc/FechaLimitePago", "se espera «TipoPago»"),
        ("<MontoTotal>", "<MontoTotal a='1'>", "xsd:forma", "/ECF/Encabezado/Totales/MontoTotal", "atributo"),
        ("<Totales>", "<Totales>hola", "xsd:forma", "/ECF/Encabezado/Totales", "texto suelto"),
        ("<NombreItem>[^<]*", "<NombreItem> ", "ECF-0201", "/ECF/DetallesItems/Item/NombreItem", "está vacío"),
    ],
)
def test_a_schema_fault_names_its_place_and_what_to_do(pattern: str, new: str, code: str, path: str, says: str) -> None:
    found = problems(changed(pattern, new))
    if code == "ECF-0201":
        found = [*found, *empties(etree.fromstring(changed(pattern, new)))]
        assert any(one.code in ("ECF-0201", "ECF-0106") and one.pointer == path for one in found)
        return
    (one,) = [one for one in found if one.pointer == path]
    assert one.code == code
    assert says in one.detail


def test_whatever_the_schema_refuses_is_told_in_spanish_with_a_path() -> None:
    english = re.compile(r"\b(Element|value|expected|allowed|facet|element)\b")
    told = 0
    for name, root in spoiled("31", every=3):
        for one in of_schema(root, "31", faults(root, "31")):
            told += 1
            assert one.pointer.startswith("/"), name
            assert not english.search(re.sub("«[^»]*»", "", one.detail)), (name, one.detail)
            assert one.code in table() or one.code.startswith("xsd:"), one
    assert told > 500


def test_days_that_no_calendar_has_are_told_and_short_ones_are_written_out() -> None:
    root = etree.fromstring(changed("<FechaEmision>[^<]*", "<FechaEmision>31-02-2026"))
    assert [(one.code, one.pointer) for one in settle_dates(root, "31")] == [("ECF-0208", "/ECF/Encabezado/Emisor/FechaEmision")]
    root = etree.fromstring(changed("<FechaEmision>[^<]*", "<FechaEmision>1-2-2026"))
    assert list(settle_dates(root, "31")) == []
    assert root.findtext("Encabezado/Emisor/FechaEmision") == "01-02-2026"
