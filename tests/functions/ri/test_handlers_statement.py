"""ri prints a month's statement for billing, in the tenant's look, and for nobody else."""

import base64
import io
import json
from typing import Any

import pytest
from pypdf import PdfReader

from shared.db.ids import uuid7
from shared.identity.tokens import issue_service_token
from tests.functions.ri.documents import picture
from tests.functions.ri.reports import a_statement, read, wanted
from tests.house import House


def ask(house: House, said: dict[str, Any], *, tenant: str | None = None, caller: str = "billing", bound: bytes = b"") -> Any:
    body = json.dumps(said).encode()
    token = issue_service_token(
        house.keys[caller], audience="ri", tenant=tenant or uuid7(), purpose="statement", body=bound or body
    )
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return house.client("ri").post("/ri/statement", content=body, headers=headers)


def test_billing_has_a_statement_printed_by_the_child(house: House) -> None:
    said = a_statement(("", "NORTE"), types=(31, 32))
    answer = ask(house, said)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert read(answer.content) == wanted(said)


def test_it_wears_the_tenants_logo_and_no_other_tenants(house: House) -> None:
    tenant = uuid7()
    look = {"accent": "#7a1f1f", "logo": base64.b64encode(picture()).decode()}
    assert house.client("ri").put("/tenant/ri/appearance", json=look, headers=house.token(tenant)).status_code == 200
    mine, others = (
        PdfReader(io.BytesIO(ask(house, a_statement(types=(31,)), tenant=whose).content)) for whose in (tenant, uuid7())
    )
    assert all(len(page.images) == 1 for page in mine.pages)
    assert not any(page.images for page in others.pages)


@pytest.mark.parametrize("caller", ["dgii", "sign", "ri"])
def test_no_other_function_may(house: House, caller: str) -> None:
    assert ask(house, a_statement(types=(31,)), caller=caller).status_code == 401


def test_a_token_is_good_for_its_own_figures_only(house: House) -> None:
    assert ask(house, a_statement(types=(31,)), bound=b"{}").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"month": "2026-13"},
        {"generated_at": "2026-12-01T00:00:00"},
        {"generated_at": "0001-01-01T00:00:00Z"},
        {"ranges": [{}]},
        {"extra": 1},
        {"company": {"rnc": "1"}},
    ],
)
def test_what_is_no_statement_is_refused(house: House, wrong: dict[str, Any]) -> None:
    assert ask(house, a_statement(types=(31,)) | wrong).status_code == 422


def test_what_a_tenant_wrote_is_never_more_than_letters(house: House) -> None:
    said = a_statement(("<b>&amp; {x}",), types=(33,))
    said["company"]["razon_social"] = "<script>alert(1)</script> 'S \\ ¢ \u202e\u0301 SRL"
    answer = ask(house, said)
    assert answer.status_code == 200
    assert [line[1] for line in read(answer.content).lines] == [line["sucursal"] for line in said["lines"]]
