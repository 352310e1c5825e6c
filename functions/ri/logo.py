"""A tenant's picture becomes a PNG of ours: decoded in the limited child, set on white, made small, written anew."""

import io

from PIL import Image, ImageOps

from functions.ri.appearance import LARGEST_LOGO, MOST_PIXELS

_SMALLEST_SIDE = 16
_LARGEST = (900, 360)


class LogoRefused(Exception):
    """`args[0]` is the word for what is wrong with it."""


def redrawn(picture: bytes) -> bytes:
    """A PNG without anything but pixels. Raises LogoRefused."""
    if len(picture) > LARGEST_LOGO:
        raise LogoRefused("bytes")
    try:
        with Image.open(io.BytesIO(picture), formats=["PNG", "JPEG"]) as opened:
            # Known from the header, before a single pixel is decoded.
            if opened.width * opened.height > MOST_PIXELS:
                raise LogoRefused("pixels")
            if min(opened.size) < _SMALLEST_SIDE:
                raise LogoRefused("small")
            pixels = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise LogoRefused("unreadable") from error
    flat = Image.new("RGB", pixels.size, "white")
    flat.paste(pixels, mask=pixels.getchannel("A"))
    flat.thumbnail(_LARGEST)
    written = io.BytesIO()
    flat.save(written, "PNG", optimize=True)
    return written.getvalue()
