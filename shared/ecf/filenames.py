"""The name of the file that carries a document to DGII or to a taxpayer (Descripción Técnica; format in protocol.md §14)."""

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.findings import Finding

_BY_BUYER = frozenset({"ARECF", "ACECF"})
_UNRULED = frozenset({"ANECF", "Semilla"})


def file_name(document: Document) -> str | None:
    """RNC of the issuer (of the buyer, in the two answers), e-NCF and `.xml`; None where DGII has no rule (ANECF, seed)."""
    if document.kind in _UNRULED:
        return None
    if document.kind in _BY_BUYER:
        return f"{document.rnc_comprador}{document.encf}.xml"
    return f"{document.rnc_emisor}{document.encf}.xml"


def check_file_name(name: str, document: Document) -> tuple[Finding, ...]:
    """What DGII objects to in a file name (without folders)."""
    expected = file_name(document)
    if expected is None or name == expected:
        return ()
    return (finding("ECF-1091", "", expected=expected, value=name[:60]),)
