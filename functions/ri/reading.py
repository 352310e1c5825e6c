"""Our own PDF read back: words where they stand, the symbol as a camera would see it, what is attached."""

import ctypes
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL.Image import Image

MM = 72 / 25.4
_DPI = 200
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_PIXELS = _DPI / 25.4


@dataclass(frozen=True)
class Word:
    """Letters without a blank between them; millimetres from the left and top edges, `base` is the line they stand on."""

    text: str
    left: float
    right: float
    base: float


@dataclass(frozen=True)
class Symbol:
    """A QR on the sheet: its text, its sides in millimetres from the left and top edges; `clear`: its quiet zone is white."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    clear: bool

    @property
    def side(self) -> float:
        """The shorter of its sides."""
        return min(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True)
class Area:
    """A part of the sheet, in millimetres from its left and top edges."""

    left: float
    top: float
    right: float
    bottom: float


class Reading:
    """An opened PDF."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pypdfium2.PdfDocument(pdf)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pdf.close()

    @property
    def attachments(self) -> list[bytes]:
        return [bytes(self._pdf.get_attachment(n).get_data()) for n in range(self._pdf.count_attachments())]

    def __len__(self) -> int:
        return len(self._pdf)

    def page(self, number: int) -> "Page":
        return Page(self._pdf[number])


class Page:
    """One page; sizes in millimetres."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self.width, self.height = (side / MM for side in page.get_size())

    def close(self) -> None:
        self._page.close()

    def words(self) -> list[Word]:
        """Every word in the order in which it was written."""
        text = self._page.get_textpage()
        raw, found, word, start = text.raw, [], "", 0
        count = text.count_chars()
        x, y = ctypes.c_double(), ctypes.c_double()
        left, right, low, high = (ctypes.c_double() for _ in range(4))
        for n in range(count + 1):
            letter = chr(pdfium.FPDFText_GetUnicode(raw, n)) if n < count else " "
            letter = "-" if letter in _HYPHEN else letter
            if not letter.isspace() and letter != "\x00":
                if not word:
                    start = n
                word += letter
                continue
            if word:
                pdfium.FPDFText_GetCharOrigin(raw, start, x, y)
                pdfium.FPDFText_GetCharBox(raw, n - 1, left, right, low, high)
                found.append(Word(word, x.value / MM, right.value / MM, self.height - y.value / MM))
                word = ""
        text.close()
        return found

    def symbols(self, area: Area) -> list[Symbol]:
        """The QR symbols of an area, decoded from its pixels."""
        crop = tuple(MM * edge for edge in (area.left, self.height - area.bottom, self.width - area.right, area.top))
        picture = self._page.render(scale=_DPI / 72, crop=crop, grayscale=True).to_pil()
        found = zxingcpp.read_barcodes(picture, formats=_QR, try_rotate=False, try_downscale=False, try_invert=False)
        return [_symbol(code, picture, area) for code in found]


def _symbol(code: zxingcpp.Barcode, picture: Image, area: Area) -> Symbol:
    corners = code.position
    xs = [corner.x for corner in (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)]
    ys = [corner.y for corner in (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)]
    box = (min(xs), min(ys), max(xs), max(ys))
    left, top, right, bottom = (edge / _PIXELS for edge in box)
    sides = (area.left + left, area.top + top, area.left + right, area.top + bottom)
    return Symbol(code.text, *sides, _is_clear(picture, box))


# What pdfium makes of a hyphen at the end of a line.
_HYPHEN = "\x02\ufffe"
# Two pixels of blur at the symbol's own edge, and the quiet zone less one pixel.
_BLUR, _QUIET = 2, int(3 * _PIXELS) - 1
_DARK = [255 if grey < 200 else 0 for grey in range(256)]


def _is_clear(picture: Image, box: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = box
    inner = (left - _BLUR, top - _BLUR, right + _BLUR, bottom + _BLUR)
    outer = (left - _QUIET, top - _QUIET, right + _QUIET, bottom + _QUIET)
    if outer[0] < 0 or outer[1] < 0 or outer[2] > picture.width or outer[3] > picture.height:
        return False
    strips = (
        (outer[0], outer[1], outer[2], inner[1]),
        (outer[0], inner[3], outer[2], outer[3]),
        (outer[0], inner[1], inner[0], inner[3]),
        (inner[2], inner[1], outer[2], inner[3]),
    )
    return all(picture.crop(strip).point(_DARK).getbbox() is None for strip in strips)
