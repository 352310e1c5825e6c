"""Suspended, resumed, sealed: what stops at once, what goes on, and what every function makes of it."""

from typing import Any

import pytest

from functions.billing.handlers import JOBS
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.companies import CompanyResumed, CompanySuspended
from shared.http.work import run_due
from shared.identity.callee import CalleeUnavailable
from shared.identity.permissions import Permission
from tests.data.facts import delivered, example, signed
from tests.functions.auth.people import Somebody, bearer, log_in, owner
from tests.functions.billing.bodies import FACTURA
from tests.house import House

WHY = {"reason": "Falta de pago de tres meses"}


def act(house: House, company: str, what: str, **headers: str) -> Any:
    token = house.token(PLATFORM) | headers
    answer = house.client("admin").post(f"/admin/companies/{company}/{what}", json=WHY, headers=token)
    house.settle()
    return answer


def emit(house: House, boss: Somebody) -> Any:
    return house.emit(boss.tenant, FACTURA)


@pytest.fixture
def boss(house: House) -> Somebody:
    """The owner of a company that can emit."""
    made = owner(house)
    house.upload_certificate(made.tenant)
    house.register_range(made.tenant, 31, 1, 1000)
    house.settle()
    return made


def slug(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:getupnet:")


def test_a_suspension_stops_people_programs_and_emission_at_once_and_a_resumption_lets_them_go_on(
    house: House, boss: Somebody
) -> None:
    auth, billing = house.client("auth"), house.client("billing")
    session = log_in(house, boss)
    sent = {"name": "Odoo", "permissions": ["ecf.emit", "invoices.read"]}
    key = auth.post("/auth/api-keys", json=sent, headers=bearer(session)).json()
    form = {"grant_type": "client_credentials", "client_id": key["client_id"], "client_secret": key["client_secret"]}
    renewal = {"refresh_token": session.json()["refresh_token"]}
    emitted = emit(house, boss)
    assert emitted.status_code == 201
    house.settle()

    answer = act(house, boss.tenant, "suspend")
    assert (answer.status_code, answer.json()["estado"], answer.json()["estado_reason"]) == (200, "suspendida", WHY["reason"])
    assert auth.get("/auth/me", headers=bearer(session)).status_code == 401
    assert slug(auth.post("/auth/refresh", json=renewal)) == (403, "company-suspended")
    assert slug(log_in(house, boss)) == (403, "company-suspended")
    assert slug(auth.post("/auth/token", data=form)) == (403, "company-suspended")
    refused = emit(house, boss)
    assert slug(refused) == (403, "company-suspended")
    assert "suspendida" in refused.json()["detail"]
    tested = billing.post("/tenant/emit/ecf?validate_only=true", json=FACTURA, headers=house.token(boss.tenant))
    assert slug(tested) == (403, "company-suspended")
    for path in ("/tenant/invoices", f"/tenant/invoices/{emitted.json()['id']}/xml"):
        assert billing.get(path, headers=house.token(boss.tenant)).status_code == 200

    assert act(house, boss.tenant, "resume").json()["estado"] == "activa"
    assert log_in(house, boss).status_code == 200
    assert auth.post("/auth/token", data=form).status_code == 200
    assert emit(house, boss).status_code == 201


def test_a_wrong_password_learns_nothing_of_a_suspension(house: House, boss: Somebody) -> None:
    act(house, boss.tenant, "suspend")
    assert slug(log_in(house, boss, password="otra cosa muy larga")) == (401, "log-in-refused")


def test_who_has_another_company_enters_that_one_by_default(house: House, boss: Somebody) -> None:
    other = owner(house)
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows(
            "INSERT INTO auth.grants (user_id, company, role) VALUES (CAST(:u AS uuid), :c, 'accountant')",
            u=boss.id,
            c=other.tenant,
        )
    act(house, boss.tenant, "suspend")
    answer = log_in(house, boss)
    assert (answer.status_code, answer.json()["tenant"]) == (200, other.tenant)
    switched = house.client("auth").post("/auth/switch", json={"company": boss.tenant}, headers=bearer(answer))
    assert slug(switched) == (403, "company-suspended")


def test_a_seal_comes_after_a_suspension_and_is_the_end(house: House, boss: Somebody) -> None:
    sent = {"name": "Odoo", "permissions": ["invoices.read"]}
    key = house.client("auth").post("/auth/api-keys", json=sent, headers=bearer(log_in(house, boss))).json()
    early = act(house, boss.tenant, "seal")
    assert slug(early) == (409, "company-change-refused")
    assert "Suspenda" in early.json()["detail"]
    act(house, boss.tenant, "suspend")
    assert act(house, boss.tenant, "seal").json()["estado"] == "sellada"
    for what in ("suspend", "resume"):
        late = act(house, boss.tenant, what)
        assert slug(late) == (409, "company-change-refused")
        assert "definitivo" in late.json()["detail"]
    patched = house.client("admin").patch(
        f"/admin/companies/{boss.tenant}", json={"direccion": "Otra 1"}, headers=house.token(PLATFORM)
    )
    assert slug(patched) == (409, "company-change-refused")
    assert slug(log_in(house, boss)) == (403, "company-sealed")
    assert slug(emit(house, boss)) == (403, "company-sealed")
    form = {"grant_type": "client_credentials", "client_id": key["client_id"], "client_secret": key["client_secret"]}
    assert slug(house.client("auth").post("/auth/token", data=form)) == (401, "client-refused")
    assert house.client("billing").get("/tenant/invoices", headers=house.token(boss.tenant)).status_code == 200


def test_saying_it_again_changes_and_announces_nothing(fresh: House) -> None:
    company = fresh.company(certificate=False, ranges=False)
    for what in ("suspend", "resume", "suspend", "seal"):
        first = act(fresh, company, what)
        again = fresh.client("admin").post(
            f"/admin/companies/{company}/{what}", json={"reason": "otra razón"}, headers=fresh.token(PLATFORM)
        )
        assert again.json()["estado_since"] == first.json()["estado_since"]
        assert again.json()["estado_reason"] == WHY["reason"]
        assert fresh.settle() == []


def test_a_sealed_companys_number_may_be_registered_anew(house: House, boss: Somebody) -> None:
    known = house.client("admin").get(f"/admin/companies/{boss.tenant}", headers=house.token(PLATFORM)).json()
    act(house, boss.tenant, "suspend")
    act(house, boss.tenant, "seal")
    assert house.company(known["rnc"], certificate=False, ranges=False) != boss.tenant


@pytest.mark.parametrize(("acts", "estado"), [(["suspend"], "firmado"), (["suspend", "seal"], "sin_usar")])
def test_what_had_its_number_before_is_signed_while_suspended_and_given_back_once_sealed(
    house: House, boss: Somebody, acts: list[str], estado: str
) -> None:
    def away(*_: object, **__: object) -> None:
        raise CalleeUnavailable(callee="sign")

    signer = house.shell("billing").outside.signer
    signer.sign = away
    invoice = emit(house, boss).json()
    del signer.sign
    assert invoice["estado"] == "numerado"
    for what in acts:
        act(house, boss.tenant, what)
    with house.database("billing").transaction(boss.tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE state = 'pending' AND kind = 'finish'")
    run_due(house.shell("billing"), JOBS, jobs=10, seconds=10)
    path = f"/tenant/invoices/{invoice['id']}"
    assert house.client("billing").get(path, headers=house.token(boss.tenant)).json()["estado"] == estado


def test_a_document_that_was_numbered_after_the_suspension_is_not_signed(house: House, boss: Somebody) -> None:
    """billing may hear of it a moment later than sign."""
    act(house, boss.tenant, "suspend")
    with house.database("billing").transaction(boss.tenant) as tx:
        tx.rows("UPDATE billing.companies SET estado = 'activa'")
    with house.database("sign").transaction(boss.tenant) as tx:
        tx.rows("UPDATE sign.companies SET estado_since = now() - interval '5 seconds'")
    answer = emit(house, boss)
    assert slug(answer) == (409, "signing-refused")
    assert "suspendida" in answer.json()["detail"]


@pytest.mark.parametrize("function", ["auth", "billing", "sign"])
def test_news_that_were_overtaken_change_nothing_and_those_that_came_too_soon_come_again(house: House, function: str) -> None:
    company = house.company(certificate=False, ranges=False)
    door, key = house.client(function), house.keys["admin"]

    def tell(kind: Any, sequence: int, tenant: str = company) -> int:
        headers, body = delivered(signed(key, example(kind), tenant=tenant, subject=tenant, sequence=sequence))
        return int(door.post("/events", content=body, headers=headers).status_code)

    assert (tell(CompanyResumed, 3), tell(CompanySuspended, 2)) == (204, 204)
    with house.database(function).transaction(company) as tx:
        column = "id" if function == "auth" else "tenant_id"
        (row,) = tx.rows(f"SELECT estado FROM {function}.companies WHERE {column} = :c", c=company)
    assert row.estado == "activa"
    assert tell(CompanySuspended, 2, tenant=uuid7()) == 503


def test_only_platform_people_with_that_permission_and_a_fresh_proof(house: House, boss: Somebody) -> None:
    for headers in (house.token(boss.tenant), house.token(PLATFORM, Permission.COMPANIES_WRITE)):
        for what in ("suspend", "resume", "seal"):
            answer = house.client("admin").post(f"/admin/companies/{boss.tenant}/{what}", json=WHY, headers=headers)
            assert slug(answer) == (403, "permission-missing")
    assert act(house, uuid7(), "suspend").status_code == 404
    answer = house.client("admin").post(
        f"/admin/companies/{boss.tenant}/suspend", json={"reason": ""}, headers=house.token(PLATFORM)
    )
    assert answer.status_code == 422
