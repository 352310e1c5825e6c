"""Every printed value is compared with the signed document, and hostile words stay words."""

import re
from dataclasses import replace

import pytest

from functions.ri.layout import Paper
from functions.ri.linter import faults
from shared.ecf.fields import Node, model
from shared.ecf.tree import Tree, Value
from tests.functions.ri.documents import BOXES, BUYER, LINE, document_xml, every_type
from tests.functions.ri.prints import asked, drawn

EVERY = every_type()


def printed_paths(node: Node, tree: Tree, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where a document has a value that DGII wants printed (codes I and P of the table of fields)."""
    found: list[tuple[str | int, ...]] = []
    for name, held in tree.items():
        child = node.members[name]
        branches: list[tuple[tuple[str | int, ...], Value]] = [((*path, name), held)]
        if isinstance(held, list):
            branches = [((*path, name, n), each) for n, each in enumerate(held)]
        for where, each in branches:
            if isinstance(each, dict):
                found += printed_paths(child, each, where)
            elif child.printed in ("I", "P") and name not in SHOWN_IN_PARTS:
                found.append(where)
    return found


SHOWN_IN_PARTS = {"monto_impuesto_adicional"}
"""DGII's layout prints it as Total ISC, CDT, tip and the like."""
# Words whose printing says the code: another code says another word. TipoValor shows as the sign % beside the percentage.
OTHER_CODE = {
    "tipo_ecf": "45", "municipio": "320000", "provincia": "320000", "unidad_medida": "43", "codigo_modificacion": "1",
    "indicador_facturacion": "4", "tipo_valor": "$", "encf": "E310000000005",
}  # fmt: skip


def altered(name: str, said: str) -> str:
    if name in OTHER_CODE:
        return OTHER_CODE[name] if said != OTHER_CODE[name] else "1"
    last = re.search(r"[0-9A-Za-z](?=[^0-9A-Za-z]*$)", said)
    assert last
    return said[: last.start()] + ("7" if last[0] != "7" else "3") + said[last.end() :]


def with_value(tree: Value, path: tuple[str | int, ...], said: str) -> Value:
    if not path:
        return said
    here = path[0]
    if isinstance(tree, list) and isinstance(here, int):
        return [with_value(each, path[1:], said) if n == here else each for n, each in enumerate(tree)]
    assert isinstance(tree, dict)
    assert isinstance(here, str)
    return {name: with_value(held, path[1:], said) if name == here else held for name, held in tree.items()}


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("name", ["31", "31-beer", "33", "46", "47"])
def test_any_printed_value_that_differs_from_the_signed_document_is_found_out(name: str, paper: Paper) -> None:
    """Each value with a print code is changed in the document, one at a time; the print of the unchanged one must not pass."""
    wanted = asked(EVERY[name], paper)
    pdf, passed = drawn(EVERY[name], paper), []
    paths = printed_paths(model(wanted.document.kind), wanted.document.tree)
    assert len(paths) > 12
    for path in paths:
        said: Value = wanted.document.tree
        for step in path:
            said = said[step]  # type: ignore[index,call-overload]
        assert isinstance(said, str)
        tree = with_value(wanted.document.tree, path, altered(str(path[-1]), said))
        assert isinstance(tree, dict)
        try:
            other = replace(wanted, document=replace(wanted.document, tree=tree))
            if not faults(pdf, other):
                passed.append(path)
        except (KeyError, LookupError):  # a code without meaning cannot even be worded
            continue
    assert passed == []


HOSTILE = [
    "#panic() #read(\"/etc/passwd\") $x^2$ *b* _i_ @ref <lbl> \\ `raw` = h",
    "<b>negrita</b><script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE invoices;-- {{7*7}} ${7*7} %s%n ../../etc/passwd =1+1|cmd",
    "W" * 80,
    "aaaaaaaaaaaaaaaaaaaa " + "b" * 40,
    "مرحبا بالعالم 123",
    "שלום עולם",
    "田中さんにあげて下さい",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "ﬁ ﬂ ½ Ⅷ ffi fl",
    "Ω≈ç√∫˜µ≤≥÷ ٠١٢٣",
    "Cantidad Descripción",
    "E Total 1.00 Página No. 1 de 1",
    "1,000.00 500.00 180.00",
]  # fmt: skip


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_printed_as_words_and_stay_in_their_place(said: str, paper: Paper) -> None:
    buyer = BUYER | {"razon_social_comprador": said}
    issuer = {"razon_social_emisor": said, "nombre_comercial": said, "direccion_emisor": said}
    xml = document_xml(31, [LINE | {"nombre_item": said}, BOXES], buyer, issuer=issuer)
    assert faults(drawn(xml, paper), asked(xml, paper)) == []
