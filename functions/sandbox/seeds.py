"""A signed seed that came back: whose it is, or DGII's words for what is wrong with it."""

import re
from datetime import datetime

from functions.sandbox.wire import DgiiRefused
from shared.ecf.gate import OTHER, ForeignXmlRefused
from shared.ecf.signature import Blanks, SignatureRefused, holder_of, verify

ESTRUCTURA = "La estructura del archivo XML no es válido, favor proveer un XML con una estructura válida, verificar el XSD"
_UNSIGNED = {"no-signature", "several-signatures", "misplaced-signature", "structure"}


def read_seed(data: bytes, now: datetime) -> tuple[str, str]:
    """`valor` of the seed and the signer's cédula (empty when the certificate names none); DgiiRefused otherwise."""
    try:
        verified = verify(data, at=now, kind=OTHER, blanks=Blanks.DROPPED)
    except ForeignXmlRefused as refused:
        raise DgiiRefused(400, f"{ESTRUCTURA} {refused.reason}") from refused
    except SignatureRefused as refused:
        text = ESTRUCTURA if refused.reason in _UNSIGNED else "Firma del certificado invalida"
        raise DgiiRefused(400, text) from refused
    if verified.root.tag != "SemillaModel" or [child.tag for child in verified.root] != ["valor", "fecha"]:
        raise DgiiRefused(400, ESTRUCTURA)
    return verified.root.findtext("valor") or "", re.sub("^IDC[A-Z]{2}-", "", holder_of(verified.certificate))
