"""A picture comes out as a small PNG of ours, or not at all."""

import io
import zlib

import pytest
from PIL import Image

from functions.ri.logo import LogoRefused, redrawn
from tests.functions.ri.documents import picture


def opened(png: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(png))
    assert made.format == "PNG"
    return made


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_made_small_and_keeps_its_shape(kind: str) -> None:
    made = opened(redrawn(picture(kind, (1800, 600))))
    assert made.size == (900, 300)


def test_what_shows_through_becomes_white_and_what_is_hidden_in_the_file_goes() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(written, "PNG")
    sent = (
        written.getvalue()[:-12] + b"\0\0\0\x06tEXtsecret" + zlib.crc32(b"tEXtsecret").to_bytes(4, "big") + written.getvalue()[-12:]
    )
    made = redrawn(sent)
    assert opened(made).convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    assert b"secret" not in made


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "unreadable"),
        (b"<svg/>", "unreadable"),
        (picture(size=(3000, 1400)), "pixels"),
        (picture(size=(15, 400)), "small"),
        (picture() + bytes(256 * 1024), "bytes"),
    ],
)
def test_what_is_no_small_picture_is_refused(sent: bytes, reason: str) -> None:
    with pytest.raises(LogoRefused, match=reason):
        redrawn(sent)


def test_a_flood_of_pixels_is_refused_from_its_header() -> None:
    """Sixty thousand pixels a side would take eleven gigabytes; the file that says so has a hundred bytes."""
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    flood = b"\x89PNG\r\n\x1a\n\0\0\0\r" + head + zlib.crc32(head).to_bytes(4, "big") + picture()[33:]
    with pytest.raises(LogoRefused, match=r"unreadable|pixels"):
        redrawn(flood)
