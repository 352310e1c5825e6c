"""Whose session ended is out, with Redis, without it, and after somebody emptied it (RED-02, RED-03, RED-05, AUTH-07)."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import redis

from functions.auth import families
from knative.embedded.valkey import Valkey
from shared.cache.redis import Cache
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal
from shared.identity.permissions import Permission
from shared.identity.revocations import MEMORY_SECONDS
from shared.identity.tokens import ACCESS_SECONDS, LEEWAY_SECONDS, issue_user_token, verify_user_token
from tests.functions.auth.people import PASSWORD, Somebody, bearer, challenge_of, enrolled, grant, log_in, owner
from tests.functions.auth.test_throttle_rows import Cheap, roomy
from tests.house import SEAL_KEY, House

FAMILIES = 1000 if os.environ.get("FULL_FIGURES") == "1" else 200
NOWHERE = "redis://127.0.0.1:1/0"
DOORS = ("auth", "billing", "client")
Headers = dict[str, str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(Path(tmp_path_factory.mktemp("valkey")) / "data").start()
    yield made
    made.stop()


def believe(house: House, url: str) -> None:
    """Every door's revocations are in this Redis, and none remembers an answer."""
    for name in DOORS:
        shell = house.shell(name)
        shell.revocations.cache = Cache(url)
        shell.revocations._seen.clear()


def flush(house: House, server: Valkey) -> None:
    """Redis empty, and as if every process had been asked long ago."""
    redis.Redis.from_url(server.url).flushall()
    for name in DOORS:
        house.shell(name).revocations._seen.clear()


@pytest.fixture
def wired(house: House, server: Valkey, monkeypatch: pytest.MonkeyPatch) -> House:
    """Doors that believe a real Redis, count no requests, and hash as cheaply as can be."""
    for name in DOORS:
        shell = house.shell(name)
        monkeypatch.setattr(shell.limiter, "take", roomy)
        monkeypatch.setattr(shell.revocations, "cache", Cache(server.url))
    monkeypatch.setattr(house.shell("auth").outside, "hasher", Cheap())
    return house


def refresh(house: House, token: str) -> int:
    return int(house.client("auth").post("/auth/refresh", json={"refresh_token": token}).status_code)


def reads(house: House, token: Headers) -> int:
    return int(house.client("auth").get("/auth/rbac/permissions", headers=token).status_code)


def makes_a_key(house: House, token: Headers) -> int:
    return int(
        house.client("auth").post("/auth/api-keys", json={"name": "x", "permissions": ["plans.read"]}, headers=token).status_code
    )


def emits(house: House, token: Headers) -> int:
    headers = token | {"Idempotency-Key": uuid7()}
    return int(house.client("billing").post("/tenant/emit/ecf", json={"tipo_ecf": 31, "items": []}, headers=headers).status_code)


def registers_a_range(house: House, token: Headers) -> int:
    body = {"tipo_ecf": 31, "desde": 1, "hasta": 2, "vencimiento": "2028-12-31"}
    return int(house.client("billing").post("/tenant/sequences", json=body, headers=token).status_code)


def invoices(house: House, token: Headers) -> int:
    return int(house.client("billing").get("/tenant/invoices", headers=token).status_code)


STRICT = (makes_a_key, emits, registers_a_range)
Ending = Callable[[House, Somebody, dict[str, Any]], None]


def logs_out(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    assert house.client("auth").post("/auth/logout", json={"refresh_token": tokens["refresh_token"]}).status_code == 204


def loses_the_role(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    other = owner(house)
    grant(house, other, person.tenant, "owner")
    boss = bearer(log_in(house, other, company=person.tenant))
    assert house.client("auth").delete(f"/auth/users/{person.id}", headers=boss).status_code == 204


def chooses_a_password(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    sent = {"current": PASSWORD, "new": "otra clave bien larga"}
    assert house.client("auth").post("/auth/password", json=sent, headers=bearer(log_in(house, person))).status_code == 204


def enrols(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    enrolled(house, person)


def is_suspended(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    path = f"/admin/companies/{person.tenant}/suspend"
    answer = house.client("admin").post(path, json={"reason": "Falta de pago."}, headers=house.token(PLATFORM))
    assert answer.status_code in (200, 204), answer.text
    house.settle()


def is_disabled(house: House, person: Somebody, tokens: dict[str, Any]) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET disabled_at = now() WHERE id = CAST(:u AS uuid)", u=person.id)


ENDINGS: list[Ending] = [logs_out, loses_the_role, chooses_a_password, enrols, is_suspended, is_disabled]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("url", ["there", "away", "emptied"])
def test_auth_07_red_03_whose_session_ended_neither_refreshes_nor_signs_nor_touches_keys(
    wired: House, server: Valkey, ending: Ending, url: str
) -> None:
    believe(wired, NOWHERE if url == "away" else server.url)
    person = owner(wired)
    tokens = log_in(wired, person).json()
    token = {"Authorization": f"Bearer {tokens['access_token']}"}
    for act in STRICT:
        assert act(wired, token) not in (401, 503)
    ending(wired, person, tokens)
    if url == "emptied":
        flush(wired, server)
    assert [act(wired, token) for act in STRICT] == [401] * len(STRICT)
    assert refresh(wired, tokens["refresh_token"]) in (401, 403)


@pytest.mark.parametrize("ending", [e for e in ENDINGS if e is not is_disabled])
def test_auth_06_red_03_a_read_is_refused_within_seconds_while_redis_is_there(wired: House, ending: Ending) -> None:
    person = owner(wired)
    tokens = log_in(wired, person).json()
    token = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (reads(wired, token), invoices(wired, token)) == (200, 200)
    ending(wired, person, tokens)
    assert reads(wired, token) == 401, "at once where it was ended"
    time.sleep(MEMORY_SECONDS + 0.1)
    assert invoices(wired, token) == 401, "elsewhere when the memory of the last answer is over"
    assert MEMORY_SECONDS <= 5


def test_red_03_without_redis_reads_go_on_for_a_quarter_of_an_hour_at_most(wired: House) -> None:
    believe(wired, NOWHERE)
    person = owner(wired)
    tokens = log_in(wired, person).json()
    logs_out(wired, person, tokens)
    wired.shell("auth").revocations._seen.clear()
    assert reads(wired, {"Authorization": f"Bearer {tokens['access_token']}"}) == 200
    claims = verify_user_token(tokens["access_token"], wired.shell("auth").user_keys)
    for age, status in ((ACCESS_SECONDS - 5, 200), (ACCESS_SECONDS + LEEWAY_SECONDS + 1, 401)):
        old = issue_user_token(claims, wired.user_key, now=time.time() - age)
        assert reads(wired, {"Authorization": f"Bearer {old}"}) == status
    assert ACCESS_SECONDS + LEEWAY_SECONDS <= 16 * 60


def test_red_03_what_cannot_ask_the_truth_is_closed_and_reads_are_not(wired: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person = owner(wired)
    believe(wired, NOWHERE)
    admin = wired.token(PLATFORM, Permission.STAFF_READ)
    tokens = log_in(wired, person).json()
    token = {"Authorization": f"Bearer {tokens['access_token']}"}
    for name in ("auth", "billing", "client"):
        away = Database("postgresql+pg8000://x:x@127.0.0.1:1/x", Seal(SEAL_KEY), pool_size=1)
        monkeypatch.setattr(wired.shell(name).database, "_engine", away.engine)
    assert [act(wired, token) for act in STRICT] == [503] * len(STRICT)
    assert refresh(wired, tokens["refresh_token"]) == 503
    assert wired.client("auth").get("/auth/staff", headers=admin).status_code == 503
    assert reads(wired, token) == 200


def end_families(house: House) -> list[str]:
    """Refresh tokens of many families, all of them ended in one way or another."""
    people = [owner(house) for _ in range(4)]
    given, ways = list[str](), cycle([chooses_a_password, loses_the_role, is_suspended, enrols])
    keyring = house.shell("auth").outside
    for person, way in zip(people, ways, strict=False):
        with house.database("auth").transaction(PLATFORM) as tx:
            rows = tx.rows(
                "INSERT INTO auth.sessions (id, user_id, company, expires_at) SELECT gen_random_uuid(), CAST(:u AS uuid), :c, "
                "now() + interval '8 hours' FROM generate_series(1, :n) RETURNING id::text AS id",
                u=person.id,
                c=person.tenant,
                n=FAMILIES // 4,
            )
        given += [keyring.refresh_token(row.id, 0) for row in rows]
        way(house, person, {})
    return given


def test_red_02_of_many_revoked_families_none_lives_again_when_redis_is_emptied(wired: House, server: Valkey) -> None:
    given = end_families(wired)
    flush(wired, server)
    assert (len(given), sum(refresh(wired, token) == 200 for token in given)) == (FAMILIES, 0)


def test_red_02_a_truth_that_forgets_is_seen(wired: House, server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: revocation known to Redis alone."""
    person = owner(wired)
    tokens = log_in(wired, person).json()
    logs_out(wired, person, tokens)
    flush(wired, server)
    real = families.present
    monkeypatch.setattr(families, "present", lambda family, *rest: real(replace(family, revoked=False), *rest))
    assert refresh(wired, tokens["refresh_token"]) == 200


def test_red_05_a_spent_code_and_a_closed_account_survive_an_emptied_redis(wired: House, server: Valkey) -> None:
    person = owner(wired)
    totp, codes = enrolled(wired, person)
    client, accepted = wired.client("auth"), 0
    code = totp.now()
    for _ in range(5):
        sent = {"challenge": challenge_of(wired, person, "verify"), "code": code}
        accepted += client.post("/auth/mfa/verify", json=sent).status_code == 200
        flush(wired, server)
    assert accepted == 1
    recovery = {"challenge": challenge_of(wired, person, "verify"), "recovery_code": codes[0]}
    assert client.post("/auth/mfa/verify", json=recovery).status_code in (200, 429)
    other = owner(wired)
    for _ in range(10):
        assert log_in(wired, other, password="no es esta clave").status_code == 401
        flush(wired, server)
    assert log_in(wired, other).status_code == 429
