"""No body, however hostile, gets anything out of the intake but a refusal that can be sent."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.document import parse
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, HOY, changed, refusals

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", "1.00", "01", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_PATHS = [
    "/id_doc",
    "/emisor",
    "/comprador",
    "/items",
    "/items/0",
    "/totales",
    "/descuentos_o_recargos",
    "/items/0/sub_descuentos",
    "/otra_moneda",
    "/paginas",
]
_PATHS += [
    "/items/0/cantidad_item",
    "/id_doc/tipo_pago",
    "/items/0/impuestos_adicionales",
    "/emisor/telefonos_emisor",
    "/informacion_referencia",
]


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(_PATHS), held=_JSON)
def test_no_shape_of_json_causes_anything_but_a_refusal(path: str, held: object) -> None:
    for code in refusals(changed(path, held)).values():
        assert code.startswith("ECF-")


def _nested(depth: int, wrap: Callable[[object], object]) -> object:
    found: object = "x"
    for _ in range(depth):
        found = wrap(found)
    return found


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"items": inner}, lambda inner: {"x": inner}])
@pytest.mark.parametrize("path", _PATHS)
def test_depth_does_not_matter(path: str, wrap: Callable[[object], object]) -> None:
    assert refusals(changed(path, _nested(20_000, wrap))) != {}


def test_refusals_can_be_sent_as_utf_8() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(changed("/items/0", {"\udcff": "\ud800", "nombre_item": "\ud800"}), emisor=EMISOR, today=HOY)
    json.dumps([(one.pointer, one.detail) for one in refused.value.errors], ensure_ascii=False).encode()
