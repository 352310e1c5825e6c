"""Tokens: one algorithm, one type, known keys, exact claims (security D-4, AUTH-02, AUTH-03)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.tokens import (
    TokenRefused,
    UserClaims,
    issue_service_token,
    issue_user_token,
    verify_service_token,
    verify_user_token,
)
from tests.house import _public, _seed

KEY, OTHER = FunctionKey("k1", _seed()), FunctionKey("k2", _seed())
KEYS = PublicKeys(json.dumps({"k1": _public(KEY)}))
CLAIMS = UserClaims("a-user", "a-tenant", "TENANT", ("ecf.emit",), "a-session")
HEADER = {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"}


def payload(**given: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": "auth",
        "aud": "getupnet",
        "sub": "a-user",
        "tid": "a-tenant",
        "scope": "TENANT",
        "perms": ["ecf.emit"],
        "sid": "a-session",
        "auth_time": 0,
        "amr": [],
        "iat": now,
        "exp": now + 900,
    } | given
    return {name: value for name, value in made.items() if value is not ...}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(header: dict[str, Any] | None = None, key: FunctionKey = KEY, body: str | None = None, **claims: Any) -> str:
    """A token built by hand, so that no library refuses to make it."""
    head = {name: value for name, value in (HEADER | (header or {})).items() if value is not ...}
    signed = f"{b64(json.dumps(head).encode())}.{b64((body or json.dumps(payload(**claims))).encode())}"
    return f"{signed}.{b64(key.private.sign(signed.encode()))}"


def test_a_token_we_issued_says_what_we_put_in() -> None:
    assert verify_user_token(issue_user_token(CLAIMS, KEY), KEYS) == CLAIMS
    assert verify_user_token(token(), KEYS) == CLAIMS, "the hand-made one is right, or the refusals below prove nothing"


def mac(alg: str, secret: bytes) -> str:
    signed = f"{b64(json.dumps(HEADER | {'alg': alg}).encode())}.{b64(json.dumps(payload()).encode())}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def rsa_signed() -> str:
    return jwt.encode(payload(), rsa.generate_private_key(65537, 2048), algorithm="RS256", headers={"kid": "k1", "typ": "at+jwt"})


PUBLIC = KEY.private.public_key()
NOW = int(time.time())
FORGED: dict[str, Callable[[], str]] = {
    **{
        f"alg {alg}": lambda alg=alg: token({"alg": alg}) for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "ES256", "eddsa")
    },
    "alg none without signature": lambda: token({"alg": "none"}).rsplit(".", 1)[0] + ".",
    "no signature": lambda: token().rsplit(".", 1)[0] + ".",
    "two parts": lambda: token().rsplit(".", 1)[0],
    "four parts": lambda: token() + ".x",
    "HS256 with the public key": lambda: mac("HS256", PUBLIC.public_bytes_raw()),
    "HS256 with the public key in PEM": lambda: mac("HS256", PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "EdDSA that is an HMAC": lambda: mac("EdDSA", PUBLIC.public_bytes_raw()),
    "RS256": rsa_signed,
    "another key under our id": lambda: token(key=OTHER),
    "another key under its own id": lambda: token({"kid": "k2"}, key=OTHER),
    **{
        f"kid {kid!r:.30}": lambda kid=kid: token({"kid": kid})
        for kid in (..., "", "../../etc/passwd", "' OR 1=1 --", 1, None, ["k1"], {}, "k" * 900)
    },
    **{f"typ {typ!r}": lambda typ=typ: token({"typ": typ}) for typ in (..., "JWT", "service+jwt", "AT+JWT", "")},
    **{
        f"header {name}": lambda name=name, value=value: token({name: value})
        for name, value in (("crit", ["exp"]), ("b64", False), ("zip", "DEF"))
    },
    **{f"header {name}": lambda name=name: token({name: "http://127.0.0.1:1/"}) for name in ("jku", "x5u", "jwk", "x5c", "cty")},
    **{f"without {name}": lambda name=name: token(**{name: ...}) for name in payload()},
    "an extra claim": lambda: token(admin=True),
    "nbf": lambda: token(nbf=NOW),
    "homoglyph claim": lambda: token(tid=..., tіd="a-tenant"),
    "audience of a function": lambda: token(aud="sign"),
    "issuer": lambda: token(iss="billing"),
    "issuer empty": lambda: token(iss=""),
    "expired": lambda: token(iat=NOW - 1000, exp=NOW - 31),
    "issued in the future": lambda: token(iat=int(time.time()) + 120),
    **{
        f"{name} is {value!r}": lambda name=name, value=value: token(**{name: value})
        for name in ("sub", "tid", "scope", "sid")
        for value in ("", 1, None, [])
    },
    **{f"perms is {value!r}": lambda value=value: token(perms=value) for value in ("ecf.emit", None, [1], {"a": 1})},
    "exp is text": lambda: token(exp="never"),
    "exp is infinite": lambda: token(body=json.dumps(payload(exp=float("inf")))),
    "payload is a list": lambda: token(body="[]"),
    "payload is no JSON": lambda: token(body="{"),
    "oversize": lambda: token(sid="x" * 4096),
    "a megabyte": lambda: "a" * 1_000_000,
    "nested": lambda: token(body=token()),
    "not ASCII": lambda: token() + "ñ",
    "garbage in base64": lambda: token() + "!",
    "white space in base64": lambda: token().replace(".", ".\n"),
    "padding": lambda: token() + "==",
    "empty": lambda: "",
    "dots": lambda: "..",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_exactly_ours_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(TokenRefused):
        verify_user_token(forge(), KEYS)


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = int(time.time())
    assert verify_user_token(token(iat=now - 920, exp=now - 20), KEYS)
    assert verify_user_token(token(iat=now + 20), KEYS)
    with pytest.raises(TokenRefused):
        verify_user_token(issue_user_token(CLAIMS, KEY, now=now - 931), KEYS)


BODY = b'{"a":1}'


def service(key: FunctionKey = FunctionKey("billing", KEY.seed), **given: Any) -> str:
    return issue_service_token(key, **({"audience": "sign", "tenant": "t", "purpose": "ecf", "body": BODY} | given))


FUNCTIONS = PublicKeys(json.dumps({"billing": _public(KEY), "dgii": _public(OTHER)}))


def test_a_service_token_names_caller_tenant_and_purpose() -> None:
    claims = verify_service_token(service(), FUNCTIONS, audience="sign", body=BODY)
    assert (claims.caller, claims.tenant, claims.purpose) == ("billing", "t", "ecf")


@pytest.mark.parametrize(
    ("made", "audience", "body"),
    [
        (service(), "sign", BODY + b" "),
        (service(), "sign", b""),
        (service(), "billing", BODY),
        (service(tenant=""), "sign", BODY),
        (service(purpose=""), "sign", BODY),
        (service(FunctionKey("dgii", KEY.seed)), "sign", BODY),
        (service(FunctionKey("nobody", KEY.seed)), "sign", BODY),
        (token({"kid": "billing"}), "getupnet", BODY),
        (token({"kid": "billing"}), "sign", BODY),
    ],
    ids=[
        "touched body",
        "no body",
        "audience",
        "no tenant",
        "no purpose",
        "kid of another",
        "unknown kid",
        "user token",
        "user token to sign",
    ],
)
def test_a_service_token_is_good_for_one_callee_and_one_body(made: str, audience: str, body: bytes) -> None:
    with pytest.raises(TokenRefused):
        verify_service_token(made, FUNCTIONS, audience=audience, body=body)


def test_a_function_cannot_speak_for_another() -> None:
    now = int(time.time())
    body = {
        "iss": "dgii",
        "aud": "sign",
        "tid": "t",
        "purpose": "ecf",
        "body": hashlib.sha256(BODY).hexdigest(),
        "iat": now,
        "exp": now + 60,
    }
    made = token({"kid": "billing", "typ": "service+jwt"}, body=json.dumps(body))
    with pytest.raises(TokenRefused):
        verify_service_token(made, FUNCTIONS, audience="sign", body=BODY)
    made = token({"kid": "billing", "typ": "service+jwt"}, body=json.dumps(body | {"iss": "billing"}))
    assert verify_service_token(made, FUNCTIONS, audience="sign", body=BODY).caller == "billing"


def test_a_service_token_is_no_user_token() -> None:
    with pytest.raises(TokenRefused):
        verify_user_token(service(), FUNCTIONS)
