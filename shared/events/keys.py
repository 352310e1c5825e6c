"""Each function's Ed25519 key: it signs the events it announces and the tokens it calls others with."""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True)
class FunctionKey:
    """The private key of one function, from its seed (32 bytes, base64)."""

    function: str
    seed: str

    @cached_property
    def private(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # heavy; not needed to be ready

        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.seed, validate=True))

    @property
    def public(self) -> str:
        """The public half in base64, as sets of known keys have it."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self.private.sign(message)).decode("ascii")


@dataclass(frozen=True)
class PublicKeys:
    """Who may be believed: function name (or key id) to public key, from one JSON text `{name: base64}`."""

    text: str

    @cached_property
    def _keys(self) -> dict[str, "Ed25519PublicKey"]:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # as above

        return {
            name: Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
            for name, key in json.loads(self.text).items()
        }

    def get(self, name: str) -> "Ed25519PublicKey | None":
        return self._keys.get(name)

    def as_jwks(self) -> list[dict[str, str]]:
        """The same as JSON Web Keys."""
        keys = ((name, key.public_bytes_raw()) for name, key in self._keys.items())
        return [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "alg": "EdDSA",
                "kid": name,
                "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii"),
            }
            for name, raw in keys
        ]

    def verifies(self, name: str, message: bytes, signature: str) -> bool:
        from cryptography.exceptions import InvalidSignature

        key = self.get(name)
        if key is None:
            return False
        try:
            key.verify(base64.b64decode(signature, validate=True), message)
        except (InvalidSignature, ValueError):
            return False
        return True
