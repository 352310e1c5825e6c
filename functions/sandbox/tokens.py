"""The stand-in's bearer tokens: one hour, for the person who signed the seed, in one environment."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

LIFE = timedelta(hours=1)
_ISSUER, _AUDIENCE = "DGII.FE", "USUARIOS.DGII.FE"


@dataclass(frozen=True)
class Tokens:
    """HS256 with a key that survives a restart, as it is derived from the installation's seal key."""

    key: bytes

    @classmethod
    def derived_from(cls, seal_key: str) -> "Tokens":
        return cls(hashlib.sha256(b"sandbox token|" + seal_key.encode("utf-8")).digest())

    def issue(self, environment: str, cedula: str, now: datetime, life: timedelta = LIFE) -> dict[str, str]:
        """The answer of validarsemilla: `{token, expira, expedido}`."""
        claims = {
            "name": cedula,
            "environment": environment,
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "jti": str(uuid.uuid4()),
            "nbf": int(now.timestamp()),
            "iat": now.timestamp(),
            "exp": int((now + life).timestamp()),
        }
        return {
            "token": jwt.encode(claims, self.key, algorithm="HS256"),
            "expira": f"{now + life:%Y-%m-%dT%H:%M:%SZ}",
            "expedido": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        }

    def holder(self, authorization: str, environment: str, *, since: datetime | None = None) -> str | None:
        """The cédula behind an Authorization header, or None when it opens nothing here, or was issued before `since`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            claims = jwt.decode(token.strip(), self.key, algorithms=["HS256"], audience=_AUDIENCE, issuer=_ISSUER, leeway=0)
        except jwt.InvalidTokenError:
            return None
        if since is not None and claims["iat"] <= since.timestamp():
            return None
        return str(claims["name"]) if claims.get("environment") == environment else None
