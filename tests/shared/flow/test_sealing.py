"""Acts that wait for audit wait after an hour, for their own tenant's facts."""

import pytest

from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.flow.sealing import AuditBehind, refuse_when_behind
from tests.house import House

_FACT = """
INSERT INTO flow.outbox (id, tenant_id, type, source, subject, sequence, partitionkey, traceparent, sig, data, recorded_at, sealed)
VALUES (CAST(:id AS uuid), :tenant, 'x', '/functions/admin', 'x', 1, 'x', 'x', 'x', '{}',
  now() - make_interval(mins => CAST(:minutes AS int)), :sealed)
"""


@pytest.fixture
def database(house: House) -> Database:
    return house.database("admin")


@pytest.mark.parametrize(("minutes", "sealed", "waits"), [(59, False, False), (61, False, True), (61, True, False)])
def test_an_unsealed_fact_of_an_hour_ago_makes_acts_wait(database: Database, minutes: int, sealed: bool, waits: bool) -> None:
    tenant = uuid7()
    with database.transaction(tenant) as tx:
        tx.rows(_FACT, id=uuid7(), tenant=tenant, minutes=minutes, sealed=sealed)
    with database.transaction(tenant) as tx:
        if waits:
            with pytest.raises(AuditBehind):
                refuse_when_behind(tx)
        else:
            refuse_when_behind(tx)
    with database.transaction(uuid7()) as tx:
        refuse_when_behind(tx)
