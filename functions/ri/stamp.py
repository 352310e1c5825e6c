"""The symbol of the timbre: the address of a document as a QR picture."""

import zxingcpp
from PIL import Image

OLDEST = 8
"""DGII asks for version 8; what does not fit into it takes a higher one."""
_PIXELS = 4


def symbol(address: str) -> Image.Image:
    """The symbol without quiet zone (the sheet gives it); level M, version 8 or more.

    Whole pixels a module, so that no edge is blurred; and gray: WeasyPrint writes what has one bit a pixel as three colours.
    """
    image = _encoded(address)
    if image.shape[0] < 17 + 4 * OLDEST:
        image = _encoded(address, version=OLDEST)
    side = image.shape[0] * _PIXELS
    modules = Image.fromarray(image)  # type: ignore[arg-type]  # the stub leaves __len__ out, which is not asked for
    return modules.resize((side, side), Image.Resampling.NEAREST)


def _encoded(address: str, **more: int) -> zxingcpp.Image:
    """One byte a module."""
    return zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **more).to_image(add_quiet_zones=False)
