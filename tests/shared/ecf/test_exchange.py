"""A whole document as JSON and back."""

from datetime import datetime

import pytest
from lxml import etree

from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.exchange import Assigned, as_json, build, load, moment, unknown_names
from shared.ecf.fields import KINDS, ROOTS
from shared.ecf.xml import read, write
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, body
from tests.shared.ecf.specimen import full


def refused(given: object, assigned: Assigned = Assigned("E310000000005", "31-12-2028")) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        build(given, emisor=EMISOR, today=HOY, now=FIRMA, assigned=assigned)
    return {(one.code, one.pointer) for one in caught.value.errors}


@pytest.mark.parametrize("kind", list(ROOTS))
def test_every_other_format_is_built_from_what_it_was_read_into(kind: str) -> None:
    document = read(full(kind))
    given = as_json(document)
    assert given["documento"] == kind
    assert build(given, emisor=None, today=HOY, now=FIRMA, assigned=Assigned()) == (document, ())


def test_the_options_win_over_the_json_and_the_json_over_now() -> None:
    whole = {**body(), "fecha_hora_firma": "01-11-2026 09:00:00"}
    whole["id_doc"] = {**whole["id_doc"], "encf": "E310000000001", "fecha_vencimiento_secuencia": "31-12-2027"}
    document, _ = build(whole, emisor=EMISOR, today=HOY, now=FIRMA, assigned=Assigned())
    assert (str(document.encf), document.text("fecha_hora_firma")) == ("E310000000001", "01-11-2026 09:00:00")
    document, _ = build(
        whole, emisor=EMISOR, today=HOY, now=FIRMA, assigned=Assigned("E310000000002", "31-12-2028", "02-11-2026 09:00:00")
    )
    assert (str(document.encf), document.text("fecha_hora_firma")) == ("E310000000002", "02-11-2026 09:00:00")
    document, _ = build(body(), emisor=EMISOR, today=HOY, now=FIRMA, assigned=Assigned("E310000000002", "31-12-2028"))
    assert document.text("fecha_hora_firma") == "24-11-2026 10:00:00"
    assert b"E310000000002" in write(document)


def test_what_cannot_be_a_number_or_a_date_is_named() -> None:
    assert refused(body(), Assigned()) == {("numero", "/id_doc/encf"), ("fecha", "/id_doc/fecha_vencimiento_secuencia")}
    assert refused(body(), Assigned("E32", "31-12-2028")) == {("numero", "/id_doc/encf")}
    assert refused(body(), Assigned("E320000000001", "31-12-2028")) == {("numero", "/id_doc/encf")}
    assert refused(body(), Assigned("E310000000001", "31-02-2028", "ayer")) == {
        ("fecha", "/id_doc/fecha_vencimiento_secuencia"),
        ("fecha", "/fecha_hora_firma"),
    }


@pytest.mark.parametrize("given", [None, [], "x", 1, {}, {"tipo_ecf": 99}, {"tipo_ecf": 31, "emisor": [], "id_doc": 1}])
def test_what_is_no_body_is_refused(given: object) -> None:
    assert refused(given)


@pytest.mark.parametrize("value", ["NADA", "31", None, [], {}, 1])
def test_a_format_nobody_knows_is_refused(value: object) -> None:
    assert refused({"documento": value}) == {("json", "/documento")}


def test_names_and_shapes_that_a_format_does_not_have_are_named() -> None:
    assert unknown_names("ARECF", {"rnc_emisor": "1", "presio": "2"}) == ["/presio"]
    assert unknown_names("ANECF", {"anulaciones": [{"tipo_ecf": {}, "secuencias": [1]}]}) == [
        "/anulaciones/0/tipo_ecf",
        "/anulaciones/0/secuencias/0",
    ]
    assert unknown_names("ARECF", {}) == [""]
    for kind in KINDS:
        assert unknown_names(kind, read(full(kind)).tree if kind in ROOTS else {"version": "1.0"}) == []


@pytest.mark.parametrize("data", [b"\xff", b"{", b"[" * 99_999, b'{"a": 1, "a": 2}', b"NaN", b"-Infinity", b"9" * 5000, b"1 2"])
def test_json_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(data)
    assert [one.code for one in caught.value.errors] == ["json"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert load(b'\xef\xbb\xbf{"a": "1"}') == {"a": "1"}


def test_a_moment_is_read_in_dgiis_form_and_in_the_common_one() -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=SANTO_DOMINGO)
    assert moment("24-11-2026 10:00:00") == moment("2026-11-24T10:00:00") == moment("2026-11-24T14:00:00+00:00") == at
    assert moment("24/11/2026") is moment("") is moment(None) is None


def test_the_type_stands_at_the_top_of_an_e_cf() -> None:
    root = full("31")
    root.find("Encabezado/IdDoc/TipoeCF").text = "31"  # type: ignore[union-attr]
    given = as_json(read(etree.fromstring(etree.tostring(root))))
    assert next(iter(given)) == "tipo_ecf"
    assert "tipo_ecf" not in given["id_doc"]  # type: ignore[operator]
