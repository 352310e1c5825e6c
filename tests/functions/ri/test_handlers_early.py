"""A company may choose that its prints do not wait for DGII; nobody else's do not."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from functions.ri.words import LEGENDS, Modalidad
from shared.db.ids import uuid7
from shared.events.catalogue import EcfRejected
from shared.events.remission import EcfHeld
from shared.identity.permissions import Permission
from tests.data.facts import example, signed
from tests.functions.ri.case import Case, bare, flat
from tests.functions.ri.documents import xml_31
from tests.house import House


@pytest.fixture
def case(house: House) -> Case:
    made = Case(house, uuid7(), uuid7(), xml_31())
    made.deliver(made.signed())
    return made


def ask(case: Case, method: str, body: Any = None, *permissions: Permission) -> Any:
    headers = case.house.token(case.tenant, *permissions)
    return case.house.client("ri").request(method, "/tenant/ri/printing", json=body, headers=headers)


def said(pdf: bytes) -> str:
    return flat(PdfReader(io.BytesIO(pdf)))


def test_prints_wait_unless_it_was_chosen_and_again_when_it_was_taken_back(case: Case) -> None:
    assert ask(case, "GET").json() == {"before_acceptance": False}
    statuses = [case.get().status_code]
    for early in (True, False):
        assert ask(case, "PUT", {"before_acceptance": early}).json() == ask(case, "GET").json() == {"before_acceptance": early}
        statuses.append(case.get().status_code)
    assert statuses == [409, 200, 409]


@pytest.mark.parametrize("formato", ["a4", "ticket"])
def test_an_early_print_says_what_the_accepted_one_says_and_no_legend(case: Case, formato: str) -> None:
    ask(case, "PUT", {"before_acceptance": True})
    early = said(case.get(formato=formato).content)
    case.deliver(case.outcome())
    assert early == said(case.get(formato=formato).content)
    assert [legend for legend in LEGENDS.values() if legend and bare(legend) in early] == []


def test_an_outage_still_puts_its_legend_on_what_was_printed_early(case: Case) -> None:
    ask(case, "PUT", {"before_acceptance": True})
    assert case.get().status_code == 200
    held = example(EcfHeld, invoice_id=case.invoice, regimen=1)
    case.deliver(signed(case.house.keys["billing"], held, tenant=case.tenant, subject=case.invoice))
    assert bare(LEGENDS[Modalidad.CONTINGENCIA]) in said(case.get().content)


def test_what_dgii_rejected_is_not_printed_however_early_one_may(case: Case) -> None:
    ask(case, "PUT", {"before_acceptance": True})
    case.deliver(case.outcome(EcfRejected))
    answer = case.get()
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:rejected-has-no-form")


def test_the_choice_is_the_companys_own_and_takes_a_permission(case: Case) -> None:
    ask(case, "PUT", {"before_acceptance": True})
    other = Case(case.house, uuid7(), uuid7(), xml_31())
    other.deliver(other.signed())
    assert other.get().status_code == 409
    assert ask(case, "PUT", {"before_acceptance": False}, Permission.PRINTED_READ).status_code == 403
    assert ask(case, "PUT", {}).status_code == 422
