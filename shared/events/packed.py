"""Documents inside facts: gzip in base64, the same text for the same bytes."""

import base64
import gzip


def pack(xml: bytes) -> str:
    return base64.b64encode(gzip.compress(xml, mtime=0)).decode("ascii")


def unpack(text: str) -> bytes:
    """The bytes that `pack` was given."""
    return gzip.decompress(base64.b64decode(text))
