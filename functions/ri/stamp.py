"""The symbol of the timbre: the address of a document as a QR picture."""

import base64
import io

import zxingcpp
from PIL import Image

OLDEST = 8
"""DGII asks for version 8; what does not fit into it takes a higher one."""
_PIXELS = 4


def symbol(address: str) -> str:
    """A `data:` address of a PNG without quiet zone (the sheet gives it); level M, version 8 or more.

    Whole pixels a module, so that no edge is blurred; a drawing of paths takes as long as the rest of the page.
    """
    image = _encoded(address)
    if image.shape[0] < 17 + 4 * OLDEST:
        image = _encoded(address, version=OLDEST)
    side = image.shape[0]
    modules = Image.fromarray(image)  # type: ignore[arg-type]  # the stub leaves __len__ out, which is not asked for
    written = io.BytesIO()
    # As gray: WeasyPrint writes what has one bit a pixel again, as three colours.
    modules.resize((side * _PIXELS, side * _PIXELS), Image.Resampling.NEAREST).save(written, "PNG")
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode("ascii")


def _encoded(address: str, **more: int) -> zxingcpp.Image:
    """One byte a module. The encoder is that of zint: what the linter reads it with is other code."""
    return zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **more).to_image(add_quiet_zones=False)
