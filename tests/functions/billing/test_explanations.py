"""Every step of a trail has its Spanish sentence, whoever took it."""

import pytest

from functions.billing.domain import Step
from functions.billing.explanations import _ALARMS, _REASONS, _STEPS, explain
from functions.dgii.alarms import Code
from functions.dgii.reasons import Reason
from shared.events.authority import Evidence, SubmissionAlarmed

EVIDENCE = {"code": "ENVIADO", "sha256": "0" * 64, "http_status": 200, "codigo": None, "envios": 1, "consultas": 0}


def test_every_word_of_ours_and_of_dgii_has_a_sentence() -> None:
    assert {step.value for step in Step} <= set(_STEPS)
    assert set(_REASONS) == {reason.value for reason in Reason}
    assert set(_ALARMS) == {code.value for code in Code}


@pytest.mark.parametrize("said", [*_STEPS.values(), *_REASONS.values(), *_ALARMS.values()])
def test_a_sentence_is_a_sentence(said: str) -> None:
    assert said[0].isupper()
    assert said.endswith(".")
    assert "  " not in said


@pytest.mark.parametrize(("kind", "codes"), [(Evidence, Reason), (SubmissionAlarmed, Code)])
def test_every_code_is_explained_where_the_fact_is(kind: type, codes: type[Reason] | type[Code]) -> None:
    assert [code.value for code in codes if code.value not in (kind.__doc__ or "")] == []


def test_a_reason_is_told_before_the_step_and_a_verdict_with_it() -> None:
    assert explain("submitted", {"evidence": EVIDENCE}) == "La DGII recibió el comprobante y le dio un trackId."
    verdict = explain("accepted", {"evidence": EVIDENCE | {"code": "VEREDICTO", "consultas": 7}})
    assert verdict == "La DGII dio su veredicto. La DGII aceptó el comprobante. Hasta aquí: 7 consultas."


def test_a_step_without_evidence_and_a_code_of_a_newer_release_are_told_plainly() -> None:
    assert explain("accepted", {}) == "La DGII aceptó el comprobante."
    assert explain("submitted", {"evidence": EVIDENCE | {"code": "NUEVO"}}) == "La DGII recibió el comprobante."
    assert explain("alarmed", {"code": "NUEVO"}) == _STEPS["alarmed"]
    assert explain("alarmed", {"code": "USO_AJENO"}) == _ALARMS["USO_AJENO"]
