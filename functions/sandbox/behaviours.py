"""How the stand-in misbehaves on request: every behaviour by name, when it plays, and what it makes of an answer."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

EVERYTHING = "*"
RECEPTION = "reception"
CONSULTAS = "consultas"
_SEED, _VALIDATION = "semilla", "validarsemilla"
_RECEPTION = frozenset({"recepcion", "recepcionfc"})
_CONSULTAS = frozenset({"consultaresultado", "consultaestado", "consultatrackids", "consultarfce"})
_FC = frozenset({"recepcionfc", "consultarfce", "consultatimbrefc"})
_OTHERS = frozenset({"aprobacioncomercial", "anulacionrangos", "consultadirectorio", "consultatimbre", "estatus"})
SERVICES = frozenset({_SEED, _VALIDATION}) | _RECEPTION | _CONSULTAS | _FC | _OTHERS
_TOKEN = SERVICES - {_SEED, _VALIDATION, "consultatimbre", "consultatimbrefc", "estatus"}
GROUPS = {
    EVERYTHING: SERVICES - {"estatus"},
    RECEPTION: _RECEPTION,
    CONSULTAS: _CONSULTAS,
    "autenticacion": frozenset({_SEED, _VALIDATION}),
    "fc": _FC,
    "ecf": SERVICES - _FC - {"estatus"},
}


@dataclass(frozen=True)
class Kind:
    """What a behaviour does, said to people; `usual` is the service it concerns when none is named.

    `reach`: the services in whose answers it can be seen. It plays in no other, whatever group it is set for.
    """

    meaning: str
    usual: str = EVERYTHING
    value: str = ""
    reach: frozenset[str] = SERVICES


_TRANSPORT = {
    "slow": Kind("every answer takes a while of `from-to` milliseconds", value="100-500"),
    "hang_before": Kind("reads the body, keeps nothing and is silent for so many seconds", RECEPTION, "60"),
    "hang_after": Kind("keeps the document and is silent for so many seconds: the lost answer", RECEPTION, "60"),
    "reset_before": Kind("cuts the connection and keeps nothing; with the service `fc` its host is down"),
    "reset_after": Kind("keeps the document and cuts the connection", RECEPTION),
    "error_before": Kind("an error of that shape (see SHAPES), nothing is kept", RECEPTION, "500"),
    "error_after": Kind("keeps the document and answers an error of that shape", RECEPTION, "500"),
    "too_many": Kind("429 with that many seconds in Retry-After", value="5"),
    "not_delegated": Kind("403 in DGII's words"),
    "redirect": Kind("302 to that address", value="http://127.0.0.1:1/"),
    "maintenance": Kind("the whole environment is down, and the status service lists the window `9:00 AM-12:00 PM`; empty: always"),
    "certificate_check_down": Kind("DGII cannot reach the certificate authority", _VALIDATION, reach=frozenset({_VALIDATION})),
    "slow_loris": Kind("the answer trickles, so many bytes a second", value="1"),
    "large_body": Kind("the answer is padded to that many megabytes", value="100"),
    "gzip_bomb": Kind("a few kilobytes that unpack to that many megabytes", value="100"),
    "truncated": Kind("half of the answer"),
}
_STATED = _CONSULTAS - {"consultatrackids"}
_CONTENT = {
    "token_expired": Kind("401 for every token issued before this was set", reach=_TOKEN),
    "verdict_delay_ms": Kind("how long a document stays En Proceso", RECEPTION, "200", frozenset({"recepcion"})),
    "conditional": Kind(
        "Aceptado Condicional with that remark, `code text`", RECEPTION, "1385 El campo RNCComprador no es válido.", _RECEPTION
    ),
    "refused": Kind("Rechazado with that remark, `code text`; 145, 135, 75 and 004 have DGII's text", RECEPTION, "145", _RECEPTION),
    "rejected_with_400": Kind("a rejection comes with HTTP 400", "recepcionfc", reach=frozenset({"recepcionfc"})),
    "not_processed": Kind(
        "an approval that DGII could not process just now", "aprobacioncomercial", reach=frozenset({"aprobacioncomercial"})
    ),
    "foreign_use": Kind("the number was used by a document of somebody else", RECEPTION, reach=_RECEPTION),
    "in_process": Kind("En Proceso", "consultaresultado", reach=_CONSULTAS),
    "not_found": Kind("No encontrado; of trackIds no row, or with `row` or `object` an empty one", CONSULTAS, reach=_CONSULTAS),
    "track_ids_order": Kind(
        "the trackIds of a number, `oldest` or `newest` first", "consultatrackids", "oldest", frozenset({"consultatrackids"})
    ),
    "empty_track_id": Kind("a receipt whose trackId is empty, or null", "recepcion", "null", frozenset({"recepcion"})),
    "duplicate_track_id": Kind("the trackId of the issuer's document before", "recepcion", reach=frozenset({"recepcion"})),
    "wrong_rnc": Kind("the answer speaks of that issuer", CONSULTAS, "101000000", _STATED | {"recepcionfc"}),
    "wrong_encf": Kind("the answer speaks of that e-NCF", "fc", "E329999999999", _STATED | {"recepcionfc"}),
    "wrong_track_id": Kind(
        "the answer speaks of that trackId, which nobody was given",
        "consultaresultado",
        "00000000-0000-4000-8000-000000000000",
        frozenset({"consultaresultado", "consultatrackids"}),
    ),
    "rejected_later": Kind("Rechazado with that remark, whatever was said before", CONSULTAS, "1209", _CONSULTAS),
    "spent": Kind(
        "secuenciaUtilizada true, whatever is true",
        CONSULTAS,
        reach=frozenset({"consultaresultado", "consultarfce", "recepcionfc"}),
    ),
}
CATALOGUE: dict[str, Kind] = _TRANSPORT | _CONTENT

TEXTS = {
    "004": "Ha ocurrido un error validando en eCF, favor intentar nueva vez.",
    "75": "Número de secuencia no autorizada.",
    "135": "Número de secuencia no autorizada",
    "145": "Fecha de vencimiento de secuencia inválida.",
    "1209": "Este número de secuencia ya ha sido utilizado.",
}


def remark(value: str) -> tuple[str, str]:
    """`code text`, or a code whose text DGII has."""
    code, _, text = value.partition(" ")
    return code, text or TEXTS.get(code, "")


def _members(service: str) -> frozenset[str]:
    """A group's services, or the service itself."""
    return GROUPS.get(service, frozenset({service}))


@dataclass(frozen=True)
class Behaviour:
    """One row: for ever, for the next `times` plays, until a moment, and with a probability drawn from `seed` by call.

    `calls` it met, and in how many of them it `plays`.
    """

    rnc: str
    service: str
    name: str
    value: str
    times: int | None
    until: datetime | None
    probability: float
    seed: int
    calls: int
    plays: int
    set_at: datetime

    def concerns(self, service: str) -> bool:
        return service in _members(self.service) & CATALOGUE[self.name].reach

    def draws(self) -> bool:
        """Whether call number `calls` plays it: the same seed always gives the same run."""
        return _draw(self.seed, self.calls) < self.probability * (1 << 64)

    def latency(self) -> int:
        """Milliseconds of `slow`, anywhere in its range."""
        low, _, high = self.value.partition("-")
        least, most = int(low), int(high or low)
        return least + _draw(self.seed, -self.calls - 1) % (most - least + 1)


def _draw(seed: int, call: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{call}".encode()).digest()[:8], "big")


Played = Mapping[str, Behaviour]
"""What plays in one call, by name."""

Content = Mapping[str, object]


def altered(content: Content, played: Played) -> dict[str, object]:
    """An answer of a consulta as the behaviours have it."""
    changed = dict(content)
    for name, change in _CHANGES.items():
        if name in played:
            changed |= {field: value for field, value in change(played[name].value).items() if field in content}
    return changed


def _says(codigo: int, texto: str, remarks: list[dict[str, object]]) -> dict[str, object]:
    # `codigo` is a text in every consulta; only the reception of an RFCE, which none of these concerns, has a number.
    return {"codigo": str(codigo), "estado": texto, "mensajes": remarks}


def _rejection(value: str) -> dict[str, object]:
    code, text = remark(value)
    return _says(2, "Rechazado", [{"valor": text, "codigo": code}])


_CHANGES: dict[str, Callable[[str], dict[str, object]]] = {
    "in_process": lambda _: _says(3, "En Proceso", [{"valor": "", "codigo": 0}]) | {"secuenciaUtilizada": False},
    "rejected_later": _rejection,
    "not_found": lambda _: _says(0, "No encontrado", []) | {"secuenciaUtilizada": False, "rnc": None, "encf": None},
    "wrong_rnc": lambda value: {"rnc": value, "rncEmisor": value},
    "wrong_encf": lambda value: {"encf": value, "ncfElectronico": value},
    "wrong_track_id": lambda value: {"trackId": value},
    "spent": lambda _: {"secuenciaUtilizada": True},
}


_HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_WORDS = "Ha ocurrido un error procesando su solicitud"
SHAPES = {
    "500": (500, "application/json", '"{text}"'),
    "500-problem": (500, "application/problem+json", '{{"title": "An error occurred", "status": 500}}'),
    "502-html": (502, "text/html", _HTML),
    "503": (503, "text/html", "<html><body>Service Unavailable</body></html>"),
    "200-html": (200, "text/html", "<html><body>En mantenimiento</body></html>"),
    "302-plain": (302, "text/plain", "Found"),
    "403-html": (403, "text/html", "<html><body><h1>403 Forbidden</h1></body></html>"),
    "404-plain": (404, "text/plain", "404 page not found"),
    "408-plain": (408, "text/plain", "Request Timeout"),
    "400-empty": (400, "text/plain", ""),
    "400-bad-request": (400, "text/plain", "Bad Request"),
    "400-html": (400, "text/html", "<html><body>Bad Request</body></html>"),
    "400-bare": (400, "application/json", '"{text}"'),
    "400-plain": (400, "text/plain", '"{text}"'),
    "400-mensaje": (400, "application/json", '{{"mensaje": "{text}"}}'),
    "400-message": (400, "application/json", '{{"message": "{text}"}}'),
    "400-error": (400, "application/json", '{{"error": "{text}"}}'),
    "400-mensajes": (400, "application/json", '{{"mensajes": [{{"valor": "{text}", "codigo": "{code}"}}]}}'),
    "400-mensajes-plain": (400, "application/json", '{{"mensajes": ["{text}"]}}'),
    "400-problem": (400, "application/problem+json", '{{"title": "Bad Request", "status": 400, "errors": {{"xml": ["{text}"]}}}}'),
}
"""Error bodies as DGII's services have them, and those of what stands before it."""


def shaped(value: str) -> tuple[int, str, bytes]:
    """Status, content type and body of `shape`, `shape text`, `shape:code` or `shape:code text`; a known code has its text."""
    shape, code, text = _shape(value)
    status, kind, body = SHAPES[shape]
    return status, kind, body.format(text=text or TEXTS.get(code, _WORDS), code=code or "0").encode()


def _shape(value: str) -> tuple[str, str, str]:
    head, _, text = value.partition(" ")
    shape, _, code = head.partition(":")
    return shape, code, text


def fault_of(name: str, service: str, value: str) -> str | None:
    """Why a behaviour cannot be set like this, in words for whoever set it."""
    if name not in CATALOGUE:
        return f"no behaviour is called {name!r}"
    if service not in SERVICES and service not in GROUPS:
        return f"no service or group is called {service!r}"
    if not _members(service) & CATALOGUE[name].reach:
        return f"{name!r} is never seen in an answer of {service!r}"
    if name.startswith("error_") and not _is_shape(value):
        return f"no shape is called {value!r}"
    if value not in _WORDS_OF.get(name, {value}):
        return f"{value!r} is none of {', '.join(sorted(_WORDS_OF[name]))}"
    numbers = value.split("-") if name == "slow" else [value]
    if name in _NUMBERS and not all(part.isascii() and part.isdigit() for part in numbers):
        return f"{value!r} is no number"
    return None


def _is_shape(value: str) -> bool:
    """A code only where the body has a place for it."""
    shape, code, _ = _shape(value)
    return shape in SHAPES and (not code or "{code}" in SHAPES[shape][2])


_WORDS_OF = {"not_found": frozenset({"", "row", "object"}), "track_ids_order": frozenset({"oldest", "newest"})}
_NUMBERS = frozenset(
    {"slow", "hang_before", "hang_after", "too_many", "slow_loris", "large_body", "gzip_bomb", "verdict_delay_ms", "wrong_rnc"}
)
