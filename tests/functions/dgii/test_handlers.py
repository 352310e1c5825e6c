"""dgii on a real database against the stand-in: an answer that is lost, an event that comes twice, bytes that change."""

from datetime import timedelta

import httpx
import pytest

from functions.dgii import handlers, store
from functions.dgii.attempt import SUBMISSION, Estado
from functions.dgii.domain import OtherBytesForNumber
from shared.http.work import run_due
from tests.flows.following import await_state, facts_of
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.functions.dgii.world import submission
from tests.house import House, a_rnc


class Lossy(httpx.HTTPTransport):
    """Delivers everything and loses the answers of the first `losses` receptions."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self.losses and "/recepcion" in request.url.path:
            self.losses -= 1
            answer.close()
            raise httpx.ReadTimeout("lost", request=request)
        return answer


@pytest.mark.parametrize("body", [FACTURA, CONSUMO], ids=["e-CF", "RFCE"])
def test_a_lost_answer_is_asked_for_and_the_document_is_there_once(
    house: House, monkeypatch: pytest.MonkeyPatch, body: dict[str, object]
) -> None:
    rnc = a_rnc()
    tenant = house.company(rnc)
    authority = house.shell("dgii").outside
    monkeypatch.setattr(authority, "quarantine", timedelta(seconds=0.3))
    transport = Lossy(1)
    monkeypatch.setitem(authority.services.__dict__, "_http", httpx.Client(transport=transport))
    made = house.emit(tenant, body).json()
    await_state(house, tenant, made["id"], "aceptado")
    assert transport.losses == 0
    query = {"environment": "testecf", "rnc": rnc}
    arrived = httpx.get(f"{house.address('sandbox')}/sandbox/documents", params=query).json()
    assert [document["encf"] for document in arrived] == [made["encf"]]
    told = [e.type.split(".")[-2] for e in facts_of(house, tenant) if e.source == "/functions/dgii"]
    assert told[0] == "outcome-unknown"
    assert told[-1] == "accepted"


def test_the_same_submission_twice_is_one_and_other_bytes_are_refused(house: House) -> None:
    shell = house.shell("dgii")
    tenant = house.company(certificate=False, ranges=False)
    with shell.transaction(tenant) as tx:
        store.add(tx, submission())
        store.add(tx, submission())
    with pytest.raises(OtherBytesForNumber), shell.transaction(tenant) as tx:
        store.add(tx, submission(sha256="1" * 64))
    with shell.transaction(tenant) as tx:
        store.add(tx, submission(sha256="1" * 64, intento=2))
        held = store.load(tx, "E310000000001", 1)
    assert held is not None
    assert (held.estado, held.monto_total, held.xml) == (Estado.PENDIENTE, "1180.00", b"<ECF/>")


def test_a_tenant_whose_certificate_is_unknown_waits_and_stops_nobody(house: House) -> None:
    shell = house.shell("dgii")
    tenant = house.company(certificate=False, ranges=False)
    with shell.transaction(tenant) as tx:
        store.add(tx, submission(encf="E310000000777"))
        shell.work.add(tx, SUBMISSION, "E310000000777:1")
    run_due(shell, handlers.JOBS, jobs=1, seconds=10)
    with shell.transaction(tenant) as tx:
        held = store.load(tx, "E310000000777", 1)
    assert held is not None
    assert (held.estado, held.posts) == (Estado.PENDIENTE, 0)
