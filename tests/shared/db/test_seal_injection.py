"""TEN-07, second half: a route into which SQL can be injected shows, under the seal, its own tenant's rows and nobody else's."""

import os
import time
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from shared.db.ids import uuid7
from shared.db.seal import Seal
from shared.http.routes import Public, Route, shell_of
from shared.http.shell import Shell
from tests.house import SEAL_KEY, House
from tests.shared.http.rooms import room

LATER = str(int(time.time()) + 3600)
ROWS = 20


def search(q: str, tenant: str, shell: Annotated[Shell[None], Depends(shell_of)]) -> list[str]:
    """What nobody writes: the caller's text is a part of the statement."""
    with shell.transaction(tenant) as tx:
        return [str(row) for row in tx.rows(f"SELECT tenant_id, plan FROM plans.subscriptions WHERE plan = '{q}'")]


CONTEXTS = {
    "one field": lambda victim, own: victim,
    "two fields": lambda victim, own: f"{victim}|{LATER}",
    "two and a bar": lambda victim, own: f"{victim}|{LATER}|",
    "three, forged": lambda victim, own: f"{victim}|{LATER}|{'0' * 64}",
    "three, one's own seal": lambda victim, own: "|".join([victim, *own.split("|")[1:]]),
    "four fields": lambda victim, own: f"{victim}|{LATER}|{'0' * 64}|",
    "four, a true one and the victim": lambda victim, own: f"{own}|{victim}",
    "none": lambda victim, own: "",
}


def injections(victim: str, context: str) -> Iterator[str]:
    """Ways to end the literal and read on; each with the tenant switched in the same statement where that helps."""
    switch = f"(SELECT set_config(''app.ctx'', ''{context}'', true))".replace("''", "'")
    yield "' OR '1'='1"
    yield f"' OR tenant_id = '{victim}"
    yield f"' OR {switch} IS NOT NULL OR '1'='1"
    yield f"x' UNION ALL SELECT left({switch}, 0) || tenant_id, plan FROM plans.subscriptions --"
    yield f"x' UNION ALL SELECT tenant_id, plan FROM plans.subscriptions WHERE {switch} IS NOT NULL --"
    yield f"x' UNION ALL SELECT s.tenant_id, s.plan FROM {switch} AS c (x) CROSS JOIN LATERAL (TABLE plans.subscriptions) s --"
    yield f"x'; SELECT set_config('app.ctx', '{context}', true); SELECT tenant_id, plan FROM plans.subscriptions; --"
    yield "x' UNION ALL SELECT inner_pad::text, outer_pad::text FROM tenancy.seal_key --"


@pytest.fixture
def victims(fresh: House) -> list[str]:
    """Tenants with a row each; the first is the attacker."""
    made = [uuid7() for _ in range(ROWS)]
    database = fresh.database("plans")
    for tenant in made:
        with database.transaction(tenant) as tx:
            tx.rows("INSERT INTO plans.subscriptions (tenant_id, plan) VALUES (:t, 'estandar')", t=tenant)
    database.close()
    return made


def foreign(client: TestClient, tenants: list[str]) -> tuple[int, int]:
    """(foreign tenants seen, requests that showed the attacker's own row) over all contexts and injections."""
    attacker, *others = tenants
    own, seen, mine = Seal(SEAL_KEY).context(attacker), 0, 0
    for made in CONTEXTS.values():
        for q in injections(others[0], made(others[0], own)):
            answer = client.get("/search", params={"q": q, "tenant": attacker})
            rows = answer.json() if answer.status_code == 200 else []
            seen += sum(any(f"'{other}', 'estandar'" in row for row in rows) for other in others)
            mine += any(attacker in row for row in rows)
    return seen, mine


@pytest.fixture
def hole(fresh: House) -> Iterator[TestClient]:
    with room(fresh, routes=[Route("GET", "/search", search, Public("the hole"))]) as client:
        yield client


def test_an_injection_sees_no_foreign_row_whatever_context_it_forges(hole: TestClient, victims: list[str]) -> None:
    seen, mine = foreign(hole, victims)
    assert (seen, mine > 0) == (0, True), "it is a hole: it shows the attacker's own rows"


def weaken(house: House, old: str, new: str) -> None:
    """Replace one line of the function that reads the context."""
    address = make_url(os.environ["TEST_DATABASE_URL"]).set(database=make_url(house._url_of("fn_plans")).database)
    engine = create_engine(address)
    with engine.begin() as connection:
        source: Any = connection.execute(text("SELECT pg_get_functiondef('tenancy.current_tenant()'::regprocedure)")).scalar_one()
        assert old in source
        connection.exec_driver_sql(source.replace(old, new).replace("%", "%%"))
    engine.dispose()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("IF seal IS NULL OR fields[3] IS DISTINCT FROM seal THEN", "IF false THEN"),
        ("IF seal IS NULL OR fields[3] IS DISTINCT FROM seal THEN", "IF fields[3] <> seal THEN"),
    ],
    ids=["no seal", "a seal compared with <> and fields not counted (note N-1)"],
)
def test_without_the_strict_seal_foreign_rows_are_seen(
    hole: TestClient, victims: list[str], fresh: House, old: str, new: str
) -> None:
    weaken(fresh, old, new)
    if new != "IF false THEN":
        weaken(fresh, "IF cardinality(fields) IS DISTINCT FROM 3 THEN", "IF fields IS NULL THEN")
    assert foreign(hole, victims)[0] > 0
