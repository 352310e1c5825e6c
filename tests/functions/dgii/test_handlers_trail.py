"""The trail of a document tells dgii's own steps: why it waited, what was asked, what was sent again, and what proves it."""

import json
from typing import Any

from functions.dgii.reasons import Reason
from tests.flows.following import facts_of
from tests.functions.dgii.playing import Player
from tests.functions.dgii.test_handlers_failures import step_on


def trail(player: Player, invoice_id: str) -> list[dict[str, Any]]:
    player.house.settle()
    headers = player.house.token(player.tenant)
    answer = player.house.client("billing").get(f"/tenant/invoices/{invoice_id}/trail", headers=headers)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def reasons(steps: list[dict[str, Any]]) -> list[str]:
    return [step["evidence"]["code"] for step in steps if step["evidence"]]


def test_the_usual_way_costs_no_fact_of_its_own(player: Player) -> None:
    made = player.emit()
    player.work_on(made["encf"], "aceptado")
    steps = trail(player, made["id"])
    assert [step["step"] for step in steps] == ["numbered", "signed", "submitted", "accepted"]
    assert reasons(steps) == ["ENVIADO", "VEREDICTO"]
    assert player.told("submission.explained") == 0
    (arrived,) = player.arrived()
    assert {step["evidence"]["sha256"] for step in steps[2:]} == {arrived["sha256"]}
    assert [(step["evidence"]["http_status"], step["evidence"]["codigo"]) for step in steps[2:]] == [(200, None), (200, "1")]
    assert all(step["explanation"] for step in steps)


def test_a_lost_answer_and_the_resend_are_told_with_the_same_hash(player: Player) -> None:
    player.set("error_before", "500", times=1)
    made = player.emit()
    player.work_on(made["encf"], "aceptado")
    steps = trail(player, made["id"])
    assert reasons(steps) == ["RESPUESTA_PERDIDA", "NO_HALLADO", "CUARENTENA_CUMPLIDA", "REENVIADO", "VEREDICTO"]
    assert len({step["evidence"]["sha256"] for step in steps if step["evidence"]}) == 1
    assert steps[2]["evidence"]["http_status"] == 500
    assert "se le preguntó por el e-NCF antes de reenviar y no lo tenía" in steps[3]["explanation"]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert steps[-1]["evidence"]["envios"] == 2


def test_what_was_found_by_asking_is_told_and_sent_once(player: Player) -> None:
    player.set("error_after", "502-html", times=1)
    made = player.emit()
    player.work_on(made["encf"], "aceptado")
    assert reasons(trail(player, made["id"]))[0] == Reason.RESPUESTA_PERDIDA
    assert reasons(trail(player, made["id"]))[-1] in (Reason.VEREDICTO_HALLADO, Reason.VEREDICTO)


def test_a_pseudo_rejection_is_told_once_and_moves_nothing(player: Player) -> None:
    player.set("refused", "004", times=3)
    made = player.emit()
    player.work_on(made["encf"], "aceptado")
    steps = trail(player, made["id"])
    told = [step for step in steps if step["evidence"] and step["evidence"]["code"] == Reason.FALLO_DGII]
    assert [(step["step"], step["evidence"]["codigo"]) for step in told] == [("explained", "4")]
    assert "No es un rechazo" in told[0]["explanation"]
    assert steps[-1]["step"] == "accepted"


def test_an_alarm_is_in_the_trail_and_leaves_the_state(player: Player) -> None:
    player.set("wrong_rnc", "101000000")
    made = player.emit()
    step_on(player, made["encf"])
    (step,) = [step for step in trail(player, made["id"]) if step["step"] == "alarmed"]
    assert (step["detail"]["code"], step["estado"]) == ("RESPUESTA_AJENA", "enviado")
    assert "otro emisor" in step["explanation"]


def test_news_that_comes_twice_or_late_is_in_the_trail_once_and_where_it_happened(player: Player) -> None:
    player.set("error_before", "500", times=1)
    made = player.emit()
    player.work_on(made["encf"], "aceptado")
    before = trail(player, made["id"])
    facts = [fact for fact in facts_of(player.house, player.tenant) if fact.source == "/functions/dgii"]
    for fact in reversed(facts):
        player.house.broker.post(*fact.to_http())
    assert trail(player, made["id"]) == before
    moments = [json.loads(fact.data)["observed_at"] for fact in facts]
    assert [step["detail"]["observed_at"] for step in before if "observed_at" in step["detail"]] == moments
