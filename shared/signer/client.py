"""The client of `sign`: unsigned bytes and a certificate's id in, final bytes out; the same bytes always give the same."""

import base64
from dataclasses import dataclass
from typing import Any

from shared.errors import Conflict
from shared.events.keys import FunctionKey
from shared.identity.callee import Callee, CalleeRefused


class SigningRefused(Conflict):
    """sign will not sign this document; no retry changes that. Fact `code`: which rule said no."""

    slug = "signing-refused"


@dataclass(frozen=True)
class SignedDocument:
    """`rfce` is set for a consumo that travels as its summary."""

    xml: bytes
    codigo_seguridad: str
    sha256: str
    rfce: bytes | None


class Signer:
    """Calls `POST /sign/xml` and `POST /sign/certificate/validate`."""

    def __init__(self, url: str, key: FunctionKey) -> None:
        self._callee = Callee("sign", url, key)

    def sign(self, xml: bytes, *, tenant: str, certificate_id: str, purpose: str) -> SignedDocument:
        """`purpose` names the kind of document (ecf, semilla, …) that sign re-validates. SigningRefused or CalleeUnavailable."""
        payload = {"purpose": purpose, "certificate_id": certificate_id, "xml": base64.b64encode(xml).decode("ascii")}
        answer = self._post("/sign/xml", payload, tenant=tenant, purpose=purpose)
        rfce = answer.get("rfce")
        return SignedDocument(
            xml=base64.b64decode(answer["xml"]),
            codigo_seguridad=answer["codigo_seguridad"],
            sha256=answer["sha256"],
            rfce=base64.b64decode(rfce) if rfce else None,
        )

    def validate(self, certificate_id: str, *, fingerprint: str, tenant: str) -> None:
        """Whether the stored key opens, belongs to the certificate of that SHA-256 and makes a signature that verifies."""
        payload = {"certificate_id": certificate_id, "fingerprint": fingerprint}
        self._post("/sign/certificate/validate", payload, tenant=tenant, purpose="certificate")

    def _post(self, path: str, payload: dict[str, Any], *, tenant: str, purpose: str) -> dict[str, Any]:
        try:
            return self._callee.post(path, payload, tenant=tenant, purpose=purpose)
        except CalleeRefused as error:
            problem = error.problem
            raise SigningRefused(reason=str(problem.get("detail", "sin motivo")), code=str(problem.get("code", ""))) from error
