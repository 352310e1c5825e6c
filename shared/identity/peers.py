"""Requests that an outside peer signs (Odoo, an ERP) with a shared secret, each good once and for five minutes (docs/peers.md).

    Authorization: GETUPNET-HMAC-SHA256 key=<id>,timestamp=<Unix seconds>,nonce=<22 to 64>,body=<sha256>,signature=<HMAC-SHA256>

signs `scheme, method, path, query, sha256 of the body, timestamp, nonce`, one a line, path and query as they stand in the request
line. There is one spelling of everything, so a changed request is another request. Nonces are kept in PostgreSQL, where neither a
restart nor a second process forgets them.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.cache.memory import Memory
from shared.cloud.envelope import Place, unseal
from shared.cloud.session import Aws
from shared.db.engine import Database
from shared.db.seal import PLATFORM
from shared.errors import NotAuthenticated
from shared.identity.permissions import Scope
from shared.identity.principal import Principal, TenantMismatch
from shared.identity.standing import refuse_unless_active

SCHEME = "GETUPNET-HMAC-SHA256"
WINDOW_SECONDS = 300
NONCE_SECONDS = 2 * WINDOW_SECONDS
"""How long a nonce is kept at the least: a signature is accepted from five minutes before its time to five minutes after."""
SECRET_SECONDS = 900
"""How long an opened secret stays in memory."""
SINGLE = ("authorization", "content-length", "content-type", "idempotency-key", "prefer", "x-tenant-id")
"""Headers that mean something to us: whoever sends one of them twice is refused."""
_HEADER = re.compile(
    SCHEME + r" key=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}),timestamp=([1-9][0-9]{9}),nonce=([A-Za-z0-9_-]{22,64})"
    r",body=([0-9a-f]{64}),signature=([0-9a-f]{64})"
)
_PEER = "SELECT company, permissions, sealed, estado FROM flow.peers WHERE id = CAST(:id AS uuid)"
_SPEND = """
INSERT INTO flow.nonces (tenant_id, peer, nonce) VALUES (:tenant, CAST(:peer AS uuid), :nonce)
ON CONFLICT DO NOTHING RETURNING 1
"""
_REMEMBERED = 1000


class PeerRefused(NotAuthenticated):
    """Unknown key, wrong signature, stale time, spent nonce, doubled header: the same answer."""

    slug = "peer-refused"


@dataclass(frozen=True)
class Signed:
    """One request as it came: `target` is path and query as in the request line, header names are lower-case."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True)
class Claim:
    """What the header says, well-formed but not yet believed."""

    key: str
    timestamp: int
    nonce: str
    body: str
    signature: str


def is_signed(authorization: str) -> bool:
    """Whether a request asks to be judged here: a Bearer is judged elsewhere."""
    return authorization.partition(" ")[0].upper() == SCHEME


def place(tenant: str, key_id: str) -> Place:
    """Where the sealed secret of a key belongs."""
    return Place(tenant, "peers", "auth.api_keys", "sealed", key_id)


def text_to_sign(method: str, target: str, body: str, timestamp: int, nonce: str) -> bytes:
    path, _, query = target.partition("?")
    return "\n".join((SCHEME, method, path, query, body, str(timestamp), nonce)).encode("latin-1", "replace")


def signature(secret: bytes, text: bytes) -> str:
    return hmac.digest(secret, text, "sha256").hex()


def claim_of(request: Signed, now: float) -> Claim:
    """PeerRefused for a header of another spelling, a doubled one, a stale time or a body that is not the signed one."""
    names = [name for name, _ in request.headers]
    match = _HEADER.fullmatch(request.header("authorization") or "")
    if match is None or any(names.count(name) > 1 for name in SINGLE):
        raise PeerRefused
    claim = Claim(match[1], int(match[2]), match[3], match[4], match[5])
    if abs(now - claim.timestamp) > WINDOW_SECONDS:
        raise PeerRefused
    if not hmac.compare_digest(hashlib.sha256(request.body).hexdigest(), claim.body):
        raise PeerRefused
    return claim


@dataclass
class Peers:
    """The door of signed requests, one a process."""

    aws: Aws
    database: Database
    _opened: Memory[bytes] = field(default_factory=lambda: Memory(_REMEMBERED))

    def admit(self, request: Signed, *, now: float | None = None) -> Principal:
        """Who signed, with what their key may do. Spends the nonce: a second time the same request is refused."""
        claim = claim_of(request, time.time() if now is None else now)
        with self.database.transaction(PLATFORM) as tx:
            peer = tx.row(_PEER, id=claim.key)
        if peer is None:
            raise PeerRefused
        text = text_to_sign(request.method, request.target, claim.body, claim.timestamp, claim.nonce)
        if not hmac.compare_digest(signature(self._secret(peer.company, claim.key, peer.sealed), text), claim.signature):
            raise PeerRefused
        if request.header("x-tenant-id") not in (None, peer.company):
            raise TenantMismatch
        refuse_unless_active(peer.estado)
        with self.database.transaction(peer.company) as tx:
            if not tx.rows(_SPEND, tenant=peer.company, peer=claim.key, nonce=claim.nonce):
                raise PeerRefused
        return Principal(f"key:{claim.key}", peer.company, Scope.TENANT, frozenset(peer.permissions), claim.key)

    def _secret(self, company: str, key_id: str, sealed: bytes) -> bytes:
        secret = self._opened.get(sealed)
        if secret is None:
            secret = unseal(self.aws, sealed, place(company, key_id))
            self._opened.put(sealed, secret, seconds=SECRET_SECONDS)
        return secret
