"""Ready pages drawn straight into a PDF: every line is shaped once, at its place.

What is laid out already needs no markup and no styles: finding it all again took twice the time of the rest, and what a tenant
wrote is never read as anything but letters. Of WeasyPrint, its text, its pictures and its PDF are used.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from PIL import Image
from weasyprint import Attachment, Document
from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_emojis, draw_first_line
from weasyprint.images import RasterImage
from weasyprint.matrix import Matrix
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import Layout, line_size, strut
from weasyprint.urls import URLFetcher

from functions.ri.layout import Block, Look, Page, Picture

_VARIANT, _COLOURS = "pdf/a-3b", "srgb"
_PIXEL, _POINT = 96 / 25.4, 96 / 72
"""Of a millimetre and of a point: WeasyPrint counts in CSS pixels."""
_FAMILIES = ("DejaVu Sans", "sans-serif")
_BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}
"""Of the room that a line leaves free, what stands before it."""
_BLEED = dict.fromkeys(("top", "right", "bottom", "left"), 0)


class DataOnly(URLFetcher):  # type: ignore[misc]
    """Lets `data:` through and nothing else; redirects are refused too."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)


class Letters(dict[str, Any]):
    """One size and weight as WeasyPrint reads it: properties by name (their values are of its own types), fonts as attribute."""

    def __init__(self, fonts: FontConfiguration, size: Decimal, *, bold: bool) -> None:
        super().__init__(INITIAL_VALUES)
        self |= {"font_family": _FAMILIES, "font_size": float(size) * _POINT, "font_weight": 700 if bold else 400}
        self |= {"font_kerning": "none", "font_variant_ligatures": "none", "lang": "es"}
        self.font_config = fonts


@dataclass(frozen=True)
class File:
    """What the PDF says of itself, and the one file in it: `name` is DGII's name of the document, without ending.

    A report has no file in it: its `xml` is empty."""

    name: str
    xml: bytes
    moment: datetime
    author: str = ""
    description: str = ""


class Pen:
    """Writes lines of one size and weight; WeasyPrint takes it for one of its text boxes."""

    def __init__(self, fonts: FontConfiguration, size: Decimal, *, bold: bool) -> None:
        self.style = Letters(fonts, size, bold=bold)
        self.pango_layout = Layout(self.style)
        self.pango_layout.set_text("")
        self._height, self._baseline = strut(self.style)

    @property
    def text(self) -> str:
        return str(self.pango_layout.text)

    def width(self, said: str) -> float:
        """Pixels of a text."""
        return float(line_size(self._shaped(said), self.style)[0])

    def base(self, pitch: float) -> float:
        """From the top of a line of `pitch` pixels to where its letters stand."""
        return float((pitch - self._height) / 2 + self._baseline)

    def write(self, stream: Stream, said: str, left: float, base: float) -> None:
        self._shaped(said)
        stream.begin_text()
        pictures = draw_first_line(stream, self, "none", "none", Matrix(d=-1, e=left, f=base))
        stream.end_text()
        draw_emojis(stream, self.style, left, base, pictures)

    def _shaped(self, said: str) -> object:
        """The line of a text; measured and then written, it is shaped once."""
        if self.pango_layout.text != said:
            self.pango_layout.set_text(said)
        return self.pango_layout.get_first_line()[0]


class Canvas:
    """Fonts and pens, kept for the life of the process: making a pen takes longer than a line."""

    def __init__(self) -> None:
        self._fonts, self._fetcher = FontConfiguration(), DataOnly()
        self._pens: dict[tuple[Decimal, bool], Pen] = {}

    def pdf(self, pages: list[Page], symbol: Image.Image | None, look: Look, file: File, *, attach: bool) -> bytes:
        """PDF/A-3 of ready pages; the same bytes for the same input."""
        logo = Image.open(io.BytesIO(look.logo)) if look.logo else None
        pictures = Pictures(_raster("symbol", symbol), _raster("logo", logo))
        moment = file.moment.astimezone(UTC)
        said = DocumentMetadata(
            title=file.name,
            authors=[file.author],
            description=file.description,
            created=moment.isoformat(),
            modified=moment.isoformat(),
            lang="es",
        )
        leaves = [Leaf(page, pictures, self) for page in pages]
        document = Document(leaves, said, self._fetcher, self._fonts, {}, _COLOURS)
        pdf = document.write_pdf(attachments=[_attachment(file, moment)] if attach else [], pdf_variant=_VARIANT)
        assert isinstance(pdf, bytes)
        return pdf

    def pen(self, size: Decimal, *, bold: bool) -> Pen:
        if (size, bold) not in self._pens:
            self._pens[size, bold] = Pen(self._fonts, size, bold=bold)
        return self._pens[size, bold]


@dataclass(frozen=True)
class Pictures:
    """The symbol and the logo of a document, each once for all its pages."""

    symbol: RasterImage | None
    logo: RasterImage | None


class Leaf:
    """One page as WeasyPrint writes it: nothing to click on, nothing to fill in."""

    def __init__(self, page: Page, pictures: Pictures, canvas: Canvas) -> None:
        self._page, self._pictures, self._canvas = page, pictures, canvas
        self.width, self.height, self.bleed = float(page.width) * _PIXEL, float(page.height) * _PIXEL, _BLEED
        self.bookmarks: list[object] = []
        self.links: list[object] = []
        self.anchors: dict[str, object] = {}
        self.forms: dict[None, list[object]] = {None: []}

    def paint(self, stream: Stream, scale: float) -> None:
        """Boxes below, then pictures and texts."""
        with stream.stacked():
            stream.transform(a=scale, d=scale)
            for box in self._page.boxes:
                stream.set_color_rgb(*_rgb(box.colour))
                stream.rectangle(*(float(part) * _PIXEL for part in (box.left, box.top, box.width, box.height)))
                stream.fill()
            _place(stream, self._pictures.logo, self._page.logo)
            _place(stream, self._pictures.symbol, self._page.symbol)
            for block in self._page.blocks:
                self._write(stream, block)

    def _write(self, stream: Stream, block: Block) -> None:
        style, pitch = block.style, float(block.style.pitch) * _PIXEL
        pen = self._canvas.pen(style.size, bold=style.bold)
        leading = self._canvas.pen(style.size, bold=style.bold or style.lead_bold)
        base = float(block.top) * _PIXEL + pen.base(pitch)
        for lead, text in block.lines:
            ahead = leading.width(lead) if lead else 0.0
            free = float(block.width) * _PIXEL - ahead - pen.width(text)
            left = float(block.left) * _PIXEL + free * _BEFORE[style.align]
            if lead:
                stream.set_color_rgb(*_rgb(style.lead_colour or style.colour))
                leading.write(stream, lead, left, base)
            stream.set_color_rgb(*_rgb(style.colour))
            pen.write(stream, text, left + ahead, base)
            base += pitch


def _attachment(file: File, moment: datetime) -> Attachment:
    return Attachment(
        string=file.xml,
        name=f"{file.name}.xml",
        description="e-CF firmado",
        created=moment,
        modified=moment,
        relationship="Source",
    )


def _place(stream: Stream, picture: RasterImage | None, box: Picture | None) -> None:
    """As large as its box lets it be, its shape kept; nothing where one of them is not."""
    if picture is None or box is None:
        return
    width, height = float(box.width) * _PIXEL, float(box.height) * _PIXEL
    ratio = min(width / picture.width, height / picture.height)
    wide, high = picture.width * ratio, picture.height * ratio
    with stream.stacked():
        left = float(box.left) * _PIXEL + (width - wide) * _BEFORE[box.align]
        stream.transform(e=left, f=float(box.top) * _PIXEL + (height - high) / 2)
        picture.draw(stream, wide, high, {"image_rendering": "pixelated"})


def _raster(name: str, picture: Image.Image | None) -> RasterImage | None:
    """Within one PDF a name stands for one picture."""
    return RasterImage(picture, name, None) if picture else None


@lru_cache(maxsize=64)
def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue
