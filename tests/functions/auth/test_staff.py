"""People of the platform: invited, changed, removed, and never without an administrator."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.identity.permissions import Permission
from tests.functions.auth.people import bearer, log_in, owner
from tests.functions.auth.platform import Staff, acting, asked, entered, facts, staff
from tests.house import House


@pytest.fixture
def admin(fresh: House) -> Staff:
    """The only administrator there is."""
    return staff(fresh, "platform_admin")


def invite(house: House, admin: Staff, **more: Any) -> Any:
    sent = {"email": f"{uuid7()}@example.com", "name": "Persona de Soporte", "role": "support"} | more
    return house.client("auth").post("/auth/staff", json=sent, headers=acting(house, admin))


def test_a_person_is_invited_listed_and_told_of_in_events(fresh: House, admin: Staff) -> None:
    made = invite(fresh, admin)
    assert (made.status_code, made.json()["accepted"], made.json()["second_factor"]) == (201, False, False)
    listed = fresh.client("auth").get("/auth/staff", headers=acting(fresh, admin)).json()["items"]
    assert {m["id"]: m["role"] for m in listed} == {admin.person.id: "platform_admin", made.json()["id"]: "support"}
    assert facts(fresh, PLATFORM, "grant.changed", "person.invited") == ["grant.changed", "person.invited"]
    again = invite(fresh, admin, email=made.json()["email"].upper())
    assert (again.status_code, again.json()["type"]) == (409, "urn:getupnet:already-staff")


def test_another_role_counts_at_once(fresh: House, admin: Staff) -> None:
    other = staff(fresh, "support")
    answer = entered(fresh, other)
    path = f"/auth/staff/{other.person.id}"
    changed = fresh.client("auth").patch(path, json={"role": "platform_admin"}, headers=acting(fresh, admin))
    assert changed.status_code == 204
    assert fresh.client("auth").post("/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]}).status_code == 401
    assert "staff.write" in fresh.client("auth").get("/auth/me", headers=acting(fresh, other)).json()["permissions"]


def test_the_last_administrator_stays(fresh: House, admin: Staff) -> None:
    client, path = fresh.client("auth"), f"/auth/staff/{admin.person.id}"
    for answer in (
        client.delete(path, headers=acting(fresh, admin)),
        client.patch(path, json={"role": "support"}, headers=acting(fresh, admin)),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:last-platform-admin")


def test_two_administrators_who_remove_each_other_at_once_leave_one(fresh: House, admin: Staff) -> None:
    other = staff(fresh, "platform_admin")
    tokens = [acting(fresh, admin), acting(fresh, other)]
    paths = [f"/auth/staff/{other.person.id}", f"/auth/staff/{admin.person.id}"]
    with ThreadPoolExecutor(2) as pool:
        removed = list(
            pool.map(
                lambda pair: fresh.client("auth").delete(pair[0], headers=pair[1]).status_code, zip(paths, tokens, strict=True)
            )
        )
    assert removed.count(204) == 1, removed


def test_who_is_removed_is_out_of_the_platform_and_of_every_company(fresh: House, admin: Staff) -> None:
    helper, boss = staff(fresh, "support"), owner(fresh)
    reason = {"company": boss.tenant, "reason": "Revisar una factura rechazada"}
    assert fresh.client("auth").post("/auth/support", json=reason, headers=acting(fresh, helper)).status_code == 201
    inside = entered(fresh, helper, boss.tenant)
    removed = fresh.client("auth").delete(f"/auth/staff/{helper.person.id}", headers=acting(fresh, admin))
    assert removed.status_code == 204, removed.text
    for company in (PLATFORM, boss.tenant):
        assert asked(fresh, helper, company).status_code == 401
    renewal = {"refresh_token": inside.json()["refresh_token"]}
    assert fresh.client("auth").post("/auth/refresh", json=renewal).status_code == 401
    (seen,) = fresh.client("auth").get("/auth/support", headers=bearer(log_in(fresh, boss))).json()["items"]
    assert seen["because"] == "staff"
    assert facts(fresh, boss.tenant, "support.ended") == ["support.ended"]


def test_a_persons_own_company_is_not_touched(fresh: House, admin: Staff) -> None:
    other = staff(fresh, "support")
    own = entered(fresh, other, other.person.tenant)
    assert fresh.client("auth").delete(f"/auth/staff/{other.person.id}", headers=acting(fresh, admin)).status_code == 204
    assert fresh.client("auth").post("/auth/refresh", json={"refresh_token": own.json()["refresh_token"]}).status_code == 200


def test_only_administrators_with_both_factors_touch_staff(fresh: House, admin: Staff) -> None:
    helper, client = staff(fresh, "support"), fresh.client("auth")
    for headers in (acting(fresh, helper), bearer(log_in(fresh, owner(fresh))), fresh.token(PLATFORM, Permission.STAFF_READ)):
        sent = {"email": f"{uuid7()}@example.com", "name": "x", "role": "support"}
        assert client.post("/auth/staff", json=sent, headers=headers).status_code == 403
    assert client.delete(f"/auth/staff/{uuid7()}", headers=acting(fresh, admin)).status_code == 404


@pytest.mark.parametrize("change", [{"role": "owner"}, {"role": "support_reader"}, {"email": "x"}, {"name": ""}, {"more": 1}])
def test_a_wish_that_cannot_be_is_refused(fresh: House, admin: Staff, change: dict[str, Any]) -> None:
    assert invite(fresh, admin, **change).status_code == 422
