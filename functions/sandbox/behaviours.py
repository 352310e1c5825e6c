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
    """What a behaviour does, said to people; `usual` is the service it concerns when none is named."""

    meaning: str
    usual: str = EVERYTHING
    value: str = ""


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
    "certificate_check_down": Kind("DGII cannot reach the certificate authority", _VALIDATION),
    "slow_loris": Kind("the answer trickles, so many bytes a second", value="1"),
    "large_body": Kind("the answer is padded to that many megabytes", value="100"),
    "gzip_bomb": Kind("a few kilobytes that unpack to that many megabytes", value="100"),
    "truncated": Kind("half of the answer"),
}
_CONTENT = {
    "token_expired": Kind("401 for every token issued before this was set"),
    "verdict_delay_ms": Kind("how long a document stays En Proceso", RECEPTION, "200"),
    "conditional": Kind(
        "Aceptado Condicional with that remark, `code text`", RECEPTION, "1385 El campo RNCComprador no es válido."
    ),
    "refused": Kind("Rechazado with that remark, `code text`; 145, 135, 75 and 004 have DGII's text", RECEPTION, "145"),
    "foreign_use": Kind("the number was used by a document of somebody else", RECEPTION),
    "in_process": Kind("En Proceso", "consultaresultado"),
    "not_found": Kind("No encontrado", CONSULTAS),
    "empty_track_id": Kind("a receipt whose trackId is empty, or null", "recepcion", "null"),
    "duplicate_track_id": Kind("the trackId of the issuer's document before", "recepcion"),
    "wrong_rnc": Kind("the answer speaks of that issuer", CONSULTAS, "101000000"),
    "wrong_track_id": Kind(
        "the answer speaks of that trackId, which nobody was given", "consultaresultado", "00000000-0000-4000-8000-000000000000"
    ),
    "rejected_later": Kind("Rechazado with that remark, whatever was said before", CONSULTAS, "1209"),
    "spent": Kind("secuenciaUtilizada true, whatever is true", CONSULTAS),
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


@dataclass(frozen=True)
class Behaviour:
    """One row: for ever, for the next `times` plays, until a moment, and with a probability drawn from `seed` by call."""

    rnc: str
    service: str
    name: str
    value: str
    times: int | None
    until: datetime | None
    probability: float
    seed: int
    calls: int
    set_at: datetime

    def concerns(self, service: str) -> bool:
        return service == self.service or service in GROUPS.get(self.service, ())

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


def altered(content: Content, played: Played) -> Content:
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
    "in_process": lambda _: _says(3, "En Proceso", []) | {"secuenciaUtilizada": False},
    "rejected_later": _rejection,
    "not_found": lambda _: _says(0, "No encontrado", []) | {"secuenciaUtilizada": False, "rnc": None, "encf": None},
    "wrong_rnc": lambda value: {"rnc": value, "rncEmisor": value},
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
    "400-empty": (400, "text/plain", ""),
    "400-bad-request": (400, "text/plain", "Bad Request"),
    "400-html": (400, "text/html", "<html><body>Bad Request</body></html>"),
    "400-bare": (400, "application/json", '"{text}"'),
    "400-plain": (400, "text/plain", '"{text}"'),
    "400-mensaje": (400, "application/json", '{{"mensaje": "{text}"}}'),
    "400-message": (400, "application/json", '{{"message": "{text}"}}'),
    "400-error": (400, "application/json", '{{"error": "{text}"}}'),
    "400-mensajes": (400, "application/json", '{{"mensajes": [{{"valor": "{text}", "codigo": "0"}}]}}'),
    "400-mensajes-plain": (400, "application/json", '{{"mensajes": ["{text}"]}}'),
    "400-problem": (400, "application/problem+json", '{{"title": "Bad Request", "status": 400, "errors": {{"xml": ["{text}"]}}}}'),
}
"""Error bodies as DGII's services have them; a value `shape text` puts its own words in."""


def shaped(value: str) -> tuple[int, str, bytes]:
    """Status, content type and body of `shape` or `shape text`."""
    shape, _, text = value.partition(" ")
    status, kind, body = SHAPES[shape]
    return status, kind, body.format(text=text or _WORDS).encode()


def fault_of(name: str, service: str, value: str) -> str | None:
    """Why a behaviour cannot be set like this, in words for whoever set it."""
    if name not in CATALOGUE:
        return f"no behaviour is called {name!r}"
    if service not in SERVICES and service not in GROUPS:
        return f"no service or group is called {service!r}"
    if name.startswith("error_") and value.partition(" ")[0] not in SHAPES:
        return f"no shape is called {value!r}"
    numbers = value.split("-") if name == "slow" else [value]
    if name in _NUMBERS and not all(part.isascii() and part.isdigit() for part in numbers):
        return f"{value!r} is no number"
    return None


_NUMBERS = frozenset(
    {"slow", "hang_before", "hang_after", "too_many", "slow_loris", "large_body", "gzip_bomb", "verdict_delay_ms", "wrong_rnc"}
)
