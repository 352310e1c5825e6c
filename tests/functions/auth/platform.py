"""People of the platform for the tests of auth: with a password, a second factor, and a way to log in with both."""

from dataclasses import dataclass
from typing import Any

import pyotp

from shared.db.seal import PLATFORM
from tests.functions.auth.people import PASSWORD, Somebody, bearer, enrolled, fresh, grant, owner
from tests.house import House


@dataclass(frozen=True)
class Staff:
    person: Somebody
    totp: pyotp.TOTP


def staff(house: House, role: str) -> Staff:
    person = owner(house)
    totp, _ = enrolled(house, person)
    grant(house, person, PLATFORM, role)
    return Staff(person, totp)


def asked(house: House, who: Staff, company: str) -> Any:
    """What the password alone gives."""
    fresh(house, who.person)
    sent = {"email": who.person.email, "password": PASSWORD, "company": company}
    return house.client("auth").post("/auth/login", json=sent)


def entered(house: House, who: Staff, company: str = PLATFORM) -> Any:
    """The answer to password and code."""
    challenge = asked(house, who, company)
    assert challenge.status_code == 200, challenge.text
    sent = {"challenge": challenge.json()["challenge"], "code": who.totp.now()}
    answer = house.client("auth").post("/auth/mfa/verify", json=sent)
    assert answer.status_code == 200, answer.text
    return answer


def acting(house: House, who: Staff, company: str = PLATFORM) -> dict[str, str]:
    return bearer(entered(house, who, company))


def facts(house: House, tenant: str, *types: str) -> list[str]:
    """The types among `types` that were announced in this tenant's log, in order."""
    with house.database("relay").transaction(PLATFORM) as tx:
        rows = tx.rows("SELECT type FROM flow.outbox WHERE tenant_id = :t ORDER BY seq", t=tenant)
    short = [row.type.removeprefix("do.getupnet.").removesuffix(".v1") for row in rows]
    return [one for one in short if one in types]
