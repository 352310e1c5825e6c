"""The door of emission on a real database with a real signer behind it."""

import re
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.ecf.signature import verify
from shared.identity.permissions import Permission
from tests.functions.billing.bodies import CONSUMO, FACTURA, altered
from tests.house import House


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return house.company()


def test_a_document_is_numbered_signed_and_answered_at_once(house: House, tenant: str) -> None:
    answer = house.emit(tenant, FACTURA)
    body = answer.json()
    assert answer.status_code == 201, answer.text
    assert body["estado"] == "firmado"
    assert re.fullmatch(r"E31[0-9]{10}", body["encf"])
    assert body["monto_total"] == "1180.00"
    assert len(body["codigo_seguridad"]) == 6
    assert body["qr_url"].startswith("https://ecf.dgii.gov.do/testecf/ConsultaTimbre?")
    assert answer.headers["location"] == f"/tenant/invoices/{body['id']}"


def test_the_signed_bytes_verify_and_carry_what_was_answered(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    xml = house.client("billing").get(f"/tenant/invoices/{made['id']}/xml", headers=house.token(tenant))
    verified = verify(xml.content, at=None)
    assert verified.codigo_seguridad == made["codigo_seguridad"]
    assert verified.root.findtext("Encabezado/IdDoc/eNCF") == made["encf"]
    assert verified.root.findtext("Encabezado/Totales/MontoTotal") == made["monto_total"]
    assert xml.headers["content-disposition"] == f'attachment; filename="{made["rnc_emisor"]}{made["encf"]}.xml"'


def test_a_small_consumo_gets_its_summary_with_the_code_of_the_whole(house: House, tenant: str) -> None:
    made = house.emit(tenant, CONSUMO).json()
    rfce = house.client("billing").get(f"/tenant/invoices/{made['id']}/rfce", headers=house.token(tenant))
    verified = verify(rfce.content, at=None)
    assert verified.root.tag == "RFCE"
    assert verified.root.findtext("Encabezado/CodigoSeguridadeCF") == made["codigo_seguridad"]


def test_a_large_document_has_no_summary(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    path = f"/tenant/invoices/{made['id']}/rfce"
    assert house.client("billing").get(path, headers=house.token(tenant)).status_code == 404


def test_the_same_key_with_the_same_body_answers_the_same_document(house: House, tenant: str) -> None:
    key = uuid7()
    first, again = house.emit(tenant, FACTURA, key=key), house.emit(tenant, dict(reversed(FACTURA.items())), key=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


def test_the_same_key_with_another_body_is_refused(house: House, tenant: str) -> None:
    key = uuid7()
    house.emit(tenant, FACTURA, key=key)
    answer = house.emit(tenant, CONSUMO, key=key)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:getupnet:idempotency-key-reused")


def test_another_companys_key_is_another_key(house: House, tenant: str) -> None:
    key, other = uuid7(), house.company()
    assert house.emit(tenant, FACTURA, key=key).json()["id"] != house.emit(other, CONSUMO, key=key).json()["id"]


def test_a_missing_key_is_refused(house: House, tenant: str) -> None:
    answer = house.client("billing").post("/tenant/emit/ecf", json=FACTURA, headers=house.token(tenant))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:getupnet:idempotency-key-missing")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("RNC of ten digits", altered(FACTURA, "/comprador/rnc_comprador", "1318806810"), "/comprador/rnc_comprador"),
    ("RNC with letters", altered(FACTURA, "/comprador/rnc_comprador", "13188O681"), "/comprador/rnc_comprador"),
    ("RNC in other digits", altered(FACTURA, "/comprador/rnc_comprador", "١٣١٨٨٠٦٨١"), "/comprador/rnc_comprador"),
    ("unknown type", altered(FACTURA, "/tipo_ecf", 39), "/tipo_ecf"),
    ("no buyer", altered(FACTURA, "/comprador", ...), "/comprador"),
    ("buyer without RNC", altered(FACTURA, "/comprador/rnc_comprador", ...), "/comprador/rnc_comprador"),
    ("money as a number", altered(FACTURA, "/items/0/precio_unitario_item", 500.0), "/items/0/precio_unitario_item"),
    ("money with a thousands mark", altered(FACTURA, "/items/0/precio_unitario_item", "1,500.00"), "/items/0/precio_unitario_item"),
    ("empty string", altered(FACTURA, "/items/0/nombre_item", ""), "/items/0/nombre_item"),
    ("control character", altered(FACTURA, "/items/0/nombre_item", "A\u0007B"), "/items/0/nombre_item"),
    ("NUL", altered(FACTURA, "/items/0/nombre_item", "A\u0000B"), "/items/0/nombre_item"),
    ("unknown field", altered(FACTURA, "/items/0/nombre_itm", "x"), "/items/0/nombre_itm"),
    ("exempt total beyond tolerance", altered(CONSUMO, "/totales", {"monto_exento": "900.00"}), "/totales/monto_exento"),
    ("number of our own", altered(FACTURA, "/id_doc/encf", "E310000000001"), "/id_doc/encf"),
    ("other issuer", altered(FACTURA, "/emisor", {"rnc_emisor": "131880738"}), "/emisor/rnc_emisor"),
    ("no lines", altered(FACTURA, "/items", []), "/items"),
]


@pytest.mark.parametrize(("what", "body", "pointer"), REFUSED, ids=[what for what, _, _ in REFUSED])
def test_bad_input_is_named_by_pointer_code_and_spanish_words(
    house: House, tenant: str, what: str, body: dict[str, Any], pointer: str
) -> None:
    before = _numbers(house, tenant)
    answer = house.emit(tenant, body)
    problem = answer.json()
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = {error["pointer"]: error for error in problem["errors"]}
    assert pointer in found, found
    assert re.fullmatch(r"ECF-[0-9]{4}", found[pointer]["code"])
    assert len(found[pointer]["detail"]) > 15
    assert _numbers(house, tenant) == before, "a refused request must not number anything"


def test_an_unknown_field_is_answered_with_the_nearest_known_name(house: House, tenant: str) -> None:
    answer = house.emit(tenant, altered(FACTURA, "/items/0/nombre_itm", "x"))
    assert "nombre_item" in answer.json()["errors"][0]["detail"]


def test_every_fault_is_told_at_once(house: House, tenant: str) -> None:
    body = altered(altered(FACTURA, "/items/0/nombre_item", ""), "/comprador/rnc_comprador", "1")
    assert len(house.emit(tenant, body).json()["errors"]) == 2


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'{"a": NaN}', 400), (b'{"a":1,"a":2}', 422), (b"[]", 422), (b"\xff", 400)]
)
def test_a_body_that_is_not_a_json_object_is_refused(house: House, tenant: str, body: bytes, status: int) -> None:
    headers = house.token(tenant) | {"Idempotency-Key": uuid7()}
    answer = house.client("billing").post("/tenant/emit/ecf", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_failed_check_digit_of_the_buyer_is_a_warning(house: House, tenant: str) -> None:
    answer = house.emit(tenant, altered(FACTURA, "/comprador/rnc_comprador", "131880600"))
    assert answer.status_code == 201, answer.text
    warned = [a for a in answer.json()["avisos"] if a["pointer"] == "/comprador/rnc_comprador"]
    assert warned
    assert warned[0]["verdict"] == "aviso"


def difference(told: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (one for one in told if one["pointer"] == "/totales/monto_total")
    return {name: found.get(name) for name in ("verdict", "expected", "observed", "tolerance") if name in found}


def test_what_dgii_accepts_conditionally_is_emitted_and_told(house: House, tenant: str) -> None:
    answer = house.emit(tenant, altered(FACTURA, "/totales", {"monto_total": "1190.00"}))
    assert answer.status_code == 201, answer.text
    assert answer.json()["monto_total"] == "1190.00"
    told = {"verdict": "aceptado_condicional", "expected": "1180.00", "observed": "1190.00", "tolerance": "1.00"}
    assert difference(answer.json()["avisos"]) == told
    shown = house.client("billing").get(answer.headers["location"], headers=house.token(tenant)).json()
    assert difference(shown["avisos"]) == told, "it is kept with the invoice"


def test_who_asks_for_strict_handling_is_refused_what_dgii_accepts_conditionally(house: House, tenant: str) -> None:
    answer = house.emit(tenant, altered(FACTURA, "/totales", {"monto_total": "1190.00"}), Prefer="handling=strict")
    assert answer.status_code == 422
    assert difference(answer.json()["errors"]) == {"expected": "1180.00", "observed": "1190.00", "tolerance": "1.00"}


def test_a_total_within_tolerance_stands_and_is_listed_with_its_difference(house: House, tenant: str) -> None:
    answer = house.emit(tenant, altered(FACTURA, "/totales", {"monto_total": "1180.50"}))
    assert (answer.status_code, answer.json()["monto_total"]) == (201, "1180.50")
    told = {"verdict": "aviso", "expected": "1180.00", "observed": "1180.50", "tolerance": "1.00"}
    assert difference(answer.json()["avisos"]) == told


def test_an_exhausted_range_is_a_conflict(house: House) -> None:
    tenant = house.company(ranges=False)
    house.register_range(tenant, 32, 7, 7)
    house.settle()
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000007"
    answer = house.emit(tenant, CONSUMO)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:sequence-exhausted")


@pytest.mark.parametrize(("tipo", "body"), [(31, FACTURA), (32, CONSUMO)])
def test_an_expired_range_is_a_conflict_also_where_the_document_does_not_say_when(
    house: House, tipo: int, body: dict[str, object]
) -> None:
    tenant = house.company(ranges=False)
    house.register_range(tenant, tipo, 1, 9)
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE billing.sequences SET vencimiento = '2020-12-31'")
    answer = house.emit(tenant, body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:sequence-expired")


def test_a_missing_range_is_a_conflict(house: House) -> None:
    answer = house.emit(house.company(ranges=False), FACTURA)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:sequence-missing")


def test_a_missing_certificate_is_a_conflict_and_numbers_nothing(house: House) -> None:
    tenant = house.company(certificate=False)
    before = _numbers(house, tenant)
    answer = house.emit(tenant, FACTURA)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:certificate-missing")
    assert _numbers(house, tenant) == before


def test_ranges_may_not_overlap(house: House) -> None:
    tenant = house.company()
    answer = house.register_range(tenant, 31, 1000, 2000)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:sequence-overlaps")


@pytest.mark.parametrize(
    ("tipo", "desde", "hasta", "expiry", "pointer"),
    [
        (31, 9, 1, "2028-12-31", "/hasta"),
        (31, 1, 9, None, "/vencimiento"),
        (32, 1, 9, None, "/vencimiento"),
        (34, 1, 9, "2020-12-31", "/vencimiento"),
        (31, 1, 9, "2028-02-30", "/vencimiento"),
        (31, 1, 9, "2020-12-31", "/vencimiento"),
        (42, 1, 9, "2028-12-31", "/tipo_ecf"),
    ],
)
def test_a_range_that_dgii_could_not_have_given_is_refused(
    house: House, tenant: str, tipo: int, desde: int, hasta: int, expiry: str | None, pointer: str
) -> None:
    answer = house.register_range(tenant, tipo, desde, hasta, expiry)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


def test_an_invoice_of_another_company_does_not_exist(house: House, tenant: str) -> None:
    made, other = house.emit(tenant, FACTURA).json(), house.company()
    for path in ("", "/xml", "/rfce", "/trail"):
        answer = house.client("billing").get(f"/tenant/invoices/{made['id']}{path}", headers=house.token(other))
        assert answer.status_code == 404
    assert house.client("billing").get("/tenant/invoices", headers=house.token(other)).json()["items"] == []


def test_a_token_without_the_permission_may_not_emit(house: House, tenant: str) -> None:
    headers = house.token(tenant, Permission.INVOICES_READ) | {"Idempotency-Key": uuid7()}
    answer = house.client("billing").post("/tenant/emit/ecf", json=FACTURA, headers=headers)
    assert (answer.status_code, answer.json()["permission"]) == (403, "ecf.emit")


def test_invoices_are_listed_newest_first_by_cursor(house: House) -> None:
    tenant = house.company()
    made = [house.emit(tenant, CONSUMO).json()["encf"] for _ in range(3)]
    page = house.client("billing").get("/tenant/invoices?limit=2", headers=house.token(tenant)).json()
    rest = house.client("billing").get(f"/tenant/invoices?limit=2&cursor={page['next']}", headers=house.token(tenant)).json()
    assert [i["encf"] for i in page["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_the_trail_tells_every_step(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    trail = house.client("billing").get(f"/tenant/invoices/{made['id']}/trail", headers=house.token(tenant)).json()["items"]
    assert [(t["version"], t["step"], t["estado"]) for t in trail] == [(1, "numbered", "numerado"), (2, "signed", "firmado")]


def _numbers(house: House, tenant: str) -> list[tuple[int, int]]:
    listed = house.client("billing").get("/tenant/sequences", headers=house.token(tenant)).json()["items"]
    return [(s["tipo_ecf"], s["next"]) for s in listed]
