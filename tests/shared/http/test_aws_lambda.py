"""One function answers an API Gateway event as it answers HTTP."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from shared.db.ids import uuid7
from shared.events.catalogue import CompanyCreated
from shared.http import aws_lambda
from tests.data.facts import example, signed
from tests.house import House


def event(method: str, path: str, headers: dict[str, str], body: str | None = None) -> dict[str, Any]:
    """HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def function(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FUNCTION", "plans")
    for name, value in house.settings("plans").model_copy(update={"k_sink": None}):
        if value is not None:
            monkeypatch.setenv(name.upper(), value.get_secret_value() if isinstance(value, SecretStr) else str(value))
    aws_lambda._adapter.cache_clear()
    return "plans"


def test_a_gateway_event_is_answered(house: House, function: str) -> None:
    tenant = uuid7()
    headers, body = signed(house.keys["admin"], example(CompanyCreated), tenant=tenant).to_http()
    assert aws_lambda.handler(event("POST", "/events", headers, body.decode()), None)["statusCode"] == 204
    sent = event(
        "POST", "/tenant/plans/preview", house.token(tenant) | {"content-type": "application/json"}, '{"monto_total": "5000"}'
    )
    answer = aws_lambda.handler(sent, None)
    assert (answer["statusCode"], json.loads(answer["body"])["fee"]) == (200, "5.00")
    refused = aws_lambda.handler(event("GET", "/tenant/plans/current", {}), None)
    assert (refused["statusCode"], refused["headers"]["content-type"]) == (401, "application/problem+json")
