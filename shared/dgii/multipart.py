"""Read the one XML file of a multipart body as leniently as DGII's own senders need it (unquoted names, any part type)."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser


@dataclass(frozen=True)
class XmlPart:
    """The bytes exactly as sent; `filename` is empty when the sender gave none."""

    filename: str
    data: bytes


def read_xml_part(content_type: str, body: bytes, *, named_only: bool = False) -> XmlPart | None:
    """The first part named `xml`, else the only file unless `named_only`; else None (Descripción Técnica, recepción)."""
    if not content_type.lower().startswith("multipart/form-data") or not body:
        return None
    head = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\n", b" ").replace(b"\r", b" ")
    message = BytesParser().parsebytes(head + b"\r\n\r\n" + body)
    if not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    named = [part for part in parts if part.get_param("name", header="content-disposition") == "xml"]
    files = [part for part in parts if part.get_filename() is not None]
    chosen = named[0] if named else files[0] if len(files) == 1 and not named_only else None
    if chosen is None:
        return None
    data = _payload(chosen)
    return XmlPart(chosen.get_filename() or "", data) if data else None


def _payload(part: Message) -> bytes:
    if part.is_multipart():
        return b""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return b""
    # DGII labels an e-CF `multipart/form-data` now and then; the parser then keeps the line end before the boundary.
    return payload.removesuffix(b"\n").removesuffix(b"\r") if part.get_content_maintype() == "multipart" else payload
