"""After a restore nothing that was signed before it is sent unasked, whether it is here or still on its way here."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.dgii import doubts, store
from functions.dgii.attempt import Estado
from functions.dgii.domain import Step, next_step
from tests.functions.dgii.world import submission
from tests.house import House

MINUTE = timedelta(minutes=1)


@pytest.fixture
def tenant(house: House) -> str:
    return house.company(certificate=False, ranges=False)


def arrives(house: House, tenant: str, number: int, signed_at: datetime) -> Estado:
    encf = f"E31{number:010d}"
    with house.database("dgii").transaction(tenant) as tx:
        store.add(tx, submission(encf=encf, created_at=signed_at))
        held = store.load(tx, encf, 1)
    assert held is not None
    assert (next_step(held) is Step.QUERY) == (held.estado is Estado.DESCONOCIDO)
    return held.estado


def test_what_waits_here_is_doubted(house: House, tenant: str) -> None:
    assert arrives(house, tenant, 1, datetime.now(UTC)) is Estado.PENDIENTE
    with house.database("dgii").transaction(tenant) as tx:
        assert doubts.doubt(tx, tenant) == 1
        held = store.load(tx, "E310000000001", 1)
    assert held is not None
    assert held.estado is Estado.DESCONOCIDO


def test_what_was_signed_before_and_comes_later_is_doubted_and_what_is_new_is_not(house: House, tenant: str) -> None:
    with house.database("dgii").transaction(tenant) as tx:
        doubts.doubt(tx, tenant)
    assert arrives(house, tenant, 2, datetime.now(UTC) - MINUTE) is Estado.DESCONOCIDO
    assert arrives(house, tenant, 3, datetime.now(UTC) + MINUTE) is Estado.PENDIENTE


def test_a_company_that_was_not_restored_is_not_doubted(house: House, tenant: str) -> None:
    with house.database("dgii").transaction(tenant) as tx:
        doubts.doubt(tx, tenant)
    other = house.company(certificate=False, ranges=False)
    assert arrives(house, other, 4, datetime.now(UTC) - MINUTE) is Estado.PENDIENTE
