"""WEB-01 and WEB-02: what a cookie is, and that it alone opens nothing for a page of somebody else."""

from typing import Any

import pytest

from functions.auth import entry
from shared.http.openapi import document, functions
from tests.contracts.policy import policy
from tests.functions.auth.people import Somebody, log_in, owner
from tests.house import House

SECRETS = ("token", "secret", "password", "code", "key", "challenge")
CHANGES = [operation for operation in policy() if operation.permission and operation.method != "GET"]


@pytest.fixture(scope="module")
def person(house: House) -> Somebody:
    return owner(house)


def held(house: House, person: Somebody) -> tuple[dict[str, str], str]:
    """The cookie of a portal that is logged in, and its CSRF token."""
    came = log_in(house, person, cookie=True)
    house.client("auth").cookies.clear()
    cookie = next(c for c in came.headers.get_list("set-cookie") if c.startswith(entry.COOKIE))
    return {"Cookie": cookie.split(";")[0]}, came.json()["csrf_token"]


def test_every_cookie_is_for_this_host_over_tls_and_for_no_script(house: House, person: Somebody) -> None:
    client = house.client("auth")
    cookie, csrf = held(house, person)
    came = log_in(house, person, cookie=True)
    client.cookies.clear()
    renewed = client.post("/auth/refresh", json={}, headers=cookie | {"X-CSRF-Token": csrf})
    client.cookies.clear()
    newer = {"Cookie": renewed.headers["set-cookie"].split(";")[0], "X-CSRF-Token": renewed.json()["csrf_token"]}
    left = client.post("/auth/logout", json={}, headers=newer)
    client.cookies.clear()
    set_by = [answer.headers.get_list("set-cookie") for answer in (came, renewed, left)]
    assert all(set_by)
    for line in (one for lines in set_by for one in lines):
        name, *parts = line.split("; ")
        assert name.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(parts)
        assert not [part for part in parts if part.startswith("Domain")]
        assert len(line) < 4096


@pytest.mark.parametrize("function", functions())
def test_no_route_takes_a_secret_in_its_address(function: str) -> None:
    said = document(function)["paths"]
    named = {
        p["name"] for methods in said.values() for o in methods.values() for p in o.get("parameters", ()) if p["in"] != "header"
    }
    assert not [name for name in named if name in SECRETS or name.endswith(("_token", "_secret"))]


def attempts(csrf: str, other: str) -> dict[str, dict[str, Any]]:
    """What another site can make a browser send with our cookie, by name."""
    right = {"X-CSRF-Token": csrf}
    return {
        "no token": {"json": {}},
        "another session's token": {"json": {}, "headers": {"X-CSRF-Token": other}},
        "text": {"content": "{}", "headers": {"Content-Type": "text/plain"}},
        "a form": {"data": {"refresh_token": ""}},
        "cross-site": {"json": {}, "headers": right | {"Sec-Fetch-Site": "cross-site"}},
        "a sibling": {"json": {}, "headers": right | {"Sec-Fetch-Site": "same-site"}},
        "nobody's page": {"json": {}, "headers": right | {"Origin": "null"}},
        "another page": {"json": {}, "headers": right | {"Origin": "https://evil.example"}},
    }


def accepted(house: House, person: Somebody, path: str) -> list[str]:
    """The attempts that a route which takes the cookie lets through."""
    client, found = house.client("auth"), []
    (cookie, csrf), (_, other) = held(house, person), held(house, person)
    for name, sent in attempts(csrf, other).items():
        answer = client.post(path, **sent | {"headers": cookie | sent.get("headers", {})})
        client.cookies.clear()
        if answer.status_code < 400:
            found.append(name)
    return found


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
def test_a_cookie_moves_nothing_without_its_sessions_token_and_our_own_page(house: House, person: Somebody, path: str) -> None:
    assert accepted(house, person, path) == []
    cookie, csrf = held(house, person)
    assert house.client("auth").get(path, headers=cookie | {"X-CSRF-Token": csrf}).status_code == 405
    assert house.client("auth").post(path, json={}, headers=cookie | {"X-CSRF-Token": csrf}).status_code in (200, 204)
    house.client("auth").cookies.clear()


def test_a_door_that_believes_any_page_or_any_token_is_seen(
    house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as mutant:
        mutant.setattr(entry, "_ours", lambda request: True)
        assert accepted(house, person, "/auth/refresh") == ["cross-site", "a sibling", "nobody's page", "another page"]
    monkeypatch.setattr(entry.hmac, "compare_digest", lambda one, other: True)
    assert "another session's token" in accepted(house, person, "/auth/refresh")


def test_no_other_route_that_changes_something_knows_the_cookie(house: House, person: Somebody) -> None:
    cookie, csrf = held(house, person)
    moved = []
    for operation in CHANGES:
        headers = cookie | {"X-CSRF-Token": csrf}
        answer = house.client(operation.function).request(operation.method, operation.at({}), json={}, headers=headers)
        if (answer.status_code, answer.json()["type"]) != (401, "urn:getupnet:not-authenticated"):
            moved.append(f"{operation}: {answer.status_code}")
    assert len(CHANGES) > 20
    assert moved == []
