"""What stands in for SES on one machine: takes boto3's SendEmail, keeps the mail, shows all of them to a browser.

`python -m knative.embedded.mail_sink FOLDER PORT`, on loopback alone.
"""

import base64
import binascii
import html
import json
import re
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from knative.embedded.mail import Kept, Mailbox
from knative.embedded.process import LOOPBACK

SEND = "/v2/email/outbound-emails"
LARGEST = 40 * 1024 * 1024
"""SES's limit of a message after encoding."""
SHOWN = 200
_SAFE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 960px; margin: 24px auto; padding: 0 16px }
td, th { padding: 4px 12px 4px 0; text-align: left }
pre { white-space: pre-wrap; background: #f4f4f5; padding: 16px }
iframe { width: 100%; height: 560px; border: 1px solid #d4d4d8 }
"""
_LINK = re.compile(r"https?://[^\s<>\"]+")


class NotAMail(Exception):
    """SES would not take it either; the message says why."""


def mail_in(request: bytes) -> bytes:
    """The message of a SendEmail request that carries one whole (RFC 5322)."""
    try:
        asked = json.loads(request)
        message = base64.b64decode(asked["Content"]["Raw"]["Data"], validate=True)
        recipients = asked["Destination"]["ToAddresses"]
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise NotAMail("only whole messages (Content.Raw) to named recipients are taken here") from error
    if not recipients or not message.strip():
        raise NotAMail("a message needs a recipient and a content")
    return message


class Sink(BaseHTTPRequestHandler):
    """One request. `mailbox` is set by the class that `serve` makes."""

    mailbox: Mailbox
    server_version, sys_version, protocol_version = "mail", "", "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        # A page in a browser cannot make this header without being asked first, and nobody answers that question.
        signed = self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ")
        if not self._is_ours() or not signed or self.path != SEND or size > LARGEST:
            self.close_connection = True
            return self._answer(HTTPStatus.FORBIDDEN, "text/plain", "")
        try:
            name = self.mailbox.keep(mail_in(self.rfile.read(size)))
        except NotAMail as error:
            said = json.dumps({"message": str(error)})
            return self._answer(HTTPStatus.BAD_REQUEST, "application/json", said, error="BadRequestException")
        return self._answer(HTTPStatus.OK, "application/json", json.dumps({"MessageId": name}))

    def do_GET(self) -> None:
        name, _, rest = self.path.strip("/").partition("/")
        kept = self.mailbox.read(name) if name else None
        if not self._is_ours() or (name and kept is None) or rest not in ("", "html"):
            return self._answer(HTTPStatus.NOT_FOUND, "text/plain", "No hay tal correo.")
        if kept is None:
            return self._answer(HTTPStatus.OK, "text/html", listed(list(self.mailbox.newest(SHOWN))))
        if rest:
            return self._answer(HTTPStatus.OK, "text/html", kept.part("html"), policy=f"sandbox; {_SAFE}")
        return self._answer(HTTPStatus.OK, "text/html", shown(kept), policy=f"frame-src 'self'; {_SAFE}")

    def _is_ours(self) -> bool:
        """Not a foreign name that was made to point here: mails hold links that let their reader in."""
        return self.headers.get("host", "").partition(":")[0] in (LOOPBACK, "localhost")

    def _answer(self, status: HTTPStatus, kind: str, text: str, *, policy: str = _SAFE, error: str = "") -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), "Content-Security-Policy": policy}
        headers |= {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        headers |= {"x-amzn-ErrorType": error} if error else {}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a mail is in its file."""


def listed(mails: list[Kept]) -> str:
    """The page of all mails."""
    rows = "".join(
        f"<tr><td>{kept.came}</td><td>{html.escape(str(kept.message.get('To', '')))}</td>"
        f'<td><a href="/{kept.id}">{html.escape(str(kept.message.get("Subject", "")) or "(sin asunto)")}</a></td></tr>'
        for kept in mails
    )
    heads = "<tr><th>Cuándo</th><th>Para</th><th>Asunto</th></tr>"
    return _page("Correos", f"<table>{heads}{rows}</table>" if mails else "<p>Todavía no se ha enviado ninguno.</p>")


def shown(kept: Kept) -> str:
    """The page of one: head, text part with its links alive, HTML part where it can do nothing."""
    heads = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(kept.message.get(key, '')))}</td></tr>"
        for name, key in (("De", "From"), ("Para", "To"), ("Asunto", "Subject"))
    )
    text = html.escape(kept.part("plain"), quote=False)
    alive = _LINK.sub(lambda found: f'<a href="{found[0]}" rel="noopener noreferrer" target="_blank">{found[0]}</a>', text)
    frame = f'<iframe sandbox src="/{kept.id}/html" title="Parte HTML"></iframe>' if kept.part("html") else ""
    return _page("Correo", f'<p><a href="/">Todos</a> · {kept.came}</p><table>{heads}</table><pre>{alive}</pre>{frame}')


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="es"><head>{head}</head><body><h1>{title}</h1>{body}</body></html>'


def serve(folder: Path, port: int) -> None:
    handler = type("Here", (Sink,), {"mailbox": Mailbox(folder)})
    ThreadingHTTPServer((LOOPBACK, port), handler).serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
