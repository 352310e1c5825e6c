"""How a mail is made, as text and as HTML, and the words of those with a secret link. Names in it were typed by strangers."""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from string import Template

from functions.notify.domain import Kind, Link, Owner
from shared.ecf.clock import MONTHS, SANTO_DOMINGO
from shared.errors import AppError

LONGEST_NAME = 60
# Not every server on the way takes eight bits.
_WIRE = SMTP.clone(cte_type="7bit")
# Mail programs turn these into links, and the mail is ours: nobody advertises through the name of whom they invite.
_LIKE_A_LINK = re.compile(r"://|www\.|@|[\w-]{2,}\.[^\W\d]{2,}", re.IGNORECASE)


class AddressUnusable(AppError):
    """No mail can be addressed to it."""

    status, slug = 422, "address-unusable"


@dataclass(frozen=True)
class Letter:
    """`before` and `after` are paragraphs around the link."""

    subject: str
    before: tuple[str, ...]
    button: str
    after: tuple[str, ...]


def plain(text: str) -> str:
    """One line without control, direction or other invisible characters, at most LONGEST_NAME long."""
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1].rstrip()}…"


def greeting(name: str) -> str:
    """By name, unless the name could pass for a link."""
    said = plain(name)
    return "Hola:" if not said or _LIKE_A_LINK.search(said) else f"Hola, {said}:"


def day(on: date) -> str:
    """`1 de diciembre de 2026`"""
    return f"{on.day} de {MONTHS[on.month - 1]} de {on.year}"


def moment(at: datetime) -> str:
    """In Dominican time: `1 de diciembre de 2026, 4:05 p. m.`"""
    local = at.astimezone(SANTO_DOMINGO)
    half = "a. m." if local.hour < 12 else "p. m."
    return f"{day(local)}, {local.hour % 12 or 12}:{local.minute:02d} {half}"


def invitation(link: Link) -> Letter:
    company, until = plain(link.company_name), moment(link.expires_at)
    given = f"{company} le dio acceso" if company else "Le dieron acceso"
    return Letter(
        subject=f"{company} le invita a GetUpNet" if company else "Active su cuenta de GetUpNet",
        before=(
            f"{given} a GetUpNet, la plataforma de comprobantes fiscales electrónicos.",
            f"Para elegir su contraseña y entrar, abra este enlace antes del {until} (hora dominicana):",
        ),
        button="Elegir mi contraseña",
        after=(
            "El enlace sirve una sola vez. No lo reenvíe: quien lo tenga puede entrar en su lugar.",
            "Si no esperaba este correo, puede ignorarlo.",
        ),
    )


def password_reset(link: Link) -> Letter:
    return Letter(
        subject="Elija una nueva contraseña de GetUpNet",
        before=(
            "Alguien, seguramente usted, pidió cambiar la contraseña de su cuenta.",
            f"Para elegir una nueva, abra este enlace antes del {moment(link.expires_at)} (hora dominicana):",
        ),
        button="Elegir otra contraseña",
        after=(
            "El enlace sirve una sola vez. No lo reenvíe: quien lo tenga puede entrar en su lugar.",
            "Si usted no lo pidió, no haga nada: su contraseña sigue siendo la misma.",
        ),
    )


@dataclass(frozen=True)
class Form:
    """How a kind with a link of its own is written: what auth calls its link, the portal's page for it, its words."""

    purpose: str
    page: str
    write: Callable[[Link], Letter]


FORMS = {
    Kind.INVITATION: Form("invitation", "/invitacion", invitation),
    Kind.PASSWORD_RESET: Form("reset", "/clave", password_reset),
}

# `ses:no-track` keeps SES, where a configuration set counts clicks, from leading the link (and its secret) through a server.
_PAGE = Template("""\
<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>$subject</title></head>
<body style="margin:0;padding:24px;background:#f4f4f5;font:16px/1.5 system-ui,sans-serif;color:#18181b">
<div style="max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #e4e4e7;border-radius:8px">
$before
<p style="margin:24px 0"><a ses:no-track href="$link"
 style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff">$button</a></p>
<p style="font-size:13px;color:#52525b;word-break:break-all">$link</p>
$after
<p style="font-size:13px;color:#52525b">GetUpNet · Este buzón no recibe respuestas.</p>
</div></body></html>
""")


def message(kind: Kind, link: Link, *, sender: str, portal: str) -> EmailMessage:
    """The whole mail. The secret stands in the link's fragment, which browsers send to no server. AddressUnusable."""
    form = FORMS[kind]
    return made(form.write(link), f"{portal}{form.page}#token={link.token}", link, sender)


def made(letter: Letter, address: str, to: Link | Owner, sender: str) -> EmailMessage:
    """The message of a letter whose button leads to `address`. AddressUnusable."""
    before, after = (greeting(to.name), *letter.before), letter.after
    mail = EmailMessage(policy=_WIRE)
    mail["From"] = sender
    mail["To"] = recipient(to.email)
    mail["Subject"] = letter.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join((*before, address, *after, "GetUpNet · Este buzón no recibe respuestas.")) + "\n")
    page = _PAGE.substitute(
        subject=html.escape(letter.subject),
        before=_paragraphs(before),
        link=html.escape(address),
        button=html.escape(letter.button),
        after=_paragraphs(after),
    )
    mail.add_alternative(page, subtype="html")
    return mail


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "\n".join(f"<p>{html.escape(text)}</p>" for text in texts)


def recipient(email: str) -> Address:
    """The address as the wire has it; a domain with accents in its ASCII form. AddressUnusable for any other."""
    local, _, domain = email.rpartition("@")
    if not local or not domain:
        raise AddressUnusable
    try:
        return Address(username=local.encode("ascii").decode(), domain=domain.encode("idna").decode())
    except ValueError as error:
        raise AddressUnusable from error
