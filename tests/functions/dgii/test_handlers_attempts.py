"""Attempts at one number, and documents of one signer: what was heard of one is not taken for news of another."""

import pytest

from functions.dgii.domain import Step
from functions.dgii.gateway import Authority
from functions.dgii.observations import Observation
from tests.functions.billing.bodies import FACTURA
from tests.functions.dgii.playing import Player


@pytest.mark.parametrize("name", ["error_before", "error_after"])
def test_a_lost_second_attempt_at_a_number_does_not_take_the_first_ones_rejection_for_news(player: Player, name: str) -> None:
    player.set("refused", "145 Fecha de vencimiento de secuencia inválida.", times=1)
    first = player.emit()
    assert player.work_on(first["encf"], "rechazado")["secuencia_utilizada"] is False
    player.house.settle()
    player.set(name, "500", service="reception", times=1)
    second = player.emit()
    assert second["encf"] == first["encf"]
    found = player.work_on(second["encf"], "aceptado")
    assert (found["intento"], player.alarms()) == (2, [])
    assert [d["estado"] for d in player.arrived()] == [2, 1]


def test_a_refused_signer_is_tried_by_one_document_and_told_once_and_who_gets_through_lets_the_others_pass(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    perform = Authority.perform

    def counted(authority: Authority, step: Step, tenant: str, submission: object) -> Observation:
        if tenant == player.tenant:
            asked.append(submission.encf)  # type: ignore[attr-defined]
        return perform(authority, step, tenant, submission)  # type: ignore[arg-type]

    monkeypatch.setattr(Authority, "perform", counted)
    player.set("not_delegated")
    numbers = [player.emit(FACTURA)["encf"] for _ in range(4)]
    assert (asked, player.alarms()) == (numbers[:1], ["FIRMANTE_BLOQUEADO"])
    player.reset()
    player.set("verdict_delay_ms", "0")
    assert player.status(numbers[1])["estado"] == "pendiente"
    player.work_on(numbers[0], "aceptado")
    for number in numbers[1:]:
        player.work_on(number, "aceptado")
    assert {d["encf"] for d in player.arrived()} == set(numbers)
    assert player.alarms() == ["FIRMANTE_BLOQUEADO"]
