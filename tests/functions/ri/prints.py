"""Drawing and judging in this process: what the child does, with a hand on every step."""

from functions.ri.canvas import File
from functions.ri.layout import Look, Paper
from functions.ri.linter import Asked
from functions.ri.render import Renderer
from functions.ri.sheet import compose
from functions.ri.stamp import symbol
from functions.ri.words import Modalidad
from shared.ecf.document import Document
from shared.ecf.gate import parse
from shared.ecf.qr import address
from shared.ecf.types import Environment
from shared.ecf.xml import read
from tests.functions.ri.documents import CODE

RENDERER = Renderer()
NAME = "131880738E310000000004"


def document(xml: bytes) -> Document:
    return read(parse(xml))


def asked(xml: bytes, paper: Paper = Paper.A4, modalidad: Modalidad | None = None) -> Asked:
    """What the linter holds a print of `xml` against."""
    made = document(xml)
    return Asked(xml, made, address(Environment.TESTECF, made, CODE), CODE, modalidad, paper)


def drawn(xml: bytes, paper: Paper = Paper.A4, modalidad: Modalidad | None = None, look: Look | None = None) -> bytes:
    wanted = asked(xml, paper, modalidad)
    file = File(NAME, xml, wanted.document.fecha_hora_firma)
    return RENDERER.print(compose(wanted.document, CODE, modalidad), look or Look(), paper, file, symbol(wanted.address))
