"""Deferred sending: only whom DGII lets may say so in a document, and DGII must have that within a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.db.seal import PLATFORM
from shared.ecf.clock import fiscal_day
from tests.functions.billing.batches import get
from tests.functions.billing.bodies import FACTURA, altered
from tests.functions.billing.test_holding import facts, outage, set_terms, work
from tests.house import House

TODAY = fiscal_day(datetime.now(UTC))
DEFERRED = altered(FACTURA, "/id_doc/indicador_envio_diferido", 1)


def authorise(house: House, tenant: str, since: str | None) -> dict[str, Any]:
    body = {"envio_diferido": since}
    changed = house.client("admin").patch(f"/admin/companies/{tenant}", json=body, headers=house.token(PLATFORM))
    assert changed.status_code == 200, changed.text
    house.settle()
    return dict(changed.json())


@pytest.mark.parametrize("days", [None, 1], ids=["never authorised", "authorised from tomorrow on"])
def test_a_deferred_document_of_an_issuer_without_authorisation_is_refused_by_its_rule(house: House, days: int | None) -> None:
    tenant = house.company()
    if days:
        authorise(house, tenant, (TODAY + timedelta(days=days)).isoformat())
    refused = house.emit(tenant, DEFERRED)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["code"], error["pointer"]) == ("ECF-1020", "/id_doc/indicador_envio_diferido")
    rehearsed = (
        house.client("billing").post("/tenant/emit/ecf?validate_only=true", json=DEFERRED, headers=house.token(tenant)).json()
    )
    assert (rehearsed["verdict"], rehearsed["emits"]) == ("rechazado", False)
    assert house.emit(tenant, FACTURA).status_code == 201


def test_an_authorised_issuer_has_a_day_for_it_and_loses_the_right_with_the_authorisation(house: House) -> None:
    tenant = house.company()
    assert authorise(house, tenant, TODAY.isoformat())["envio_diferido"] == TODAY.isoformat()
    made = house.emit(tenant, DEFERRED).json()
    assert (made["estado"], made["modalidad"], made["regimen"], made["avisos"]) == ("firmado", "envio_diferido", None, [])
    until, signed_at = (datetime.fromisoformat(made[name]) for name in ("remitir_hasta", "fecha_hora_firma"))
    assert until - signed_at == timedelta(hours=24)
    (told,) = facts(house, tenant, "ecf.signed")
    assert '"modalidad":"envio_diferido"' in told.replace(" ", "")
    authorise(house, tenant, None)
    assert house.emit(tenant, DEFERRED).status_code == 422


def test_a_deferred_document_keeps_its_shorter_clock_in_an_outage_and_is_told_of(fresh: House) -> None:
    tenant = fresh.company()
    authorise(fresh, tenant, TODAY.isoformat())
    outage(fresh, "01a20c14-0000-7000-8000-0000000000aa")
    made = fresh.emit(tenant, DEFERRED).json()
    assert (made["modalidad"], made["regimen"]) == ("envio_diferido", None)
    set_terms(fresh, tenant, made, remind_at=datetime.now(UTC))
    work(fresh)
    assert len(facts(fresh, tenant, "ecf.remission-due")) == 1
    assert get(fresh, tenant, "/tenant/contingencies/standing")["held"] == 1
