"""The client of `sign`: unsigned bytes and a certificate's id in, final bytes out; the same bytes always give the same."""

import base64
from dataclasses import dataclass

from shared.errors import Conflict
from shared.events.keys import FunctionKey
from shared.identity.callee import Callee, CalleeRefused


class SigningRefused(Conflict):
    """sign will not sign this document; no retry changes that."""

    slug = "signing-refused"


@dataclass(frozen=True)
class SignedDocument:
    """`rfce` is set for a consumo that travels as its summary."""

    xml: bytes
    codigo_seguridad: str
    sha256: str
    rfce: bytes | None


class Signer:
    """Calls `POST /sign/xml`."""

    def __init__(self, url: str, key: FunctionKey) -> None:
        self._callee = Callee("sign", url, key)

    def sign(self, xml: bytes, *, tenant: str, certificate_id: str, purpose: str) -> SignedDocument:
        """`purpose` names the kind of document (ecf, semilla, …) that sign re-validates. SigningRefused or CalleeUnavailable."""
        payload = {"purpose": purpose, "certificate_id": certificate_id, "xml": base64.b64encode(xml).decode("ascii")}
        try:
            answer = self._callee.post("/sign/xml", payload, tenant=tenant, purpose=purpose)
        except CalleeRefused as error:
            raise SigningRefused(reason=str(error.problem.get("detail", "sin motivo"))) from error
        rfce = answer.get("rfce")
        return SignedDocument(
            xml=base64.b64decode(answer["xml"]),
            codigo_seguridad=answer["codigo_seguridad"],
            sha256=answer["sha256"],
            rfce=base64.b64decode(rfce) if rfce else None,
        )
