"""P12 files that no exporter writes, made for tests."""

from asn1crypto import pkcs12 as asn1
from asn1crypto.core import OctetString
from cryptography.hazmat.primitives import hashes, hmac

from functions.sandbox.authority import Leaf

_BLOCK = 64  # bytes of SHA-256


def _filled(value: bytes) -> bytes:
    size = _BLOCK * -(-len(value) // _BLOCK)
    return (value * size)[:size]


def _mac_key(password: str, salt: bytes, rounds: int) -> bytes:
    """RFC 7292, appendix B.2, for the 32 bytes of a SHA-256 MAC."""
    found = bytes([3]) * _BLOCK + _filled(salt) + _filled((password + "\0").encode("utf-16-be"))
    for _ in range(rounds):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(found)
        found = digest.finalize()
    return found


def _sealed(pfx: asn1.Pfx, content: bytes, password: str) -> bytes:
    mac = pfx["mac_data"]
    pfx["auth_safe"] = asn1.ContentInfo({"content_type": "data", "content": OctetString(content)})
    seal = hmac.HMAC(_mac_key(password, mac["mac_salt"].native, mac["iterations"].native), hashes.SHA256())
    seal.update(content)
    mac["mac"]["digest"] = seal.finalize()
    made: bytes = pfx.dump(force=True)
    return made


def two_keys(one: Leaf, other: Leaf, password: str) -> bytes:
    """The file of `one` with the key of `other` beside its own."""
    pfx, second = asn1.Pfx.load(one.p12(password)), asn1.Pfx.load(other.p12(password))
    keys = [info for info in second.authenticated_safe if info["content_type"].native == "data"]
    return _sealed(pfx, asn1.AuthenticatedSafe([*pfx.authenticated_safe, *keys]).dump(), password)


def costly(leaf: Leaf, password: str, rounds: int) -> bytes:
    """The file with another count of rounds for its seal."""
    pfx = asn1.Pfx.load(leaf.p12(password))
    pfx["mac_data"]["iterations"] = rounds
    made: bytes = pfx.dump(force=True)
    return made
