"""AUTH-13: what is stored of a password, and which passwords are never hashed."""

from typing import Any

import argon2
import pytest

from functions.auth.gateway import Hasher
from shared.db.seal import PLATFORM
from tests.functions.auth.people import PASSWORD, Somebody, bearer, log_in, owner
from tests.house import House

TODAY = "$argon2id$v=19$m=65536,t=4,p=2$"
OLD = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@pytest.fixture
def person(house: House) -> Somebody:
    return owner(house)


def stored(house: House, person: Somebody) -> str:
    with house.database("auth").transaction(PLATFORM) as tx:
        return str(tx.rows("SELECT password_hash FROM auth.users WHERE id = CAST(:u AS uuid)", u=person.id)[0].password_hash)


def store(house: House, person: Somebody, password_hash: str) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET password_hash = :h WHERE id = CAST(:u AS uuid)", h=password_hash, u=person.id)


def test_a_log_in_makes_a_hash_of_old_parameters_anew_and_a_wrong_password_does_not(house: House, person: Somebody) -> None:
    assert stored(house, person).startswith(TODAY)
    store(house, person, old := OLD.hash(PASSWORD))
    assert log_in(house, person, password="no es esta clave").status_code == 401
    assert stored(house, person) == old
    assert log_in(house, person).status_code == 200
    renewed = stored(house, person)
    assert renewed.startswith(TODAY)
    assert log_in(house, person).status_code == 200
    assert stored(house, person) == renewed, "once"


@pytest.mark.parametrize(
    "password",
    ["contraseña de año nuevo", "contrasen\u0303a de an\u0303o nuevo", "clave\u0000con un byte nulo", "ñ" * 60 + "abcde"],
)
def test_composition_makes_no_difference_and_every_byte_counts(house: House, person: Somebody, password: str) -> None:
    sent = {"current": PASSWORD, "new": password}
    assert house.client("auth").post("/auth/password", json=sent, headers=bearer(log_in(house, person))).status_code == 204
    for same in {password, password.replace("n\u0303", "ñ"), password.replace("ñ", "n\u0303")}:
        assert log_in(house, person, password=same).status_code == 200
    for other in (password.partition("\u0000")[0][:-1], password[:-1], password + "\u0000", password.replace("\u0000", "")[:-1]):
        assert log_in(house, person, password=other).status_code == 401


LONG = {"1,025 bytes": "x" * 1025, "1,026 bytes in 513 letters": "ñ" * 513, "1 MB": "clave" * 200_000}


@pytest.mark.parametrize("password", LONG.values(), ids=LONG)
def test_what_is_longer_than_1024_bytes_is_refused_before_it_is_hashed(
    house: House, person: Somebody, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, hashed, before = bearer(log_in(house, person)), [], stored(house, person)

    def counted(self: Hasher, *_: object) -> Any:
        hashed.append(self)
        raise AssertionError

    monkeypatch.setattr(Hasher, "hash", counted)
    client, real = house.client("auth"), Hasher.matches
    assert client.post("/auth/password", json={"current": PASSWORD, "new": password}, headers=token).status_code == 422
    monkeypatch.setattr(Hasher, "matches", counted)
    for path, body in (
        ("/auth/login", {"email": person.email, "password": password}),
        ("/auth/password/reset", {"token": "t" * 43, "password": password}),
        ("/auth/invitations/accept", {"token": "t" * 43, "password": password}),
    ):
        assert client.post(path, json=body).status_code == 422, path
    assert (hashed, stored(house, person)) == ([], before)
    log_in(house, person)
    assert hashed, "the mutant: one that is short enough is compared"
    monkeypatch.setattr(Hasher, "matches", real)
