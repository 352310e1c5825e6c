"""The DG rows end to end: billing, sign and dgii against a stand-in that misbehaves as asked."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.dgii import gateway, handlers, store
from functions.dgii.domain import Step
from functions.dgii.observations import Judged, NotDone
from functions.dgii.tokens import Tokens
from shared.dgii.client import Dgii
from shared.http.work import run_due
from shared.identity.permissions import Permission
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.functions.dgii.playing import Player
from tests.functions.dgii.world import submission
from tests.house import House


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        (FACTURA, "error_before", "500"),
        (FACTURA, "error_after", "502-html"),
        (FACTURA, "hang_after", "0"),
        (CONSUMO, "error_after", "500"),
        (CONSUMO, "reset_after", ""),
    ],
    ids=lambda value: str(value.get("tipo_ecf")) if isinstance(value, dict) else value,
)
def test_dg02_whatever_was_lost_the_document_is_there_once(player: Player, body: object, name: str, value: str) -> None:
    player.set(name, value, times=1)
    encf = player.emit(body)["encf"]
    player.work_on(encf, "aceptado")
    accepted = [d for d in player.arrived() if d["estado"] == 1]
    assert [d["encf"] for d in accepted] == [encf]
    assert len({d["sha256"] for d in player.arrived()}) == 1


def test_dg02_a_pseudo_rejection_is_sent_again_and_counts_as_none(player: Player) -> None:
    player.set("refused", "004", times=2)
    encf = player.emit()["encf"]
    found = player.work_on(encf, "aceptado")
    assert (found["envios"], [d["estado"] for d in player.arrived()]) == (3, [2, 2, 1])
    assert len({d["sha256"] for d in player.arrived()}) == 1
    assert player.told("ecf.rejected") == 0


def a_hundred_at_once(player: Player, patch: pytest.MonkeyPatch) -> tuple[int, set[str]]:
    """How often DGII was asked for a token by a hundred calls whose token is over, and what they saw."""
    authority = player.house.shell("dgii").outside
    player.work_on(player.emit()["encf"], "aceptado")
    player.set("token_expired")
    asked: list[object] = []
    authenticate = Dgii.authenticate

    def counted(dgii: Dgii, sign: Any) -> Any:
        asked.append(sign)
        return authenticate(dgii, sign)

    patch.setattr(Dgii, "authenticate", counted)
    held = submission(rnc_emisor=player.rnc, certificate_id=certificate_of(player), encf="E310000099999")
    with ThreadPoolExecutor(100) as pool:
        seen = list(pool.map(lambda _: authority.perform(Step.QUERY, player.tenant, held), range(100)))
    return len(asked), {type(one).__name__ for one in seen}


def test_dg03_a_hundred_calls_whose_token_is_over_ask_for_one_new_token_and_none_is_lost(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert a_hundred_at_once(player, monkeypatch) == (1, {"NotFound"})


def test_dg03_without_one_flight_they_ask_many_times(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: a lock for each caller."""
    monkeypatch.setattr(Tokens, "_lock", lambda tokens, name: threading.Lock())
    asked, _ = a_hundred_at_once(player, monkeypatch)
    assert asked > 1


def certificate_of(player: Player) -> str:
    with player.house.shell("dgii").transaction(player.tenant) as tx:
        row = tx.row("SELECT certificate_id::text AS id FROM dgii.certificates WHERE tenant_id = :t", t=player.tenant)
    assert row is not None
    return str(row.id)


def test_dg05_a_missing_delegation_is_told_and_waits_for_people(player: Player) -> None:
    player.set("not_delegated")
    encf = player.emit()["encf"]
    found = player.work_on(encf, "pendiente")
    assert player.alarms() == ["FIRMANTE_BLOQUEADO"]
    assert (found["envios"], player.arrived()) == (0, [])
    with player.house.shell("dgii").transaction(player.tenant) as tx:
        row = tx.row("SELECT extract(epoch FROM due_at - now()) AS wait FROM flow.work WHERE kind = 'submission'")
    assert row is not None
    assert 1700 < row.wait <= 1800, "not repeated by itself for half an hour"
    player.reset()
    player.work_on(encf, "aceptado")


def test_dg05_retry_after_is_honoured(player: Player) -> None:
    player.set("too_many", "40", service="reception", times=1)
    encf = player.emit()["encf"]
    with player.house.shell("dgii").transaction(player.tenant) as tx:
        row = tx.row("SELECT extract(epoch FROM due_at - now()) AS wait FROM flow.work WHERE kind = 'submission'")
    assert row is not None
    assert 36 <= row.wait <= 44
    player.work_on(encf, "aceptado")


def test_dg06_in_process_for_a_day_is_an_alarm_and_is_never_sent_again(player: Player) -> None:
    player.set("in_process")
    encf = player.emit()["encf"]
    player.work_on(encf, "en_proceso")
    shell = player.house.shell("dgii")
    with shell.transaction(player.tenant) as tx:
        tx.rows("UPDATE dgii.submissions SET created_at = now() - interval '25 hours' WHERE encf = :encf", encf=encf)
    for _ in range(3):
        step_on(player, encf)
    found = player.status(encf)
    assert (found["vencido"], player.alarms(), found["envios"], len(player.arrived())) == (True, ["EN_PROCESO_VENCIDO"], 1, 1)
    player.set("verdict_delay_ms", "0")
    player.reset()
    player.work_on(encf, "aceptado")


def step_on(player: Player, encf: str) -> None:
    shell = player.house.shell("dgii")
    with shell.transaction(player.tenant) as tx:
        shell.work.bring_forward(tx, handlers.SUBMISSION, f"{encf}:1", timedelta())
    run_due(shell, handlers.JOBS, jobs=3, seconds=6)


def test_dg07_not_found_after_acceptance_is_asked_for_and_not_sent_again_inside_the_quarantine(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player.house.shell("dgii").outside, "quarantine", timedelta(minutes=15))
    player.set("error_after", "500", times=1)
    player.set("not_found", service="consultas", times=3)
    encf = player.emit()["encf"]
    for _ in range(4):
        step_on(player, encf)
    found = player.work_on(encf, "aceptado")
    assert (found["envios"], len(player.arrived())) == (1, 1)


@pytest.mark.parametrize("value", ["", "null"])
def test_dg08_an_empty_track_id_is_refused_alarmed_and_asked_for(player: Player, value: str) -> None:
    player.set("empty_track_id", value, times=1)
    encf = player.emit()["encf"]
    found = player.work_on(encf, "aceptado")
    assert (player.alarms(), found["envios"], len(player.arrived())) == (["TRACK_ID_VACIO"], 1, 1)


def test_dg08_the_track_id_of_another_document_is_refused_and_moves_neither(player: Player) -> None:
    first = player.emit()["encf"]
    track_id = player.work_on(first, "aceptado")["track_id"]
    player.set("duplicate_track_id", times=1)
    second = player.emit()["encf"]
    found = player.work_on(second, "aceptado")
    assert player.alarms() == ["TRACK_ID_AJENO"]
    assert found["track_id"] not in (None, track_id)
    assert player.status(first)["track_id"] == track_id


def test_dg08_another_issuers_answer_moves_nothing_here_or_there(player: Player, house: House) -> None:
    other = Player.create(house)
    theirs = other.work_on(other.emit()["encf"], "aceptado")
    player.set("wrong_rnc", other.rnc)
    encf = player.emit()["encf"]
    step_on(player, encf)
    assert player.status(encf)["estado"] == "enviado"
    assert player.alarms() == ["RESPUESTA_AJENA"]
    player.reset()
    player.work_on(encf, "aceptado")
    assert other.status(theirs["encf"]) == theirs


def test_dg08_a_status_of_an_unknown_track_id_moves_nothing_and_is_evidence_and_an_alarm(player: Player) -> None:
    player.set("wrong_track_id")
    encf = player.emit()["encf"]
    step_on(player, encf)
    found = player.status(encf)
    assert (found["estado"], player.alarms()) == ("enviado", ["RESPUESTA_AJENA"])
    assert any("00000000-0000-4000-8000-000000000000" in step["detail"] for step in found["evidencia"])
    player.reset()
    player.work_on(encf, "aceptado")


def test_dg08_without_the_echo_of_number_and_issuer_the_answer_would_count(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: every answer is ours."""
    monkeypatch.setattr(gateway, "own", lambda s, outcome, track_id=None: Judged(outcome, track_id))
    player.set("wrong_rnc", "101000000")
    player.work_on(player.emit()["encf"], "aceptado")
    assert player.alarms() == []


def test_dg09_a_rejection_after_acceptance_is_evidence_and_an_alarm_and_changes_nothing(player: Player) -> None:
    encf = player.emit()["encf"]
    before = player.work_on(encf, "aceptado")
    player.set("rejected_later", "1209")
    client, headers = player.house.client("dgii"), player.house.token(player.tenant, *Permission)
    assert client.post("/dgii/ecf/status", json={"encf": encf}, headers=headers).status_code == 202
    run_due(player.house.shell("dgii"), handlers.JOBS, jobs=3, seconds=5)
    after = player.status(encf)
    assert (after["estado"], after["mensajes"], player.alarms()) == ("aceptado", before["mensajes"], ["VEREDICTO_CONTRADICHO"])
    added = after["evidencia"][len(before["evidencia"]) :]
    assert [step["step"] for step in added] == ["review", "alarm"]
    assert "1209" in added[0]["detail"]
    assert player.told("ecf.rejected") == 0


def test_dg09_an_acceptance_with_remarks_is_final_and_keeps_them(player: Player) -> None:
    player.set("conditional", times=1)
    found = player.work_on(player.emit()["encf"], "aceptado_condicional")
    assert [m["codigo"] for m in found["mensajes"]] == ["1385"]


def test_dg10_a_number_that_others_used_stops_its_range_and_no_other(player: Player) -> None:
    player.set("foreign_use", times=1)
    made = player.emit()
    found = player.work_on(made["encf"], "rechazado")
    assert (found["secuencia_utilizada"], player.alarms()) == (True, ["USO_AJENO"])
    assert player.told("sequence.foreign-use") == 1
    player.house.settle()
    assert player.house.emit(player.tenant, FACTURA).status_code == 409
    player.work_on(player.emit(CONSUMO)["encf"], "aceptado")


def test_dg12_a_seed_that_was_signed_before_is_not_signed_again(player: Player) -> None:
    authority = player.house.shell("dgii").outside
    seed = f"<SemillaModel><valor>{time.time_ns()}</valor><fecha>x</fecha></SemillaModel>".encode()
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(200 if request.method == "GET" else 503, stream=httpx.ByteStream(seed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(authority.services.__dict__, "_http", httpx.Client(transport=httpx.MockTransport(reply)))
        held = submission(rnc_emisor=player.rnc, certificate_id=certificate_of(player))
        seen = [authority.perform(Step.QUERY, player.tenant, held) for _ in range(2)]
    assert asked == ["GET", "POST", "GET"], "the second seed is the first one: it is not signed"
    assert isinstance(seen[1], NotDone)
    assert "reused" in seen[1].reason


def test_dg15_a_small_consumo_goes_to_its_own_service_once(player: Player) -> None:
    small = player.emit(CONSUMO)["encf"]
    large = CONSUMO | {
        "comprador": {"rnc_comprador": "131880681", "razon_social_comprador": "COMPRADOR SRL"},
        "items": [CONSUMO["items"][0] | {"precio_unitario_item": "250000.00"}],  # type: ignore[index]
    }
    big = player.emit(large)["encf"]
    for encf in (small, big):
        player.work_on(encf, "aceptado")
    assert {d["encf"]: d["channel"] for d in player.arrived()} == {small: "rfce", big: "ecf"}
    # The same summary again: DGII says that the pair was used, and the consulta that it is ours.
    shell = player.house.shell("dgii")
    with shell.transaction(player.tenant) as tx:
        held = store.load(tx, small, 1)
    assert held is not None
    again = shell.outside.perform(Step.SEND, player.tenant, held)
    assert isinstance(again, Judged)
    assert again.outcome.number_was_used
    assert sum(d["estado"] == 1 for d in player.arrived()) == 2


def test_dg16_two_workers_with_one_answer_make_one_transition(player: Player) -> None:
    encf = player.emit()["encf"]
    player.work_on(encf, "aceptado")
    shell = player.house.shell("dgii")
    with shell.transaction(player.tenant) as tx:
        held = store.load(tx, encf, 1)
    assert held is not None
    with pytest.raises(store.SubmissionMoved), shell.transaction(player.tenant) as tx:
        store.save(tx, held, step="poll", detail="again")
    assert player.told("ecf.accepted") == 1
