"""Support in a company: asked for, seen by the company, only reading, over in time or when the company likes."""

from typing import Any

import pytest

from functions.auth.handlers import JOBS
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.http.work import run_due
from shared.identity.permissions import ROLES, Permission, Scope
from shared.identity.tokens import verify_user_token
from tests.functions.auth.people import Somebody, bearer, log_in, owner
from tests.functions.auth.platform import Staff, acting, asked, entered, facts, staff
from tests.house import House

REASON = "El cliente no ve su factura E310000000001"


@pytest.fixture(scope="module")
def helper(house: House) -> Staff:
    return staff(house, "support")


@pytest.fixture
def boss(house: House) -> Somebody:
    return owner(house)


def ask(house: House, helper: Staff, company: str, **more: Any) -> Any:
    sent = {"company": company, "reason": REASON} | more
    return house.client("auth").post("/auth/support", json=sent, headers=acting(house, helper))


def listed(house: House, boss: Somebody) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = house.client("auth").get("/auth/support", headers=bearer(log_in(house, boss))).json()["items"]
    return items


def test_without_asking_support_cannot_enter_a_company(house: House, helper: Staff, boss: Somebody) -> None:
    assert asked(house, helper, boss.tenant).status_code == 401
    assert ask(house, helper, boss.tenant).status_code == 201
    assert asked(house, helper, boss.tenant).json()["second_factor"] == "verify"


def test_the_company_sees_who_when_why_and_until_when(house: House, helper: Staff, boss: Somebody) -> None:
    made = ask(house, helper, boss.tenant, minutes=30).json()
    (seen,) = listed(house, boss)
    assert (seen["id"], seen["email"], seen["reason"]) == (made["id"], helper.person.email, REASON)
    assert seen["started_at"] < seen["until"]
    assert (seen["ended_at"], seen["because"]) == (None, None)
    assert facts(house, boss.tenant, "support.started", "support.ended") == ["support.started"]
    assert [m["email"] for m in house.client("auth").get("/auth/users", headers=bearer(log_in(house, boss))).json()["items"]] == [
        boss.email
    ]


def test_a_support_session_reads_and_does_nothing_else_at_any_door(house: House, helper: Staff, boss: Somebody) -> None:
    ask(house, helper, boss.tenant)
    token = acting(house, helper, boss.tenant)
    claims = verify_user_token(token["Authorization"].removeprefix("Bearer "), house.shell("auth").user_keys)
    assert claims.tenant == boss.tenant
    assert {p for p in claims.permissions if not p.endswith(".read")} == set()
    assert house.client("billing").get("/tenant/invoices", headers=token).status_code == 200
    tried = 0
    for function in house.keys:
        app: Any = house.client(function).app
        for path, methods in app.openapi()["paths"].items():
            for method, operation in methods.items():
                wanted = operation.get("x-permission", "x.read")
                if wanted.endswith(".read") and not wanted.startswith(("companies", "staff", "metrics")):
                    continue
                where = "/".join(uuid7() if part.startswith("{") else part for part in path.split("/"))
                answer = house.client(function).request(method.upper(), where, headers=token)
                assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:permission-missing"), (method, path)
                tried += 1
    assert tried > 15


def test_the_role_of_support_is_nobodys_to_give(house: House, boss: Somebody) -> None:
    client, master = house.client("auth"), bearer(log_in(house, boss))
    sent = {"email": f"{uuid7()}@example.com", "name": "Otra persona", "role": "support_reader"}
    assert client.post("/auth/users", json=sent, headers=master).json()["type"] == "urn:getupnet:role-unknown"
    assert "support_reader" not in {role["name"] for role in client.get("/auth/rbac/roles", headers=master).json()}
    made = {"name": "support_reader", "title": "Mío", "permissions": ["invoices.read"]}
    assert client.post("/auth/rbac/roles", json=made, headers=master).status_code == 409
    assert {p for p in ROLES["support_reader"].permissions if p.scope is Scope.TENANT and not p.value.endswith(".read")} == set()


def test_the_company_ends_it_at_once(house: House, helper: Staff, boss: Somebody) -> None:
    made = ask(house, helper, boss.tenant).json()
    answer = entered(house, helper, boss.tenant)
    client = house.client("auth")
    assert client.get("/auth/users", headers=bearer(answer)).status_code == 200
    path = f"/auth/support/{made['id']}"
    assert client.delete(path, headers=bearer(log_in(house, boss))).status_code == 204
    assert client.get("/auth/users", headers=bearer(answer)).status_code == 401
    renewal = {"refresh_token": answer.json()["refresh_token"]}
    assert client.post("/auth/refresh", json=renewal).json()["type"] == "urn:getupnet:session-over"
    assert asked(house, helper, boss.tenant).status_code == 401
    assert listed(house, boss)[0]["because"] == "company"
    assert facts(house, boss.tenant, "support.started", "session.ended", "support.ended") == [
        "support.started",
        "session.ended",
        "support.ended",
    ]
    assert client.delete(path, headers=bearer(log_in(house, boss))).status_code == 404


def test_another_company_neither_sees_nor_ends_it(house: House, helper: Staff, boss: Somebody) -> None:
    made, stranger = ask(house, helper, boss.tenant).json(), owner(house)
    assert listed(house, stranger) == []
    answer = house.client("auth").delete(f"/auth/support/{made['id']}", headers=bearer(log_in(house, stranger)))
    assert answer.status_code == 404
    assert listed(house, boss)[0]["ended_at"] is None


def test_the_person_ends_it_before_its_time(house: House, helper: Staff, boss: Somebody) -> None:
    ask(house, helper, boss.tenant)
    path = f"/auth/staff/support/{boss.tenant}"
    assert house.client("auth").delete(path, headers=acting(house, helper)).status_code == 204
    assert house.client("auth").delete(path, headers=acting(house, helper)).status_code == 404
    assert house.client("auth").delete(f"/auth/staff/support/{uuid7()}", headers=acting(house, helper)).status_code == 404
    assert listed(house, boss)[0]["because"] == "self"


def test_one_access_at_a_time(house: House, helper: Staff, boss: Somebody) -> None:
    assert ask(house, helper, boss.tenant).status_code == 201
    again = ask(house, helper, boss.tenant)
    assert (again.status_code, again.json()["type"]) == (409, "urn:getupnet:support-open")


def past(house: House, boss: Somebody) -> None:
    """The time of every access to the company is over."""
    with house.database("auth").transaction(boss.tenant) as tx:
        tx.rows("UPDATE auth.support SET until = now()")
        tx.rows("UPDATE auth.grants SET expires_at = now() WHERE company = :c AND role = 'support_reader'", c=boss.tenant)
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'support-end'")


def test_when_its_time_is_over_it_ends_with_its_sessions(house: House, helper: Staff, boss: Somebody) -> None:
    ask(house, helper, boss.tenant)
    answer = entered(house, helper, boss.tenant)
    past(house, boss)
    run_due(house.shell("auth"), JOBS, jobs=50, seconds=10)
    assert listed(house, boss)[0]["because"] == "expired"
    assert house.client("auth").get("/auth/users", headers=bearer(answer)).status_code == 401
    assert facts(house, boss.tenant, "support.ended") == ["support.ended"]


def test_a_job_that_comes_late_leaves_the_next_access_alone(house: House, helper: Staff, boss: Somebody) -> None:
    first = ask(house, helper, boss.tenant).json()["id"]
    past(house, boss)
    second = ask(house, helper, boss.tenant)
    assert second.status_code == 201
    run_due(house.shell("auth"), JOBS, jobs=50, seconds=10)
    assert {a["id"]: a["because"] for a in listed(house, boss)} == {first: "expired", second.json()["id"]: None}
    assert asked(house, helper, boss.tenant).status_code == 200


def test_neither_token_nor_session_outlives_the_access(house: House, helper: Staff, boss: Somebody) -> None:
    ask(house, helper, boss.tenant, minutes=5)
    answer = entered(house, helper, boss.tenant).json()
    assert 0 < answer["expires_in"] <= 300
    with house.database("auth").transaction(PLATFORM) as tx:
        (row,) = tx.rows(
            "SELECT max(expires_at) <= now() + interval '5 minutes' AS short FROM auth.sessions WHERE company = :c AND user_id = "
            "CAST(:u AS uuid)",
            c=boss.tenant,
            u=helper.person.id,
        )
    assert row.short


def test_nobody_switches_into_a_support_access(house: House, helper: Staff, boss: Somebody) -> None:
    ask(house, helper, boss.tenant)
    own = acting(house, helper, helper.person.tenant)
    answer = house.client("auth").post("/auth/switch", json={"company": boss.tenant}, headers=own)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:company-not-granted")


@pytest.mark.parametrize(
    "change", [{"minutes": 4}, {"minutes": 241}, {"reason": "corto"}, {"company": "platform"}, {"minutes": "x"}, {"more": 1}]
)
def test_what_cannot_be_asked_is_refused(house: House, helper: Staff, boss: Somebody, change: dict[str, Any]) -> None:
    sent = {"company": boss.tenant, "reason": REASON} | change
    assert house.client("auth").post("/auth/support", json=sent, headers=acting(house, helper)).status_code == 422


def test_only_support_asks_and_only_of_a_company_that_is_there(house: House, helper: Staff, boss: Somebody) -> None:
    assert ask(house, helper, uuid7()).status_code == 404
    sent = {"company": boss.tenant, "reason": REASON}
    client = house.client("auth")
    assert client.post("/auth/support", json=sent, headers=bearer(log_in(house, boss))).status_code == 403
    assert client.post("/auth/support", json=sent, headers=house.token(PLATFORM, Permission.METRICS_READ)).status_code == 403


def test_a_suspended_company_can_still_be_read_by_support(house: House, helper: Staff, boss: Somebody) -> None:
    reason = {"reason": "Falta de pago"}
    path = f"/admin/companies/{boss.tenant}"
    assert house.client("admin").post(f"{path}/suspend", json=reason, headers=house.token(PLATFORM)).status_code == 200
    house.settle()
    ask(house, helper, boss.tenant)
    assert house.client("billing").get("/tenant/invoices", headers=acting(house, helper, boss.tenant)).status_code == 200
