"""Validate only: it says what an emission of the same body then does, and does nothing itself."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import httpx
import pg8000.native
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from shared.db.ids import uuid7
from shared.ecf.gate import parse
from shared.ecf.xml import read
from shared.identity.callee import Callee, CalleeUnavailable
from tests.functions.billing.batches import a_company_with_notes, an_original
from tests.functions.billing.bodies import CONSUMO, FACTURA, altered, credit, debit
from tests.functions.billing.test_emission import refusing, signer_that
from tests.house import House

FULL = os.environ.get("FULL_FIGURES") == "1"


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return a_company_with_notes(house)


def validate(house: House, tenant: str, body: object, **headers: str) -> httpx.Response:
    path = "/tenant/emit/ecf?validate_only=true"
    return house.client("billing").post(path, json=body, headers=house.token(tenant) | headers)


@contextmanager
def calls_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every call of a function to another one; the call is made all the same."""
    made: list[str] = []
    post = Callee.post

    def counting(self: Callee, path: str, payload: dict[str, Any], *, tenant: str, purpose: str) -> dict[str, Any]:
        made.append(path)
        return post(self, path, payload, tenant=tenant, purpose=purpose)

    with monkeypatch.context() as patch:
        patch.setattr(Callee, "post", counting)
        yield made


def state_of_everything(house: House) -> dict[str, tuple[int, str]]:
    """Count and a fingerprint of the versions of all rows of all tables, whoever owns them: any write changes it."""
    database = make_url(house.settings("billing").database_url.get_secret_value()).database
    url = make_url(os.environ["TEST_DATABASE_URL"])
    with pg8000.native.Connection(
        str(url.username), host=url.host, port=int(url.port or 5432), database=database, password=url.password
    ) as connection:
        tables = connection.run(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        )
        version = "string_agg(ctid::text || ':' || xmin::text || ':' || xmax::text, ' ' ORDER BY ctid)"
        found = {}
        for (name,) in tables:
            count, said = connection.run(f"SELECT count(*), md5(coalesce({version}, '')) FROM {name}")[0]
            found[name] = (count, said)
        return found


BODIES = [
    pytest.param(FACTURA, id="accepted"),
    pytest.param(altered(FACTURA, "/totales", {"monto_total": "1190.00"}), id="conditional"),
    pytest.param(altered(FACTURA, "/id_doc/tipo_pago", 2), id="refused"),
    pytest.param(altered(FACTURA, "/comprador", ...), id="unreadable"),
    pytest.param(CONSUMO, id="RFCE"),
]


@pytest.mark.parametrize("body", BODIES)
def test_nothing_happens_but_the_question_for_the_fee(fresh: House, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    tenant = fresh.company()
    fresh.settle()
    before = state_of_everything(fresh)
    with calls_counted(monkeypatch) as calls:
        answer = validate(fresh, tenant, body)
    assert calls == (["/plans/fee"] if answer.status_code == 200 and answer.json()["emits"] else [])
    assert fresh.settle() == []
    assert state_of_everything(fresh) == before, "no row, no event, no work, no line in the signer's log"


def test_a_write_a_signature_or_a_call_would_be_seen(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = fresh.company()
    fresh.settle()
    before = state_of_everything(fresh)
    with calls_counted(monkeypatch) as calls:
        assert fresh.emit(tenant, FACTURA).status_code == 201
    after = state_of_everything(fresh)
    changed = {name for name in after if after[name] != before[name]}
    assert calls == ["/sign/xml"]
    assert {"billing.invoices", "billing.sequences", "flow.outbox", "sign.signatures"} <= changed


def test_its_transactions_cannot_write(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def writing(tx: Any, _: object) -> None:
        tx.rows("UPDATE billing.sequences SET next = next + 1")

    monkeypatch.setattr("functions.billing.numbers.coming", writing)
    before = validate_ranges(house, tenant)
    assert validate(house, tenant, FACTURA).status_code == 500
    assert validate_ranges(house, tenant) == before


def validate_ranges(house: House, tenant: str) -> Any:
    return house.client("billing").get("/tenant/sequences", headers=house.token(tenant)).json()["items"]


def test_it_answers_verdict_number_totals_address_and_fee_without_a_key(house: House, tenant: str) -> None:
    said = validate(house, tenant, FACTURA)
    body = said.json()
    assert said.status_code == 200, said.text
    assert (body["verdict"], body["emits"], body["monto_total"]) == ("aceptado", True, "1180.00")
    assert body["document"]["totales"]["total_itbis1"] == "180.00"
    assert "fecha_hora_firma" not in body["document"]
    assert body["qr_url"].endswith("&FechaFirma=&CodigoSeguridad=")
    assert body["fee"] == {"plan": "estandar", "base": "1180.00", "fee": "2.00"}
    assert body["encf"] == house.emit(tenant, FACTURA).json()["encf"]


def test_what_would_be_refused_is_answered_with_its_findings(house: House, tenant: str) -> None:
    body = validate(house, tenant, altered(FACTURA, "/id_doc/tipo_pago", 2)).json()
    assert (body["verdict"], body["emits"], body["encf"], body["qr_url"], body["fee"]) == ("rechazado", False, None, None, None)
    assert ("ECF-1011", "rechazado") in {(f["code"], f["verdict"]) for f in body["findings"]}
    assert body["document"]["totales"]["monto_total"] == "1180.00"


def test_what_dgii_takes_conditionally_is_emitted_unless_the_caller_is_strict(house: House, tenant: str) -> None:
    conditional = altered(FACTURA, "/totales", {"monto_total": "1190.00"})
    assert [validate(house, tenant, conditional).json()[k] for k in ("verdict", "emits")] == ["aceptado_condicional", True]
    strict = validate(house, tenant, conditional, Prefer="handling=strict").json()
    assert (strict["verdict"], strict["emits"]) == ("aceptado_condicional", False)


def test_what_cannot_be_read_is_refused_with_every_field(house: House, tenant: str) -> None:
    answer = validate(house, tenant, altered(altered(FACTURA, "/comprador", ...), "/items/0/nombre_item", ""))
    assert answer.status_code == 422
    assert {"/comprador", "/items/0/nombre_item"} <= {error["pointer"] for error in answer.json()["errors"]}


def test_a_number_that_came_back_is_the_next(house: House) -> None:
    tenant = house.company()
    with signer_that(house, refusing):
        house.emit(tenant, FACTURA)
    assert validate(house, tenant, FACTURA).json()["encf"] == "E310000000001"
    assert house.emit(tenant, FACTURA).json()["encf"] == "E310000000001"
    assert validate(house, tenant, FACTURA).json()["encf"] == "E310000000002"


def test_without_plans_there_is_a_verdict_and_no_fee(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> dict[str, Any]:
        raise CalleeUnavailable(callee="plans")

    monkeypatch.setattr(Callee, "post", away)
    body = validate(house, tenant, FACTURA).json()
    assert (body["verdict"], body["fee"]) == ("aceptado", None)


@pytest.mark.parametrize("missing", ["ranges", "certificate"])
def test_what_keeps_an_emission_from_starting_is_said_in_the_same_words(house: House, missing: str) -> None:
    tenant = house.company(ranges=missing != "ranges", certificate=missing != "certificate")
    told, done = validate(house, tenant, FACTURA), house.emit(tenant, FACTURA)
    assert told.status_code == done.status_code == 409
    assert (told.json()["type"], told.json()["detail"]) == (done.json()["type"], done.json()["detail"])


AMOUNTS = st.sampled_from(["0.01", "1.00", "9.99", "333.33", "1180.00", "250000.00", "0", "-1.00", "x"])
CHANGES: list[tuple[str, st.SearchStrategy[Any]]] = [
    ("/id_doc/tipo_pago", st.sampled_from([1, 2, 3, 9])),
    ("/id_doc/indicador_monto_gravado", st.sampled_from([0, 1, ...])),
    ("/id_doc/fecha_limite_pago", st.sampled_from(["2030-01-01", "2020-01-01"])),
    ("/comprador/rnc_comprador", st.sampled_from(["131880681", "131880600", "1", ...])),
    ("/items/0/precio_unitario_item", AMOUNTS),
    ("/items/0/cantidad_item", st.sampled_from(["1", "2", "0.5", "300"])),
    ("/items/0/indicador_facturacion", st.sampled_from([0, 1, 2, 3, 4])),
    ("/items/0/descuento_monto", AMOUNTS),
    ("/items/0/nombre_item", st.sampled_from(["Otro", "", "Ñandú & Cía <1>"])),
    ("/totales", st.fixed_dictionaries({"monto_total": AMOUNTS})),
    ("/informacion_referencia/codigo_modificacion", st.sampled_from([1, 2, 3, 4, 5])),
    ("/informacion_referencia/fecha_ncf_modificado", st.sampled_from(["2020-01-01", ...])),
]


@st.composite
def bodies(draw: st.DrawFn, encf: str, fecha: str) -> dict[str, Any]:
    """A body of five kinds with up to three changes, good or bad."""
    kinds = [FACTURA, CONSUMO, credit(encf, fecha), debit(encf, fecha), credit(encf, fecha, "2", codigo=1)]
    body: dict[str, Any] = deepcopy(draw(st.sampled_from(kinds)))
    for path, values in draw(st.lists(st.sampled_from(CHANGES), max_size=3, unique_by=lambda change: change[0])):
        value = draw(values)
        *way, last = path.strip("/").split("/")
        here: Any = body
        for step in way:
            here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
        here.pop(last, None)
        if value is not ...:
            here[last] = value
    return body


@pytest.fixture(scope="module")
def original(house: House, tenant: str) -> dict[str, Any]:
    return an_original(house, tenant, body=altered(FACTURA, "/items/0/cantidad_item", "400"))


@settings(
    max_examples=1000 if FULL else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), strict=st.booleans())
def test_an_emission_then_does_what_was_said(
    house: House, tenant: str, original: dict[str, Any], data: st.DataObject, strict: bool
) -> None:
    body = data.draw(bodies(original["encf"], original["fecha"]))
    prefer = {"Prefer": "handling=strict"} if strict else {}
    told, done = validate(house, tenant, body, **prefer), house.emit(tenant, body, key=uuid7(), **prefer)
    if told.status_code != 200:
        assert (done.status_code, done.json()["type"]) == (told.status_code, told.json()["type"])
        assert done.json().get("errors") == told.json().get("errors")
    elif not told.json()["emits"]:
        assert done.status_code == 422, done.text
        stopping = {"rechazado"} | ({"aceptado_condicional"} if strict else set())
        refusals = [(f["pointer"], f["code"], f["detail"]) for f in told.json()["findings"] if f["verdict"] in stopping]
        assert refusals == [(e["pointer"], e["code"], e["detail"]) for e in done.json()["errors"]]
    else:
        assert done.status_code == 201, done.text
        _is_as_told(house, tenant, told.json(), done.json())


def _is_as_told(house: House, tenant: str, told: dict[str, Any], made: dict[str, Any]) -> None:
    assert (told["encf"], told["monto_total"], told["findings"]) == (made["encf"], made["monto_total"], made["avisos"])
    assert told["qr_url"] == re.sub(r"(FechaFirma|CodigoSeguridad)=[^&]*", r"\1=", made["qr_url"])
    xml = house.client("billing").get(f"/tenant/invoices/{made['id']}/xml", headers=house.token(tenant)).content
    written = dict(read(parse(xml)).tree)
    written.pop("fecha_hora_firma")
    assert told["document"] == written
