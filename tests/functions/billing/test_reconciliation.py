"""REL-12: the database comes back from a backup, and no number that anybody has seen since is given out again."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from functions.billing.__main__ import main
from functions.billing.reconciliation import RECONCILE
from functions.dgii.__main__ import main as doubt
from knative.embedded.postgres import Postgres, binaries
from shared.db.migrate import FUNCTIONS, upgrade
from shared.db.seal import PLATFORM
from shared.http.work import run_due
from tests.flows.following import await_state, facts_of, jobs_of
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.functions.billing.test_ledger_doors import get, post
from tests.house import SEAL_KEY, House, a_rnc

PASSWORD = "of-a-test"
MARGIN = 5


class Restorable:
    """A server of its own whose data can be put back; DGII's stand-in keeps its memory elsewhere."""

    def __init__(self, folder: Path, elsewhere: str) -> None:
        self._data, self._backup = folder / "pg", folder / "backup"
        self.server = Postgres(self._data, fast=True).start()
        self._elsewhere = make_url(elsewhere)
        upgrade(self.server.url(), passwords=dict.fromkeys(FUNCTIONS, PASSWORD), seal_key=SEAL_KEY)

    def url_of(self, role: str) -> str:
        if role == "fn_sandbox":
            return self._elsewhere.set(username=role, password=PASSWORD).render_as_string(hide_password=False)
        return self.server.url(role, password=PASSWORD)

    def back_up(self) -> None:
        where = ["-h", "127.0.0.1", "-p", str(self.server.port), "-U", "postgres", "-D", str(self._backup), "-c", "fast"]
        command = [str(binaries() / "pg_basebackup"), *where]
        subprocess.run(command, env={**os.environ, "PGPASSWORD": self.server.password}, check=True, capture_output=True)

    def restore(self, house: House) -> None:
        """As it was at the backup; what was on its way to a consumer is lost with the broker's disk."""
        self.server.stop()
        shutil.rmtree(self._data)
        shutil.copytree(self._backup, self._data)
        self.server.start()
        house.__dict__.pop("broker", None)


@pytest.fixture
def restorable(tmp_path: Path, admin_url: str) -> Iterator[Restorable]:
    made = Restorable(tmp_path, admin_url)
    yield made
    made.server.stop()


@pytest.fixture
def operator(restorable: Restorable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_DATABASE_URL", restorable.server.url())
    monkeypatch.setenv("TENANT_SEAL_KEY", base64.b64encode(SEAL_KEY).decode("ascii"))


def emitted(house: House, tenant: str, *bodies: object, followed: bool = True) -> list[str]:
    """The e-NCF of accepted documents; not `followed`: acknowledged and not even announced to dgii yet."""
    made = [house.emit(tenant, body).json() for body in bodies]
    for one in made if followed else []:
        await_state(house, tenant, one["id"], "aceptado")
    return [one["encf"] for one in made]


def work(house: House) -> None:
    """dgii wakes first: it may not wait for billing's word to doubt what it believes unsent."""
    for _ in range(3):
        for name in ("dgii", "billing"):
            run_due(house.shell(name), jobs_of(name), jobs=20, seconds=10)
        house.settle()


def test_rel_12_after_a_restore_no_number_is_issued_again_and_nothing_is_sent_unasked(
    restorable: Restorable, operator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with House(restorable.url_of) as house:
        rnc = a_rnc()
        tenant = house.company(rnc)
        sequence = get(house, tenant, "")["items"][-1]["id"]
        emitted(house, tenant, FACTURA, CONSUMO)
        with monkeypatch.context() as away:
            away.setattr(house.shell("dgii").outside.breaker, "admits", lambda environment: False)
            pending = house.emit(tenant, FACTURA).json()
            house.settle()
        with house.database("dgii").transaction(tenant) as tx:
            assert tx.rows("SELECT estado FROM dgii.submissions ORDER BY created_at DESC")[0].estado == "pendiente"
        restorable.back_up()

        await_state(house, tenant, pending["id"], "aceptado")
        lost = emitted(house, tenant, FACTURA, CONSUMO, FACTURA, CONSUMO)
        unsent = emitted(house, tenant, FACTURA, followed=False)

        restorable.restore(house)
        again = emitted(house, tenant, FACTURA, CONSUMO, followed=False)
        assert set(again) <= {*lost, *unsent}, "without the reconciliation numbers are issued again"

        restorable.restore(house)
        doubt(["doubt"])
        main(["reconcile", "--margin", str(MARGIN)])
        refused = house.emit(tenant, FACTURA)
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:getupnet:company-only-reads")
        lease = {"holder": "CAJA 1", "count": 1, "until": "2099-01-01T00:00:00-04:00"}
        assert post(house, tenant, f"/{sequence}/leases", lease).status_code == 503
        assert house.client("billing").get("/tenant/invoices", headers=house.token(tenant)).status_code == 200
        work(house)

        fresh = emitted(house, tenant, FACTURA, CONSUMO)
        assert not set(fresh) & {*lost, *unsent, *again}
        states = {encf: get(house, tenant, f"/numbers/{encf}")["estado"] for encf in (*lost, *unsent)}
        assert states == dict.fromkeys(lost, "adoptado") | dict.fromkeys(unsent, "sin_noticia")
        assert get(house, tenant, f"/numbers/{lost[0]}")["history"][-1]["detail"]["track_id"]
        for one in get(house, tenant, "")["items"]:
            gaps = get(house, tenant, f"/{one['id']}/gaps")["items"]
            assert {gap["estado"] for gap in gaps} == {"adoptado", "sin_noticia"}
            numbers = get(house, tenant, f"/{one['id']}")["numbers"]
            assert sum(numbers.values()) == one["hasta"] - one["desde"] + 1
            assert numbers["sin_noticia"] == MARGIN
        ended = [fact for fact in facts_of(house, tenant) if fact.type.endswith("reconciliation-ended.v1")]
        assert len(ended) == 1

        await_state(house, tenant, pending["id"], "aceptado")
        query = {"environment": "testecf", "rnc": rnc}
        arrived = [one["encf"] for one in httpx.get(f"{house.address('sandbox')}/sandbox/documents", params=query).json()]
        assert len(arrived) == len(set(arrived)), "what the backup held for unsent was asked for and not sent again"


def test_a_company_that_dgii_cannot_be_asked_for_is_released_by_a_person(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh.database("billing").transaction(PLATFORM) as tx:
        database = tx.rows("SELECT current_database() AS name")[0].name
    url = make_url(os.environ["TEST_DATABASE_URL"]).set(database=database)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("TENANT_SEAL_KEY", base64.b64encode(SEAL_KEY).decode("ascii"))
    tenant, other = fresh.company(), fresh.company()
    main(["reconcile", "--tenant", tenant])
    main(["reconcile", "--tenant", tenant])
    assert fresh.emit(other, FACTURA).status_code == 201
    assert fresh.emit(tenant, FACTURA).status_code == 503
    with fresh.database("billing").transaction(tenant) as tx:
        assert len(tx.rows("SELECT 1 FROM flow.work WHERE kind = :kind", kind=RECONCILE)) == 1
    main(["release", "--tenant", tenant])
    assert fresh.emit(tenant, FACTURA).status_code == 201
