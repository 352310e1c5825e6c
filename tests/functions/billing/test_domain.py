"""The document's machine and the refusals, as values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import domain
from functions.billing.domain import FINAL, TRANSITIONS, Certificate, Estado, Step, advance

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(st.lists(st.sampled_from(Step)))
def test_no_order_of_news_moves_a_document_out_of_a_final_state(steps: list[Step]) -> None:
    estado, ended = Estado.NUMERADO, None
    for step in steps:
        estado = advance(estado, step) or estado
        ended = ended or (estado if estado in FINAL else None)
        assert ended is None or estado is ended


@given(st.sampled_from(Estado), st.sampled_from(Step))
def test_a_step_moves_forward_or_not_at_all(estado: Estado, step: Step) -> None:
    order = [Estado.NUMERADO, Estado.FIRMADO, Estado.EN_CONTINGENCIA, Estado.ENVIADO]
    reached = advance(estado, step)
    if reached is not None and reached in order:
        assert order.index(reached) > order.index(estado)


def test_every_state_that_a_step_reaches_is_reached_from_a_number() -> None:
    reached, grew = {Estado.NUMERADO}, True
    while grew:
        new = {target for sources, target in TRANSITIONS.values() if sources & reached} - reached
        reached, grew = reached | new, bool(new)
    assert {target for _, target in TRANSITIONS.values()} <= reached


@pytest.mark.parametrize("step", [Step.ACCEPT, Step.REJECT])
def test_a_verdict_may_overtake_the_news_of_its_submission(step: Step) -> None:
    assert advance(Estado.FIRMADO, step) in FINAL


@given(st.lists(st.sampled_from(Step)))
def test_contingency_is_entered_once_and_left_only_by_dgii(steps: list[Step]) -> None:
    estado, entered = Estado.FIRMADO, 0
    for step in steps:
        reached = advance(estado, step)
        entered += reached is Estado.EN_CONTINGENCIA
        if estado is Estado.EN_CONTINGENCIA and reached is not None:
            # dgii's word too: it had let the document go before it was held.
            assert step in {Step.SUBMIT, Step.RETIRE, *domain.VERDICTS}
        estado = reached or estado
    assert entered <= 1


def test_late_news_is_late_and_a_second_verdict_contradicts() -> None:
    assert domain.unmoved(Step.SUBMIT) is Step.SUBMIT
    assert domain.unmoved(Step.REJECT) is Step.CONTRADICT


@pytest.mark.parametrize("key", [None, "", "x" * 256, "clave ñ", "a\nb"])
def test_a_key_is_printable_ascii_of_bounded_length(key: str | None) -> None:
    with pytest.raises(domain.IdempotencyKeyMissing):
        domain.check_key(key)


def test_bodies_that_say_the_same_have_the_same_hash() -> None:
    assert domain.request_hash({"a": 1, "b": [1]}) == domain.request_hash({"b": [1], "a": 1})
    assert domain.request_hash({"a": 1}) != domain.request_hash({"a": "1"})


def _certificate(name: str, start: int, end: int, *, active: int | None = None) -> Certificate:
    """Days from now; it begins to sign on its first day unless another is named."""
    begins = NOW + timedelta(days=start if active is None else active)
    return Certificate(name, NOW + timedelta(days=start), NOW + timedelta(days=end), begins)


def test_the_newest_certificate_in_force_signs() -> None:
    held = [_certificate("future", 1, 9), _certificate("current", -1, 9), _certificate("old", -9, 9)]
    assert domain.choose_certificate(held, NOW).id == "current"


def test_a_new_certificate_waits_for_its_cut_over() -> None:
    held = [_certificate("next", -1, 99, active=3), _certificate("current", -9, 9)]
    assert domain.choose_certificate(held, NOW).id == "current"
    assert domain.choose_certificate(held, NOW + timedelta(days=3)).id == "next"
    with pytest.raises(domain.CertificateMissing):
        domain.choose_certificate(held[:1], NOW)


def test_without_one_in_force_the_refusal_says_when_it_expired() -> None:
    with pytest.raises(domain.CertificateExpired) as refusal:
        domain.choose_certificate([_certificate("old", -9, -1)], NOW)
    assert refusal.value.facts["not_after"] == "2026-11-23"
