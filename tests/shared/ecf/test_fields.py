"""The table of fields: it is whole, says nothing twice, and names things by the rule of the glossary."""

import csv
import re
import unicodedata
from pathlib import Path

import pytest

from shared.ecf import fields
from shared.ecf.fields import KINDS, Node, every_name, label, lists, model, places, types

FOLDER = Path(fields.__file__).parent


def nodes(node: Node) -> list[Node]:
    return [one for child in node.children for one in (child, *nodes(child))]


def table() -> list[dict[str, str]]:
    with (FOLDER / "fields.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_element_has_one_row() -> None:
    paths = [row["path"] for row in table()]
    assert len(paths) == len(set(paths))


def test_a_row_stands_after_its_parent() -> None:
    seen = {""}
    for row in table():
        assert row["path"].rpartition("/")[0] in seen
        seen.add(row["path"])


def test_every_type_and_list_is_used_and_every_name_is_known() -> None:
    used = {one.type.name for kind in KINDS for one in nodes(model(kind)) if one.type}
    assert used == set(types())
    sources = {type_.list for type_ in types().values() if type_.list and not type_.list.startswith("=")}
    assert sources == set(lists())


def test_names_are_snake_case_without_accents() -> None:
    for name in every_name():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), name
        assert unicodedata.normalize("NFD", name) == name


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_members_of_a_group_share_a_name(kind: str) -> None:
    for node in (model(kind), *nodes(model(kind))):
        inlined = [one for child in node.children for one in ([child.json] if child.json else list(child.members))]
        assert len(inlined) == len(set(inlined)) == len(node.members)


@pytest.mark.parametrize("kind", KINDS)
def test_what_falls_away_has_children_and_what_has_none_has_a_type(kind: str) -> None:
    for node in nodes(model(kind)):
        assert bool(node.children) == (node.type is None)
        assert node.json or node.children


def test_wrappers_fall_away_and_repeated_elements_are_lists() -> None:
    members = model("31").members
    assert {"items", "descuentos_o_recargos", "id_doc", "totales", "informacion_referencia"} <= set(members)
    assert members["items"].repeats
    assert members["id_doc"].members["formas_pago"].repeats
    assert members["emisor"].members["telefonos_emisor"].repeats
    assert "encabezado" not in every_name()


def test_a_type_of_document_has_only_its_own_fields() -> None:
    assert "fecha_vencimiento_secuencia" not in model("32").members["id_doc"].members
    assert "identificador_extranjero" not in model("31").members["comprador"].members
    assert set(model("RFCE").members) == {"version", "id_doc", "emisor", "comprador", "totales", "codigo_seguridad_ecf"}


def test_every_value_that_callers_may_send_is_described_in_words() -> None:
    for type_ in types().values():
        assert not type_.accepts or type_.says, type_.name


def test_words_for_codes() -> None:
    assert label("tipo_ecf", "31") == "Factura de Crédito Fiscal Electrónica"
    assert label("municipio", "010100") == "Santo Domingo de Guzmán"
    assert label("tipo_pago", "x") == "x"
    assert len(lists()["municipio"]) == 582
    assert len(lists()["unidad_medida"]) == 62


def test_places_for_humans() -> None:
    assert places("31")["tipo_pago"] == "id_doc.tipo_pago"
    assert places("31")["cantidad_item"] == "items[].cantidad_item"
