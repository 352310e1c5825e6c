"""An ANECF on its way to the stand-in and back: done, lost, used by others, refused; and what billing makes of each."""

from typing import Any

import httpx
import pytest

from functions.dgii import voiding
from functions.dgii.handlers import JOBS
from shared.dgii.services import Processed
from shared.http.work import run_due
from tests.functions.billing.test_ledger_doors import a_range, get
from tests.functions.billing.test_voiding import emitted, void
from tests.house import House


class Losing(httpx.HTTPTransport):
    """Delivers everything and loses the first answer to a voiding."""

    lost = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if "anularrango" in request.url.path and not self.lost:
            self.lost = True
            answer.close()
            raise httpx.ReadTimeout("lost", request=request)
        return answer


def brought(house: House, tenant: str, voiding_id: str) -> dict[str, Any]:
    """The voiding after its job has been worked until it ended."""
    house.settle()
    for _ in range(3):
        with house.database("dgii").transaction(tenant) as tx:
            tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'voiding' AND state = 'pending'")
        run_due(house.shell("dgii"), JOBS, jobs=10, seconds=5)
    house.settle()
    found: dict[str, Any] = get(house, tenant, f"/voidings/{voiding_id}")
    return found


@pytest.fixture
def tenant(house: House) -> str:
    made = house.company(ranges=False)
    a_range(house, made, 1, 20)
    return made


def test_numbers_are_voided_at_dgii_and_recorded(house: House, tenant: str) -> None:
    ended = brought(house, tenant, void(house, tenant, (3, 4), (7, 9)).json()["id"])
    assert (ended["estado"], ended["mensajes"]) == ("anulada", ["Las secuencias fueron anuladas correctamente."])
    assert {one["estado"] for one in ended["ranges"]} == {"anulado"}
    assert emitted(house, tenant, 5) == [1, 2, 5, 6, 10]


def test_a_lost_answer_is_no_harm_the_same_bytes_go_again(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Losing()
    monkeypatch.setitem(house.shell("dgii").outside.services.__dict__, "_http", httpx.Client(transport=transport))
    ended = brought(house, tenant, void(house, tenant, (3, 4)).json()["id"])
    assert transport.lost
    assert ended["estado"] == "anulada"


def test_numbers_that_dgii_says_were_used_stay_out_of_circulation(
    house: House, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("Las secuencias que está intentando anular han sido utilizadas", "E320000000001 - E320000000002")
    monkeypatch.setattr(voiding, "_send", lambda *_: Processed(False, words, ""))
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["ranges"][0]["estado"]) == ("rechazada", "no_anulado")
    assert emitted(house, tenant) == [3]


@pytest.mark.parametrize(
    ("done", "words", "lost", "outcome"),
    [
        (True, ("Las secuencias fueron anuladas correctamente.",), False, "done"),
        (True, ("… Con excepción de las secuencias del detalle", "E310000000001"), False, "partial"),
        (False, ("Las secuencias que está intentando anular han sido utilizadas",), False, "used"),
        (False, ("Las secuencias que está intentando anular han sido utilizadas",), True, "done"),
        (False, ("No fue posible anular las siguientes secuencias", "E310000000001"), False, "used"),
        (False, ("La firma del documento no es válida",), False, "refused"),
        (False, ("La firma del documento no es válida",), True, "refused"),
    ],
)
def test_what_dgii_says_of_the_numbers(done: bool, words: tuple[str, ...], lost: bool, outcome: str) -> None:
    assert voiding.outcome(Processed(done, words, ""), lost=lost) == outcome
