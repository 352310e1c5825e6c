"""What is drawn on a page: lines of text at their places, rules, the symbol and the logo. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from functions.ri.lines import Line
from functions.ri.measure import wrapped
from functions.ri.words import Row

ACCENT = "#1f3a5f"
SOFT, HAIR, TINT = "#555b66", "#d5d8de", "#f3f4f6"
"""Of what is less important, of rules between rows, and of boxes."""
MM = Decimal
ZERO = Decimal(0)


class Paper(StrEnum):
    """`formato` of the door."""

    A4 = "a4"
    TICKET = "ticket"


@dataclass(frozen=True)
class Look:
    """What a tenant chose: an accent colour as #rrggbb, and a logo as PNG (None: no logo)."""

    accent: str = ACCENT
    logo: bytes | None = None


@dataclass(frozen=True)
class Style:
    """`size` in points; `pitch` from line to line in millimetres; what leads a line is bold, or of a colour of its own."""

    size: Decimal
    pitch: Decimal
    bold: bool = False
    align: str = "left"
    colour: str = "#16181d"
    lead_bold: bool = True
    lead_colour: str = ""


@dataclass(frozen=True)
class Block:
    """Ready lines, each with what leads it (may be empty), from a place on the page; millimetres."""

    left: Decimal
    top: Decimal
    width: Decimal
    style: Style
    lines: list[tuple[str, str]]

    @property
    def bottom(self) -> Decimal:
        return self.top + self.style.pitch * len(self.lines)


@dataclass(frozen=True)
class Box:
    """A filled rectangle, or a rule when it is thin; millimetres."""

    left: Decimal
    top: Decimal
    width: Decimal
    height: Decimal
    colour: str


@dataclass(frozen=True)
class Picture:
    """The logo or the symbol in its box; millimetres."""

    left: Decimal
    top: Decimal
    width: Decimal
    height: Decimal
    align: str = "center"


@dataclass
class Page:
    """`symbol` is where the QR stands, `logo` the box that the logo keeps to (None: there is none)."""

    width: Decimal
    height: Decimal
    symbol: Picture | None = None
    logo: Picture | None = None
    boxes: list[Box] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def write(self, left: Decimal, top: Decimal, width: Decimal, style: Style, lines: list[tuple[str, str]]) -> Decimal:
        """Add lines; answers where the next may begin."""
        if lines:
            self.blocks.append(Block(left, top, width, style, lines))
        return top + style.pitch * len(lines)

    def say(self, left: Decimal, top: Decimal, width: Decimal, style: Style, said: str) -> Decimal:
        """Add one text in as many lines as it needs."""
        return self.write(left, top, width, style, [("", line) for line in wrapped(said, width, style.size, bold=style.bold)])


@dataclass(frozen=True)
class Group:
    """The lines of one page, and its subtotals; `ends`: the totals stand on this page."""

    lines: list[Line]
    subtotals: list[Row]
    ends: bool = False


def labelled(rows: list[Row], room: Decimal, style: Style, *, lead: bool = False) -> list[tuple[str, str]]:
    """Rows as `label: text`, wrapped; with `lead` the label is set apart by the style."""
    found: list[tuple[str, str]] = []
    for row in rows:
        label = f"{row.label} " if row.label == "RNC" else f"{row.label}: "
        lines = wrapped(label + row.text, room, style.size, bold=style.bold)
        first = lines[0]
        whole = lead and first.startswith(label.strip())
        found.append((first[: len(label)], first[len(label) :]) if whole else ("", first))
        found += [("", line) for line in lines[1:]]
    return found
