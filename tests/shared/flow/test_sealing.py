"""Acts that wait for audit wait after an hour: a company for its own facts, whoever announced them; the platform for anybody's."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.flow.sealing import AuditBehind, refuse_when_behind
from tests.house import House

_FACT = """
INSERT INTO flow.outbox (id, tenant_id, type, source, subject, sequence, partitionkey, traceparent, sig, data, recorded_at, sealed)
VALUES (CAST(:id AS uuid), :tenant, 'x', :source, 'x', 1, 'x', 'x', 'x', '{}',
  now() - make_interval(mins => CAST(:minutes AS int)), :sealed)
"""


def record(house: House, tenant: str, *, minutes: int, sealed: bool = False, function: str = "admin") -> None:
    """A fact of `function` that is that old."""
    with house.database(function).transaction(tenant) as tx:
        tx.rows(_FACT, id=uuid7(), tenant=tenant, source=f"/functions/{function}", minutes=minutes, sealed=sealed)


@pytest.mark.parametrize(("minutes", "sealed", "waits"), [(59, False, False), (61, False, True), (61, True, False)])
def test_an_unsealed_fact_of_an_hour_ago_makes_acts_wait(fresh: House, minutes: int, sealed: bool, waits: bool) -> None:
    tenant = uuid7()
    record(fresh, tenant, minutes=minutes, sealed=sealed)
    for function in ("admin", "auth", "client"):
        for acting, wait in ((tenant, waits), (PLATFORM, waits), (uuid7(), False)):
            expected: AbstractContextManager[object] = pytest.raises(AuditBehind) if wait else nullcontext()
            with expected, fresh.database(function).transaction(acting) as tx:
                refuse_when_behind(tx)
