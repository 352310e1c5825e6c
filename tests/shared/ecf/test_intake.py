"""What the door of an emission takes and refuses: one row a mistake, with its pointer and its public code."""

import pytest

from shared.ecf.document import parse
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, HOY, body, changed, line, refusals


def test_the_good_bodies_are_taken() -> None:
    assert refusals(body(31)) == {}
    assert refusals(body(32)) == {}


@pytest.mark.parametrize(
    "number", ["12345678", "1234567890", "123456789012", "13188068A", "131-88068", " 131880681", "13188068१", "１31880681"]
)
def test_an_rnc_of_wrong_length_or_characters_is_refused(number: str) -> None:
    assert refusals(changed("/comprador/rnc_comprador", number)) == {"/comprador/rnc_comprador": "ECF-0211"}


@pytest.mark.parametrize(
    "tipo",
    [
        30,
        99,
        "E31",
        "",
        "31 ",
        True,
        31.0,
        [],
        {},
        pytest.param("3" * 5000, id="long"),
        pytest.param(10**5000, id="huge"),
        float("inf"),
    ],
)
def test_an_unknown_type_is_refused(tipo: object) -> None:
    assert refusals({**body(), "tipo_ecf": tipo}) == {"/tipo_ecf": "ECF-0003"}


def test_a_missing_type_is_refused() -> None:
    assert refusals({"items": []}) == {"/tipo_ecf": "ECF-0002"}


def test_a_credito_fiscal_needs_its_buyer() -> None:
    without = body(31)
    del without["comprador"]
    assert refusals(without) == {"/comprador": "ECF-0103"}
    assert refusals(changed("/comprador", {"razon_social_comprador": "X"})) == {"/comprador/rnc_comprador": "ECF-0103"}


def test_a_consumo_without_buyer_is_anonymous() -> None:
    without = body(32)
    del without["comprador"]
    assert parse(without, emisor=EMISOR, today=HOY).razon_social_comprador == "CONSUMIDOR FINAL"


@pytest.mark.parametrize("held", [500, 500.0, 1e400, 0])
@pytest.mark.parametrize("name", ["precio_unitario_item", "cantidad_item", "monto_item"])
def test_money_and_quantities_are_never_json_numbers(name: str, held: float) -> None:
    assert refusals(changed(f"/items/0/{name}", held)) == {f"/items/0/{name}": "ECF-0111"}


@pytest.mark.parametrize(
    "held",
    [
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
        "1e3",
        "+1",
        "01",
        "1.",
        ".5",
        "1.00001",
        "1\n",
        "-1",
    ],
)
def test_numbers_in_any_other_form_are_refused(held: str) -> None:
    assert list(refusals(changed("/items/0/precio_unitario_item", held)).values()) == ["ECF-0207"]


@pytest.mark.parametrize(
    ("held", "code"), [("", "ECF-0201"), ("   ", "ECF-0201"), ("\n", "ECF-0201"), (None, "ECF-0109"), (True, "ECF-0112")]
)
@pytest.mark.parametrize("path", ["/items/0/nombre_item", "/comprador/razon_social_comprador", "/items/0/cantidad_item"])
def test_empty_values_are_refused(path: str, held: object, code: str) -> None:
    assert refusals(changed(path, held)) == {path: code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "ECF-0202"),
        ("a\x07b", "ECF-0202"),
        ("a\tb", "ECF-0202"),
        ("a\x85b", "ECF-0202"),
        ("a\ud800b", "ECF-0202"),
        ("a\ufffeb", "ECF-0202"),
        ("a\u202eb", "ECF-0203"),
        ("a\u2028b", "ECF-0203"),
        ("a\u200bb", "ECF-0203"),
        ("\ufeffab", "ECF-0203"),
        ("CafÃ©", "ECF-0204"),
        ("Ñandú CafÃ©", "ECF-0204"),
        ("â€œcomillas", "ECF-0204"),
        ("ðŸ˜€", "ECF-0204"),
        ("NÂ°5", "ECF-0204"),
        ("Caf\ufffd", "ECF-0204"),
        ("x" * 81, "ECF-0205"),
        ("a" + "\u0316" * 10_000, "ECF-0205"),
    ],
)
def test_text_that_cannot_go_on_a_fiscal_document_is_refused(text: str, code: str) -> None:
    assert refusals(changed("/items/0/nombre_item", text)) == {"/items/0/nombre_item": code}


@pytest.mark.parametrize("text", ["Ñandú & Cía <S.R.L.>", "]]>", "<!-- -->", "'\"", "☕ 2 × 1", "😀", "ÃO LTDA", "Â"])
def test_any_other_text_is_taken_as_it_is(text: str) -> None:
    assert parse(changed("/items/0/nombre_item", text), emisor=EMISOR, today=HOY).items[0]["nombre_item"] == text


def test_text_is_composed_and_line_ends_are_line_feeds() -> None:
    document = parse(changed("/items/0/descripcion_item", "Cafe\u0301\r\nmolido\rfino"), emisor=EMISOR, today=HOY)
    assert document.items[0]["descripcion_item"] == "Café\nmolido\nfino"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/items/0/nombre", "nombre_item"),
        ("/items/0/indicador_bieno_servicio", "indicador_bien_o_servicio"),
        ("/items/0/monto_itm", "monto_item"),
        ("/comprador/razonSocialComprador", "razon_social_comprador"),
        ("/comprador/RNCComprador", "rnc_comprador"),
        ("/total", "totales"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_name(path: str, meant: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(changed(path, "5.00"), emisor=EMISOR, today=HOY)
    (fault,) = refused.value.errors
    assert (fault.pointer, fault.code) == (path, "ECF-0101")
    assert f"«{meant}»" in fault.detail


def test_an_unknown_field_that_resembles_nothing_has_no_suggestion() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(changed("/zzz", "5.00"), emisor=EMISOR, today=HOY)
    assert "¿Quiso decir" not in refused.value.errors[0].detail


def test_a_field_in_the_wrong_place_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(changed("/tipo_pago", 1), emisor=EMISOR, today=HOY)
    (fault,) = refused.value.errors
    assert fault.code == "ECF-0102"
    assert "id_doc.tipo_pago" in fault.detail


def test_a_field_of_another_type_is_refused() -> None:
    assert refusals(changed("/comprador/identificador_extranjero", "X1")) == {"/comprador/identificador_extranjero": "ECF-0102"}


@pytest.mark.parametrize("path", ["/id_doc/encf", "/id_doc/fecha_vencimiento_secuencia", "/fecha_hora_firma", "/version"])
def test_what_we_assign_is_not_taken_from_the_caller(path: str) -> None:
    assert refusals(changed(path, "x")) == {path: "ECF-0108"}


def test_pointers_are_escaped_and_printable() -> None:
    assert list(refusals(changed("/items/0", {**line(), "a/b~c\ud800": 1}))) == ["/items/0/a~1b~0c·"]


def test_every_fault_is_reported_at_once() -> None:
    payload = body(31, line(cantidad_item=2, nombre_item=""), line(indicador_facturacion=9))
    payload["id_doc"]["tipo_pago"] = 7
    assert refusals(payload) == {
        "/id_doc/tipo_pago": "ECF-0206",
        "/items/0/cantidad_item": "ECF-0111",
        "/items/0/nombre_item": "ECF-0201",
        "/items/1/indicador_facturacion": "ECF-0206",
    }


def test_a_flood_of_faults_is_cut_and_says_so() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(body(31, *[line(nombre_item="", cantidad_item=1)] * 1000), emisor=EMISOR, today=HOY)
    assert len(refused.value.errors) == 501
    assert refused.value.errors[-1].code == "ECF-0005"


@pytest.mark.parametrize(
    ("path", "held", "code"),
    [
        ("/items", {}, "ECF-0105"),
        ("/items", [], "ECF-0106"),
        ("/items", None, "ECF-0109"),
        ("/items", [[]], "ECF-0104"),
        ("/items", [None], "ECF-0109"),
        ("/items", [{}], "ECF-0106"),
        ("/items", [line()] * 1001, "ECF-0107"),
        ("/id_doc", [], "ECF-0104"),
        ("/emisor", "x", "ECF-0104"),
        ("/comprador", {}, "ECF-0106"),
        ("/items/0/nombre_item", ["x"], "ECF-0110"),
        ("/items/0/nombre_item", 5, "ECF-0113"),
        ("/id_doc/tipo_pago", 1.0, "ECF-0113"),
        ("/id_doc/tipo_pago", 10**30, "ECF-0206"),
        ("/id_doc/formas_pago", [{"forma_pago": 1, "monto_pago": "1.00"}] * 8, "ECF-0107"),
        ("/emisor/telefonos_emisor", ["8095550101"], "ECF-0207"),
        ("/emisor/rnc_emisor", "131880681", "ECF-0114"),
        ("/emisor/municipio", "999999", "ECF-0206"),
        ("/id_doc/tipo_ecf", 32, "ECF-0115"),
        ("/emisor/fecha_emision", "31-02-2026", "ECF-0208"),
        ("/emisor/fecha_emision", "1-1-2026", "ECF-0208"),
        ("/emisor/fecha_emision", "31-12-1899", "ECF-0208"),
        ("/emisor/fecha_emision", "2100-01-01", "ECF-0208"),
        ("/items/0/cantidad_item", "0", "ECF-0209"),
        ("/id_doc/total_paginas", 1, "ECF-0209"),
    ],
)
def test_shapes_and_values_that_do_not_fit_are_refused(path: str, held: object, code: str) -> None:
    assert code in refusals(changed(path, held)).values()


@pytest.mark.parametrize("payload", [None, [], "x", 5, True, float("nan")])
def test_a_body_that_is_no_object_is_refused(payload: object) -> None:
    assert refusals(payload) == {"": "ECF-0001"}
