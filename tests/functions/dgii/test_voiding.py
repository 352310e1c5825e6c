"""An ANECF on its way to the stand-in and back: done, lost, used by others, refused; and what billing makes of each."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.dgii import voiding
from functions.dgii.domain import LONGEST_BACKOFF
from functions.dgii.handlers import JOBS
from shared.dgii.answers import Estado, Mensaje, Outcome
from shared.dgii.client import Dgii
from shared.dgii.failures import (
    AnswerLost,
    AuthorityTokenRefused,
    AuthorityUnavailable,
    SeedRefused,
    SignerNotDelegated,
    SubmissionRefused,
)
from shared.dgii.services import Processed
from shared.errors import AppError
from shared.http.work import run_due
from shared.signer.client import SigningRefused
from tests.flows.following import facts_of
from tests.functions.billing.test_ledger_doors import a_range, get
from tests.functions.billing.test_voiding import emitted, void
from tests.house import House

BUT = "Las secuencias fueron anuladas correctamente. Con excepción de las secuencias del detalle"
USED = "Las secuencias que está intentando anular han sido utilizadas"


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


def brought(house: House, tenant: str, voiding_id: str, *, times: int = 3) -> dict[str, Any]:
    """The voiding after its job has been worked so many times, or until it ended."""
    house.settle()
    for _ in range(times):
        with house.database("dgii").transaction(tenant) as tx:
            tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'voiding' AND state = 'pending'")
        run_due(house.shell("dgii"), JOBS, jobs=10, seconds=5)
    house.settle()
    found: dict[str, Any] = get(house, tenant, f"/voidings/{voiding_id}")
    return found


def job(house: House, tenant: str) -> Any:
    with house.database("dgii").transaction(tenant) as tx:
        return tx.row(
            "SELECT state, payload, due_at - now() AS wait FROM flow.work WHERE tenant_id = :t AND kind = 'voiding'", t=tenant
        )


def outcomes(house: House, tenant: str) -> list[str]:
    return [json.loads(e.data)["outcome"] for e in facts_of(house, tenant) if e.type.endswith("voiding.answered.v1")]


Deed = Callable[[], Processed]


def saying(*words: str, done: bool = False) -> Deed:
    return lambda: Processed(done, words, "")


def failing(error: Exception) -> Deed:
    def fail() -> Processed:
        raise error

    return fail


@pytest.fixture
def dgii(monkeypatch: pytest.MonkeyPatch) -> list[Deed]:
    """What DGII does with each sending; the last one stays."""
    deeds: list[Deed] = []
    monkeypatch.setattr(voiding, "_send", lambda *_: (deeds.pop(0) if len(deeds) > 1 else deeds[0])())
    return deeds


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


def test_numbers_that_dgii_says_were_used_stay_out_of_circulation(house: House, tenant: str, dgii: list[Deed]) -> None:
    dgii[:] = [saying(USED, "E320000000001 - E320000000002")]
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["ranges"][0]["estado"]) == ("rechazada", "no_anulado")
    assert emitted(house, tenant) == [3]


def test_a_partial_success_in_one_sentence_is_recorded_number_by_number(house: House, tenant: str, dgii: list[Deed]) -> None:
    dgii[:] = [saying(f"{BUT} E320000000002 al E320000000003", done=True)]
    ended = brought(house, tenant, void(house, tenant, (1, 4)).json()["id"])
    assert ended["estado"] == "parcial"
    assert [(r["desde"], r["hasta"], r["estado"]) for r in ended["ranges"]] == [
        (1, 1, "anulado"),
        (2, 3, "no_anulado"),
        (4, 4, "anulado"),
    ]


def test_an_exception_that_names_nothing_waits_for_people_and_frees_nothing(
    house: House, tenant: str, dgii: list[Deed], caplog: pytest.LogCaptureFixture
) -> None:
    dgii[:] = [saying(BUT, done=True)]
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["mensajes"], ended["ranges"][0]["estado"]) == ("firmada", [BUT], "en_anulacion")
    assert "a voiding needs people" in caplog.text
    assert outcomes(house, tenant) == ["unclear"]
    assert emitted(house, tenant) == [3]


REFUSALS = (SignerNotDelegated(reason="x"), SigningRefused(reason="x"), AuthorityTokenRefused(), SeedRefused(reason="x"))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
def test_what_was_never_sent_is_free_after_a_refusal(house: House, tenant: str, dgii: list[Deed], refusal: AppError) -> None:
    dgii[:] = [failing(AuthorityUnavailable()), failing(refusal)]
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["ranges"][0]["estado"]) == ("rechazada", "libre")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
def test_what_may_have_arrived_is_never_free_and_is_asked_for_until_dgii_says(
    house: House, tenant: str, dgii: list[Deed], refusal: AppError
) -> None:
    dgii[:] = [failing(AnswerLost()), failing(refusal)]
    made = void(house, tenant, (1, 2)).json()["id"]
    held = brought(house, tenant, made, times=4)
    assert (held["estado"], held["ranges"][0]["estado"]) == ("firmada", "en_anulacion")
    assert outcomes(house, tenant) == ["unclear"], "people are told once"
    assert (job(house, tenant).state, job(house, tenant).wait > timedelta(minutes=25)) == ("pending", True)
    dgii[:] = [saying(USED)]
    assert brought(house, tenant, made)["estado"] == "anulada"
    assert outcomes(house, tenant) == ["unclear", "done"]


@pytest.mark.parametrize("refusal", [saying("La firma del documento no es válida"), saying("Algo nuevo")])
def test_a_refusal_after_a_lost_answer_waits_for_people(house: House, tenant: str, dgii: list[Deed], refusal: Deed) -> None:
    dgii[:] = [failing(AnswerLost()), refusal]
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["ranges"][0]["estado"]) == ("firmada", "en_anulacion")
    assert emitted(house, tenant) == [3]


def test_the_intent_is_kept_before_anything_leaves_and_outlives_its_worker(house: House, tenant: str, dgii: list[Deed]) -> None:
    seen: list[bool] = []

    def look_and_die() -> Processed:
        seen.append(job(house, tenant).payload["lost"])
        raise RuntimeError("died after the sending")

    dgii[:] = [look_and_die, saying(USED)]
    made = void(house, tenant, (1, 2)).json()["id"]
    assert brought(house, tenant, made)["estado"] == "anulada"
    assert seen == [True]


def test_an_outage_of_days_buries_nothing(house: House, tenant: str, dgii: list[Deed]) -> None:
    dgii[:] = [failing(AuthorityUnavailable())]
    made = void(house, tenant, (1, 2)).json()["id"]
    brought(house, tenant, made, times=40)
    waiting = job(house, tenant)
    assert (waiting.state, waiting.payload["lost"]) == ("pending", False)
    assert waiting.wait <= LONGEST_BACKOFF
    dgii[:] = [failing(AuthorityUnavailable(retry_after=900))]
    brought(house, tenant, made, times=1)
    assert job(house, tenant).wait > timedelta(minutes=14)
    dgii[:] = [saying("Las secuencias fueron anuladas correctamente.", done=True)]
    assert brought(house, tenant, made)["estado"] == "anulada"


def test_a_refusal_without_a_code_is_judged_by_its_words(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes as a refused file, and must not free numbers that it calls used."""
    used = Outcome(Estado.RECHAZADO, (Mensaje("0", USED),))
    monkeypatch.setattr(Dgii, "void", lambda *_: failing(SubmissionRefused(used))())
    ended = brought(house, tenant, void(house, tenant, (1, 2)).json()["id"])
    assert (ended["estado"], ended["ranges"][0]["estado"], ended["mensajes"]) == ("rechazada", "no_anulado", [USED])
