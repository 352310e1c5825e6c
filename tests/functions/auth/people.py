"""People for the tests of auth: an owner with a password, a member with a second factor."""

from dataclasses import dataclass
from typing import Any

import pyotp

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from tests.house import House

PASSWORD = "una clave bien larga"


@dataclass(frozen=True)
class Somebody:
    email: str
    tenant: str
    id: str


def owner(house: House) -> Somebody:
    """The owner of a new company, with PASSWORD."""
    tenant = house.company(certificate=False, ranges=False)
    with house.database("auth").transaction(PLATFORM) as tx:
        row = tx.rows(
            "SELECT u.id::text AS id, email FROM auth.users u JOIN auth.grants g ON g.user_id = u.id WHERE g.company = :t", t=tenant
        )[0]
    token = house.client("auth").post("/auth/invitations", json={"email": row.email}, headers=house.token(PLATFORM)).json()["token"]
    accepted = house.client("auth").post("/auth/invitations/accept", json={"token": token, "password": PASSWORD})
    assert accepted.status_code == 204, accepted.text
    return Somebody(row.email, tenant, row.id)


def grant(house: House, person: Somebody, company: str, role: str) -> None:
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows(
            "INSERT INTO auth.grants (user_id, company, role) VALUES (CAST(:u AS uuid), :c, :r)", u=person.id, c=company, r=role
        )


def log_in(house: House, person: Somebody, **more: Any) -> Any:
    return house.client("auth").post("/auth/login", json={"email": person.email, "password": PASSWORD} | more)


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def enrolled(house: House, person: Somebody) -> tuple[pyotp.TOTP, list[str]]:
    """A confirmed second factor and its recovery codes."""
    client, token = house.client("auth"), bearer(log_in(house, person))
    begun = client.post("/auth/mfa/enroll", json={"password": PASSWORD}, headers=token)
    assert begun.status_code == 200, begun.text
    totp = pyotp.TOTP(begun.json()["secret"])
    assert client.post("/auth/mfa/verify", json={"code": totp.now()}, headers=token).status_code == 200
    fresh(house, person)
    return totp, begun.json()["recovery_codes"]


def fresh(house: House, person: Somebody) -> None:
    """Forget which codes were spent and how often somebody was wrong."""
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.second_factors SET last_step = 0 WHERE user_id = CAST(:u AS uuid)", u=person.id)
        tx.rows("UPDATE auth.failures SET count = 0")


def challenge_of(house: House, person: Somebody, kind: str) -> str:
    asked = log_in(house, person).json()
    assert asked["second_factor"] == kind
    return str(asked["challenge"])


def unknown() -> str:
    return f"{uuid7()}@example.com"
