"""Every field of every type against what INP-04 and INP-05 list, and every name misspelt where it stands."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from shared.ecf.document import parse
from shared.ecf.fields import Node, model
from shared.ecf.types import TipoECF
from shared.ecf.values import value
from shared.errors import FieldError, InvalidInput
from tests.shared.ecf.any_body import any_body
from tests.shared.ecf.bodies import EMISOR, HOY

NO_NUMBERS = [
    "1e400",
    "NaN",
    "Infinity",
    "-0",
    "-0.00",
    "0.1+0.2",
    "9" * 40,
    "1_000",
    "１２",
    "١٢",
    "0x10",
    "1,000.00",
    " 1 ",
    "1\n",
    "+1",
    "",
    " ",
    "1.",
    ".5",
    "1e3",
    "01.5",
    True,
    False,
    None,
    1.5,
    float("inf"),
    [],
    {},
    ["1"],
    {"a": "1"},
    10**30,
]
NO_TEXTS = [
    *(f"a{chr(code)}b" for code in (0, 1, 8, 11, 12, 14, 31, 127, 0x80, 0x9F)),
    *(f"a{char}b" for char in "\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\u200b\u200d\ufffe\uffff\ufdd0\ud800\udfff\ufffd"),
    "",
    "   ",
    "\n",
    None,
    True,
    [],
    {},
]
FINE_TEXTS = ["]]>", "<!--", "&amp; & <b>", "😀", "e" + "\u0301" * 3, "'\"", "Ñandú"]


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    for name, child in node.members.items():
        if child.type is not None:
            yield f"{path}/{name}", child
        yield from leaves(child, f"{path}/{name}")


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_no_number_in_any_other_form_is_taken_by_any_field(tipo: TipoECF) -> None:
    taken = []
    for path, node in leaves(model(f"{tipo:d}")):
        assert node.type is not None
        if node.type.kind in ("decimal", "integer", "code", "date"):
            taken += [
                (path, held)
                for held in NO_NUMBERS
                if held not in tuple(node.type.known) and not isinstance(value(node.type, held, node.json, path), FieldError)
            ]
    assert taken == []


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_no_text_that_xml_or_a_reader_cannot_bear_is_taken_by_any_field(tipo: TipoECF) -> None:
    taken, free = [], 0
    for path, node in leaves(model(f"{tipo:d}")):
        assert node.type is not None
        if node.type.kind == "text":
            taken += [(path, held) for held in NO_TEXTS if not isinstance(value(node.type, held, node.json, path), FieldError)]
            if node.type.accepts is None and (node.type.longest or 0) >= 20:
                free += 1
                assert all(not isinstance(value(node.type, held, node.json, path), FieldError) for held in FINE_TEXTS), path
    assert taken == []
    assert free > 5


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_money_is_never_a_json_number(tipo: TipoECF) -> None:
    for path, node in leaves(model(f"{tipo:d}")):
        if node.type is not None and node.type.kind == "decimal":
            refused = value(node.type, 5, node.json, path)
            assert isinstance(refused, FieldError)
            assert refused.code == "ECF-0111"


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_a_name_misspelt_at_any_depth_is_refused_with_the_name_that_was_meant(tipo: TipoECF) -> None:
    body = any_body(f"{tipo:d}", random.Random(1), 1.0)
    seen = 0
    for holder, path in _groups(body, ""):
        name = next((one for one in holder if len(one) > 8 and not isinstance(holder[one], (dict, list))), None)
        if name is None:
            continue
        holder[wrong := name[:4] + name[5:]] = holder.pop(name)
        with pytest.raises(InvalidInput) as refused:
            parse(body, emisor=EMISOR, today=HOY)
        holder[name] = holder.pop(wrong)
        (found,) = [one for one in refused.value.errors if one.pointer == f"{path}/{wrong}"]
        assert found.code == "ECF-0101"
        assert "¿Quiso decir «" in found.detail, path
        seen += 1
    assert seen >= 10


def _groups(held: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(held, dict):
        yield held, path
        for name in list(held):
            yield from _groups(held[name], f"{path}/{name}")
    elif isinstance(held, list):
        for index, row in enumerate(held[:1]):
            yield from _groups(row, f"{path}/{index}")
