"""Tokens: users carry 15 minutes of EdDSA for one tenant, functions 60 seconds of their own key for one call.

PyJWT signs and verifies; what is allowed (one algorithm, one type, known keys, exact claims) is fixed here (security D-4).
"""

import base64
import hashlib
import json
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shared.db.seal import is_tenant
from shared.errors import NotAuthenticated
from shared.events.keys import FunctionKey, PublicKeys

if TYPE_CHECKING:
    from jwt.types import Options

AUDIENCE = "getupnet"
USER_TYPE = "at+jwt"
SERVICE_TYPE = "service+jwt"
ACCESS_SECONDS = 900
SERVICE_SECONDS = 60
_LIFE = {USER_TYPE: ACCESS_SECONDS, SERVICE_TYPE: SERVICE_SECONDS}
LEEWAY_SECONDS = 30
_USER_CLAIMS = frozenset({"iss", "aud", "sub", "tid", "scope", "perms", "sid", "auth_time", "amr", "iat", "exp"})
_SERVICE_CLAIMS = frozenset({"iss", "aud", "tid", "purpose", "body", "iat", "exp"})
_REMEMBERED = 1000
_COMPACT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")


class TokenRefused(NotAuthenticated):
    slug = "token-refused"


@dataclass(frozen=True)
class UserClaims:
    """Who speaks: `tenant` is the one company of this token (or `platform`), `session` its revocable family.

    `authenticated_at` (Unix seconds) is when the person last proved to be there, `methods` how: `pwd`, `otp` (RFC 8176).
    Both are empty for a program.
    """

    user: str
    tenant: str
    scope: str
    permissions: tuple[str, ...]
    session: str
    authenticated_at: int = 0
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceClaims:
    """Which function calls, for which tenant and purpose."""

    caller: str
    tenant: str
    purpose: str


def issue_user_token(claims: UserClaims, key: FunctionKey, *, now: float | None = None, seconds: int = ACCESS_SECONDS) -> str:
    """Sign an access token that is good for `seconds` (at most ACCESS_SECONDS); `key.function` is the key id."""
    import jwt  # 90 ms of imports, paid by the first log-in

    issued = int(time.time() if now is None else now)
    payload = {
        "iss": "auth",
        "aud": AUDIENCE,
        "sub": claims.user,
        "tid": claims.tenant,
        "scope": claims.scope,
        "perms": list(claims.permissions),
        "sid": claims.session,
        "auth_time": claims.authenticated_at,
        "amr": list(claims.methods),
        "iat": issued,
        "exp": issued + seconds,
    }
    return jwt.encode(payload, key.private, algorithm="EdDSA", headers={"typ": USER_TYPE, "kid": key.function})


def verify_user_token(token: str, keys: PublicKeys) -> UserClaims:
    """TokenRefused unless the token is ours, current, and has exactly the claims we issue."""
    claims = _decode(token, keys, USER_TYPE, AUDIENCE, _USER_CLAIMS)
    if claims["iss"] != "auth" or not _are_text(claims, "sub", "tid", "scope", "sid") or not is_tenant(claims["tid"]):
        raise TokenRefused
    if not all(isinstance(claims[name], list) and all(isinstance(one, str) for one in claims[name]) for name in ("perms", "amr")):
        raise TokenRefused
    if type(claims["auth_time"]) is not int:
        raise TokenRefused
    permissions, methods = tuple(claims["perms"]), tuple(claims["amr"])
    return UserClaims(claims["sub"], claims["tid"], claims["scope"], permissions, claims["sid"], claims["auth_time"], methods)


def issue_service_token(key: FunctionKey, *, audience: str, tenant: str, purpose: str, body: bytes) -> str:
    """A token for one call: it names the callee, the tenant, the purpose and the hash of the body."""
    import jwt

    issued = int(time.time())
    payload = {
        "iss": key.function,
        "aud": audience,
        "tid": tenant,
        "purpose": purpose,
        "body": hashlib.sha256(body).hexdigest(),
        "iat": issued,
        "exp": issued + SERVICE_SECONDS,
    }
    return jwt.encode(payload, key.private, algorithm="EdDSA", headers={"typ": SERVICE_TYPE, "kid": key.function})


def verify_service_token(token: str, keys: PublicKeys, *, audience: str, body: bytes) -> ServiceClaims:
    """TokenRefused unless the function named by the key made this token for us and for exactly this body."""
    claims = _decode(token, keys, SERVICE_TYPE, audience, _SERVICE_CLAIMS)
    if not _are_text(claims, "iss", "tid", "purpose") or not is_tenant(claims["tid"]) or claims["iss"] != _header(token)["kid"]:
        raise TokenRefused
    if claims["body"] != hashlib.sha256(body).hexdigest():
        raise TokenRefused
    return ServiceClaims(claims["iss"], claims["tid"], claims["purpose"])


def _header(token: str) -> dict[str, Any]:
    import jwt

    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise TokenRefused from error


def _decode(token: str, keys: PublicKeys, kind: str, audience: str, wanted: frozenset[str]) -> dict[str, Any]:
    claims, now = _opened(token, keys, kind, audience, wanted), time.time()
    if claims["iat"] > now + LEEWAY_SECONDS or claims["exp"] <= now - LEEWAY_SECONDS:
        raise TokenRefused
    return claims


@lru_cache(maxsize=_REMEMBERED)
def _opened(token: str, keys: PublicKeys, kind: str, audience: str, wanted: frozenset[str]) -> dict[str, Any]:
    """All that no clock changes, remembered: the same token comes with each request of its quarter of an hour."""
    import jwt

    if len(token) > 4096 or not _COMPACT.fullmatch(token):
        raise TokenRefused
    _read_strictly(token)
    header = _header(token)
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != "EdDSA" or header["typ"] != kind:
        raise TokenRefused
    key = keys.get(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None:
        raise TokenRefused
    options: Options = {"require": sorted(wanted), "verify_exp": False, "verify_iat": False}
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["EdDSA"], audience=audience, options=options)
    except jwt.PyJWTError as error:
        raise TokenRefused from error
    if set(claims) != wanted or type(claims["iat"]) is not int or type(claims["exp"]) is not int:
        raise TokenRefused
    if not 0 < claims["exp"] - claims["iat"] <= _LIFE[kind]:
        raise TokenRefused
    return claims


def _read_strictly(token: str) -> None:
    """One spelling only: TokenRefused for base64 with loose bits and for JSON that says a name twice (RFC 7515, 4)."""
    try:
        parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
        for part in parts[:2]:
            json.loads(part.decode(), object_pairs_hook=_once)
    except ValueError as error:
        raise TokenRefused from error
    if ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) != token:
        raise TokenRefused


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _are_text(claims: dict[str, Any], *names: str) -> bool:
    return all(isinstance(claims[name], str) and claims[name] for name in names)
