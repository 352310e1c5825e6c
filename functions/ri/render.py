"""The child that draws: `python -m functions.ri.render` reads documents from stdin and answers PDFs on stdout until it closes.

Nothing here reaches the network or another process: WeasyPrint may fetch `data:` only, and the interpreter refuses sockets.
"""

import logging
import os
import resource
import sys
from datetime import UTC
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from functions.ri.gateway import read_frame, write_frame
from functions.ri.sheet import compose
from shared.ecf import gate, qr, xml
from shared.ecf.types import Environment as Ambiente

CPU_SECONDS = 20
MEMORY = 512 * 1024 * 1024
_HERE = Path(__file__).parent
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")


class DataOnly(URLFetcher):  # type: ignore[misc]
    """Lets `data:` through and nothing else; redirects are refused too."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)


class Renderer:
    """Template, styles and fonts loaded once."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._template = environment.get_template("sheet.html.j2")
        self._fonts = FontConfiguration()
        self._fetcher = DataOnly()
        self._css = CSS(string=(_HERE / "sheet.css").read_text("utf-8"), url_fetcher=self._fetcher, font_config=self._fonts)

    def draw(self, signed_xml: bytes, *, environment: str, codigo_seguridad: str, name: str) -> bytes:
        """The PDF of one signed document: the same bytes for the same input, the signed XML as its one attachment."""
        document = xml.read(gate.parse(signed_xml))
        address = qr.address(Ambiente(environment), document, codigo_seguridad)
        moment = document.fecha_hora_firma.astimezone(UTC)
        html = self._template.render(
            sheet=compose(document, codigo_seguridad), qr=symbol(address), title=name, created=moment.isoformat()
        )
        attachment = Attachment(
            string=signed_xml,
            name=f"{name}.xml",
            description="e-CF firmado",
            created=moment,
            modified=moment,
            relationship="Source",
        )
        pdf = HTML(string=html, url_fetcher=self._fetcher).write_pdf(
            stylesheets=[self._css], font_config=self._fonts, attachments=[attachment]
        )
        assert isinstance(pdf, bytes)
        return pdf


def symbol(address: str) -> str:
    """The QR as a `data:` address of an SVG without quiet zone (the styles give it); level M, version 8 or more (DGII)."""
    code = segno.make_qr(address, error="m", boost_error=False)
    if int(code.version) < 8:
        code = segno.make_qr(address, error="m", boost_error=False, version=8)
    return code.svg_data_uri(border=0, xmldecl=False, omitsize=True)


def confine() -> None:
    """Limits of the process, and no way out of it from Python."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def _allow_cpu() -> None:
    """Twenty more seconds from here: the limit counts the whole life of the process, a print is what may not take long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it quotes what tenants wrote
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints by accident must not land between two frames
    renderer = Renderer()
    confine()
    while (question := read_frame(questions)) is not None:
        head, body = question
        _allow_cpu()
        try:
            pdf = renderer.draw(body, **head)
        except Exception as error:  # noqa: BLE001 - one document must not end the process; its name is all that may be told
            write_frame(answers, {"fault": type(error).__name__}, b"")
        else:
            write_frame(answers, {}, pdf)


if __name__ == "__main__":
    main()
