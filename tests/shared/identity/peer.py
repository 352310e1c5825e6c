"""A peer as docs/peers.md tells one to be: it shares no line with our side, HMAC included (RFC 2104, by hand)."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from tests.functions.auth.people import Somebody, bearer, log_in
from tests.house import House


def hmac_sha256(key: bytes, message: bytes) -> str:
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()


@dataclass(frozen=True)
class Peer:
    key: str
    secret: str

    def authorization(
        self, method: str, target: str, body: bytes = b"", *, at: float | None = None, nonce: str | None = None
    ) -> str:
        timestamp, nonce = str(int(time.time() if at is None else at)), nonce or secrets.token_urlsafe(18)
        path, query = target.split("?", 1) if "?" in target else (target, "")
        digest = hashlib.sha256(body).hexdigest()
        lines = ["GETUPNET-HMAC-SHA256", method, path, query, digest, timestamp, nonce]
        signature = hmac_sha256(self.secret.encode("ascii"), "\n".join(lines).encode())
        return f"GETUPNET-HMAC-SHA256 key={self.key},timestamp={timestamp},nonce={nonce},body={digest},signature={signature}"


def new_peer(house: House, boss: Somebody, *permissions: str) -> Peer:
    sent = {"name": "Odoo", "kind": "hmac", "permissions": permissions or ["ecf.emit", "invoices.read"]}
    made = house.client("auth").post("/auth/api-keys", json=sent, headers=bearer(log_in(house, boss)))
    assert made.status_code == 201, made.text
    return Peer(made.json()["client_id"], made.json()["client_secret"])
