"""A company's standing: one question, two clear refusals, and the words the events use."""

import pytest

from shared.errors import NotAllowed
from shared.events.companies import CompanyResumed, CompanySealed, CompanySuspended
from shared.identity.standing import Estado, NotOnceSealed, NotWhileSuspended, refuse_unless_active


def test_an_active_company_may_act() -> None:
    refuse_unless_active("activa")


@pytest.mark.parametrize(("estado", "refusal"), [("suspendida", NotWhileSuspended), ("sellada", NotOnceSealed)])
def test_any_other_is_told_why_not(estado: str, refusal: type[NotAllowed]) -> None:
    with pytest.raises(refusal):
        refuse_unless_active(estado)


def test_the_events_speak_of_these_states() -> None:
    assert {event.estado for event in (CompanyResumed, CompanySuspended, CompanySealed)} == {e.value for e in Estado}
