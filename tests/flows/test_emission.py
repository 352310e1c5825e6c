"""The whole emission in one process: real apps, real triggers, the broker's own decisions, a real database and DGII's stand-in."""

import json
from collections import Counter

import pytest

from functions.relay import store as relay_store
from shared.http.work import run_due
from tests.flows.following import await_state, facts_of, jobs_of
from tests.functions.billing.bodies import CONSUMO, FACTURA, LINE
from tests.house import House

PREFIX = "do.getupnet."
GRANDE = {
    "tipo_ecf": 32,
    "id_doc": {"tipo_ingresos": "01", "tipo_pago": 1},
    "comprador": {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR DE PRUEBA SRL"},
    "items": [LINE | {"indicador_facturacion": 4, "cantidad_item": "1", "precio_unitario_item": "300000.00"}],
}


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return house.company()


@pytest.mark.parametrize(("body", "has_track_id"), [(FACTURA, True), (GRANDE, True), (CONSUMO, False)], ids=["31", "32", "RFCE"])
def test_a_document_goes_from_the_door_to_accepted_printed_and_charged(
    house: House, tenant: str, body: dict[str, object], has_track_id: bool
) -> None:
    made = house.emit(tenant, body).json()
    history = await_state(house, tenant, made["id"], "aceptado")
    invoice = house.client("billing").get(f"/tenant/invoices/{made['id']}", headers=house.token(tenant)).json()
    assert (invoice["track_id"] is not None) == has_track_id
    assert {(a.status, a.outcome) for a in history} == {(204, "delivered")}

    pdf = house.client("ri").get(f"/tenant/ri/{made['id']}", headers=house.token(tenant))
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    path = f"/tenant/plans/charges?invoice_id={made['id']}"
    charges = house.client("plans").get(path, headers=house.token(tenant)).json()["items"]
    assert [c["base"] for c in charges] == [invoice["monto_total"]]


def test_the_history_of_one_emission_is_exactly_this(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    history = await_state(house, tenant, made["id"], "aceptado")
    travelled = Counter((a.type.removeprefix(PREFIX), a.function) for a in history if a.subject == made["id"])
    assert travelled == Counter(
        {
            ("ecf.signed.v1", "dgii"): 1,
            ("ecf.signed.v1", "ri"): 1,
            ("ecf.submitted.v1", "billing"): 1,
            ("ecf.accepted.v1", "admin"): 1,
            ("ecf.accepted.v1", "billing"): 1,
            ("ecf.accepted.v1", "ri"): 1,
            ("ecf.accepted.v1", "plans"): 1,
        }
    )


def test_one_trace_runs_through_the_whole_emission(house: House, tenant: str) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    made = house.emit(tenant, FACTURA, **{"X-Trace-ID": trace_id})
    assert made.headers["x-trace-id"] == trace_id
    await_state(house, tenant, made.json()["id"], "aceptado")
    traces = {
        f.traceparent.split("-")[1]
        for f in facts_of(house, tenant)
        if made.json()["id"] in f.data or f.subject == made.json()["id"]
    }
    assert traces == {trace_id}


def test_the_trail_says_what_dgii_said(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    await_state(house, tenant, made["id"], "aceptado")
    trail = house.client("billing").get(f"/tenant/invoices/{made['id']}/trail", headers=house.token(tenant)).json()["items"]
    assert [t["step"] for t in trail] == ["numbered", "signed", "submitted", "accepted"]


def test_redelivering_everything_changes_nothing(house: House, tenant: str) -> None:
    made = house.emit(tenant, FACTURA).json()
    await_state(house, tenant, made["id"], "aceptado")
    before = _effects(house, tenant)
    for fact in facts_of(house, tenant):
        assert house.broker.post(*fact.to_http()) == 202
    history = house.settle()
    assert history
    assert {a.status for a in history} == {204}
    assert _effects(house, tenant) == before


def test_an_event_that_was_lost_on_the_way_is_healed_by_relay(fresh: House) -> None:
    tenant = fresh.company()
    take, lost = fresh.broker.post, []

    def losing(headers: dict[str, str], body: bytes) -> int:
        if headers["ce-type"] == f"{PREFIX}ecf.signed.v1" and not lost:
            lost.append(headers["ce-id"])
            return 202
        return take(headers, body)

    fresh.broker.post = losing  # type: ignore[method-assign]
    made = fresh.emit(tenant, CONSUMO).json()
    fresh.settle()
    assert lost
    path = f"/tenant/invoices/{made['id']}"
    assert fresh.client("billing").get(path, headers=fresh.token(tenant)).json()["estado"] == "firmado"

    relay = fresh.shell("relay")
    watch = relay.outside
    watch._heal_after = 0.0
    assert watch.heal(relay) == 1
    history = await_state(fresh, tenant, made["id"], "aceptado")
    assert lost[0] in {a.event_id for a in history}
    assert watch.heal(relay) == 0, "what everybody has seen is not sent again"


def test_audit_seals_every_fact_and_the_chain_holds(house: House, tenant: str) -> None:
    made = house.emit(tenant, CONSUMO).json()
    await_state(house, tenant, made["id"], "aceptado")
    with house.database("relay").transaction("platform") as tx:
        relay_store.order_sealing(tx, after=0.0, traceparent="00-" + "1" * 32 + "-" + "1" * 16 + "-01")
    run_due(house.shell("audit"), jobs_of("audit"), jobs=50, seconds=10)
    verdict = house.client("audit").get("/audit/verify", headers=house.token(tenant)).json()
    assert verdict == verdict | {"intact": True, "broken_at": None, "pending": 0}
    assert verdict["records"] == len(facts_of(house, tenant))


def _effects(house: House, tenant: str) -> str:
    counts = {}
    for function, table in (("billing", "billing.trail"), ("plans", "plans.charges"), ("dgii", "dgii.submissions")):
        with house.database(function).transaction(tenant) as tx:
            counts[table] = tx.rows(f"SELECT count(*) AS n FROM {table}")[0].n
    return json.dumps(counts | {"facts": len(facts_of(house, tenant))})
