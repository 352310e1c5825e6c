"""billing's view of sign: signed, refused for good, or to be tried again."""

import json
from collections.abc import Callable

import httpx
import pytest

from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.callee import CalleeUnavailable
from shared.identity.tokens import verify_service_token
from shared.signer.client import Signer, SigningRefused
from tests.house import _public, _seed

KEY = FunctionKey("billing", _seed())
GOOD = {"xml": "PGEvPg==", "codigo_seguridad": "abcdef", "sha256": "x", "rfce": None}


def signer(answer: Callable[[httpx.Request], httpx.Response]) -> Signer:
    made = Signer("http://sign", KEY)
    made._callee.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(answer))
    return made


def sign(one: Signer) -> object:
    return one.sign(b"<a/>", tenant="t", certificate_id="c", purpose="ecf")


def test_the_call_carries_a_token_for_exactly_this_body() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        keys = PublicKeys(json.dumps({"billing": _public(KEY)}))
        claims = verify_service_token(token, keys, audience="sign", body=request.content)
        assert (claims.caller, claims.tenant, claims.purpose, request.url.path) == ("billing", "t", "ecf", "/sign/xml")
        return httpx.Response(200, json=GOOD | {"rfce": "PGIvPg=="})

    made = signer(answer).sign(b"<a/>", tenant="t", certificate_id="c", purpose="ecf")
    assert (made.xml, made.rfce, made.codigo_seguridad) == (b"<a/>", b"<b/>", "abcdef")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_sick_signer_is_tried_again(status: int) -> None:
    with pytest.raises(CalleeUnavailable):
        sign(signer(lambda _: httpx.Response(status)))


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_a_signer_that_does_not_answer_is_tried_again(error: Exception) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(CalleeUnavailable):
        sign(signer(answer))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff"])
def test_a_success_that_is_no_answer_of_sign_is_tried_again(body: bytes) -> None:
    with pytest.raises(CalleeUnavailable):
        sign(signer(lambda _: httpx.Response(200, content=body)))


@pytest.mark.parametrize(
    ("body", "reason"), [(b'{"detail": "El RNC"}', "El RNC"), (b"<html>", "sin motivo"), (b"[]", "sin motivo")]
)
def test_a_refusal_is_for_good_and_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(SigningRefused) as refusal:
        sign(signer(lambda _: httpx.Response(409, content=body)))
    assert refusal.value.facts["reason"] == reason
