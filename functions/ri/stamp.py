"""The symbol of the timbre: the address of a document as a QR picture."""

import base64
import io

import segno
from PIL import Image

OLDEST = 8
"""DGII asks for version 8; what does not fit into it takes a higher one."""
# Choosing the best of eight masks takes longer than setting the page. Any mask is valid, and every print is read back.
_MASK = 3
_PIXELS = 4


def symbol(address: str) -> str:
    """A `data:` address of a PNG without quiet zone (the sheet gives it); level M, version 8 or more.

    Whole pixels a module, so that no edge is blurred; a drawing of paths takes as long as the rest of the page.
    """
    code = segno.make_qr(address, error="m", boost_error=False, mask=_MASK)
    if int(code.version) < OLDEST:
        code = segno.make_qr(address, error="m", boost_error=False, mask=_MASK, version=OLDEST)
    side = len(code.matrix)
    modules = Image.frombytes("L", (side, side), bytes(0 if dark else 255 for row in code.matrix for dark in row))
    written = io.BytesIO()
    modules.resize((side * _PIXELS, side * _PIXELS), Image.Resampling.NEAREST).convert("1").save(written, "PNG")
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode("ascii")
