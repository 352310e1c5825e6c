"""Every shape in which DGII answers, read into one: codes as numbers or text, names in any case, JSON or XML."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from lxml import etree

from shared.dgii.wording import plain, says_not_allowed, says_try_again, says_used
from shared.ecf.gate import ANSWER, ForeignXmlRefused, open_foreign

Value = str | bool | None | list["Value"] | dict[str, "Value"]
"""An answer as plain data: names in lower case, numbers as the text that was written."""


class Estado(IntEnum):
    """Result codes of all consultas."""

    NO_ENCONTRADO = 0
    ACEPTADO = 1
    RECHAZADO = 2
    EN_PROCESO = 3
    ACEPTADO_CONDICIONAL = 4


_CODES = {f"{estado:0{width}}": estado for estado in Estado for width in (1, 2)}
_WORDS = {
    "no encontrado": Estado.NO_ENCONTRADO,
    "aceptado": Estado.ACEPTADO,
    "rechazado": Estado.RECHAZADO,
    "en proceso": Estado.EN_PROCESO,
    "aceptado condicional": Estado.ACEPTADO_CONDICIONAL,
}
FINAL = frozenset({Estado.ACEPTADO, Estado.RECHAZADO, Estado.ACEPTADO_CONDICIONAL})
# DGII failed internally and says so in the form of a rejection.
_TRANSIENT_CODES = frozenset({"004", "4"})
_USED_CODES = frozenset({"1209"})
# No database keeps these.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_DEEPEST = 50


@dataclass(frozen=True)
class Mensaje:
    """One remark; `codigo` as DGII wrote it."""

    codigo: str
    valor: str


@dataclass(frozen=True)
class Token:
    """A bearer token and for how long it may be used, by DGII's own two dates and never longer than 55 minutes."""

    value: str
    life: timedelta


@dataclass(frozen=True)
class Receipt:
    """A document was taken: its trackId, and the whole answer as text."""

    track_id: str
    raw: str


@dataclass(frozen=True)
class Outcome:
    """What a consulta (always with a 200) or a reception says about a document. Empty texts where DGII said nothing.

    `secuencia_utilizada` None means DGII did not say, which must be read as spent until queried.
    """

    estado: Estado
    mensajes: tuple[Mensaje, ...] = ()
    secuencia_utilizada: bool | None = None
    rnc: str = ""
    encf: str = ""
    track_id: str = ""
    codigo_seguridad: str = ""
    monto_total: str = ""
    fecha_recepcion: str = ""
    raw: str = ""
    http_status: int = 200

    @property
    def words(self) -> str:
        """All remarks in one line."""
        return " ".join(m.valor for m in self.mensajes if m.valor)

    @property
    def final(self) -> bool:
        return self.estado in FINAL and not self.transient

    @property
    def transient(self) -> bool:
        """A rejection that is none: only message 004, by its code or its words. The same bytes may be sent again."""
        passing = [m.codigo in _TRANSIENT_CODES or says_try_again(m.valor) for m in self.mensajes]
        return self.estado is Estado.RECHAZADO and bool(passing) and all(passing)

    @property
    def number_was_used(self) -> bool:
        """The rejection says that this number arrived before, ours or another's."""
        return self.estado is Estado.RECHAZADO and any(m.codigo in _USED_CODES or says_used(m.valor) for m in self.mensajes)

    @property
    def undelegated(self) -> bool:
        """The rejection is about the signer alone: the number came back, and the same bytes are good once the issuer delegates."""
        given_back = self.estado is Estado.RECHAZADO and self.secuencia_utilizada is False
        return given_back and any(says_not_allowed(m.valor) for m in self.mensajes)


@dataclass(frozen=True)
class Tracking:
    """One submission of a number, by consulta de trackIds."""

    track_id: str
    estado: Estado
    fecha_recepcion: str


@dataclass(frozen=True)
class Trackings:
    """Every submission of a number, and the whole answer as text."""

    rows: tuple[Tracking, ...]
    raw: str


def written(body: bytes) -> str:
    """An answer as text that can be stored."""
    return _storable(body.decode("utf-8", "replace"))


def _storable(words: str) -> str:
    return _UNSTORABLE.sub("\ufffd", words)


def read(body: bytes) -> Value:
    """JSON or XML to plain data whose texts can be stored; None for HTML, junk and nothing."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n").rstrip()
    try:
        if text.startswith("<"):
            return _of_root(open_foreign(text.encode("utf-8"), kind=ANSWER))
        return _lower(json.loads(text, parse_int=str, parse_float=str, parse_constant=str))
    except (json.JSONDecodeError, ForeignXmlRefused, RecursionError):
        return None


def _lower(value: object, depth: int = 0) -> Value:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return {_storable(str(name).lower()): _lower(held, depth + 1) for name, held in value.items()}
    if isinstance(value, list):
        return [_lower(held, depth + 1) for held in value]
    return _storable(value) if isinstance(value, str) else bool(value) if value is not None else None


def _of_root(root: etree._Element) -> Value:
    """A root without children says something only as ASP.NET's `string`; a page is no answer."""
    name = etree.QName(root).localname.lower()
    return None if name == "html" or (name != "string" and not len(root)) else _of_xml(root)


def _of_xml(element: etree._Element) -> Value:
    children = list(element)
    if not children:
        return (element.text or "").strip() or None
    found: dict[str, Value] = {}
    for child in children:
        name, value = etree.QName(child).localname.lower(), _of_xml(child)
        held = found.get(name)
        if name not in found:
            found[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            found[name] = [held, value]
    return found


def text(answer: Value, *names: str) -> str:
    """The first of these members that says something, as text."""
    if isinstance(answer, dict):
        for name in names:
            held = answer.get(name)
            if isinstance(held, str) and held.strip():
                return held.strip()
    return ""


def estado_of(answer: Value) -> Estado | None:
    """By `codigo` (1, "1", "01"), else by the word in `estado`."""
    known = _CODES.get(text(answer, "codigo"))
    return known if known is not None else _WORDS.get(plain(text(answer, "estado")))


def outcome(answer: Value, raw: bytes) -> Outcome | None:
    """An answer with a state, or None when it has none."""
    estado = estado_of(answer)
    if estado is None or not isinstance(answer, dict):
        return None
    return Outcome(
        estado=estado,
        mensajes=mensajes_of(answer.get("mensajes")),
        secuencia_utilizada=flag(answer.get("secuenciautilizada")),
        rnc=text(answer, "rnc", "rncemisor"),
        encf=text(answer, "encf", "ncfelectronico"),
        track_id=text(answer, "trackid"),
        codigo_seguridad=text(answer, "codigoseguridad"),
        monto_total=text(answer, "montototal"),
        fecha_recepcion=text(answer, "fecharecepcion"),
        raw=written(raw),
    )


def flag(value: Value) -> bool | None:
    """True or false, however written; None for anything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def mensajes_of(value: Value) -> tuple[Mensaje, ...]:
    """A list of objects or of texts, one object, one text, or an XML wrapper around them; empty remarks are dropped."""
    if isinstance(value, list):
        return tuple(m for held in value for m in mensajes_of(held))
    if isinstance(value, dict):
        if "valor" not in value and "codigo" not in value:
            return tuple(m for held in value.values() for m in mensajes_of(held))
        remark = Mensaje(text(value, "codigo") or "0", text(value, "valor"))
        return () if remark.codigo.strip("0") == "" and not remark.valor else (remark,)
    return (Mensaje("0", value.strip()),) if isinstance(value, str) and value.strip() else ()


def trackings(answer: Value) -> tuple[Tracking, ...] | None:
    """The submissions in a list, a single object, or an XML wrapper, without the rows that say "No encontrado"; None when it is
    none of these."""
    if isinstance(answer, Mapping) and not {"trackid", "estado", "codigo"} & answer.keys():
        inner = list(answer.values())
        answer = inner[0] if len(inner) == 1 else None
    if isinstance(answer, str):
        return () if plain(answer) in ("", "no encontrado") else None
    rows = answer if isinstance(answer, list) else [answer] if isinstance(answer, dict) else None
    if rows is None:
        return None
    found = []
    for row in rows:
        estado, track_id = estado_of(row), text(row, "trackid")
        if estado is Estado.NO_ENCONTRADO:
            continue
        if estado is None or not track_id:
            return None
        found.append(Tracking(track_id, estado, text(row, "fecharecepcion")))
    return tuple(found)


def token(answer: Value) -> Token | None:
    """`{token, expira, expedido}`: usable for the difference of the two dates less five minutes."""
    value = text(answer, "token")
    if not value:
        return None
    start, end = _moment(text(answer, "expedido")), _moment(text(answer, "expira"))
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return Token(value, timedelta(minutes=5))
    life = min(end - start - timedelta(minutes=5), timedelta(minutes=55))
    return Token(value, max(life, timedelta()))


def _moment(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None
