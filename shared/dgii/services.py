"""What DGII's other services say: approvals and voidings processed, the directory, the state of its services, its windows."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.dgii.answers import Value, mensajes_of, text, written
from shared.dgii.wording import plain, says_try_again
from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.types import Environment

_AMBIENTES = {
    "precertificacion": Environment.TESTECF,
    "certificacion": Environment.CERTECF,
    "produccion": Environment.ECF,
}
_DONE = {"1", "01"}


@dataclass(frozen=True)
class Processed:
    """An approval or a voiding that DGII answered: done or not, in its words. Words beside `done` name what was left out."""

    done: bool
    words: tuple[str, ...]
    raw: str

    @property
    def transient(self) -> bool:
        """Not done for a reason of DGII's own: the same bytes may be sent again."""
        return not self.done and any(says_try_again(words) for words in self.words)


@dataclass(frozen=True)
class Listed:
    """An electronic issuer of the directory; `autenticacion` is empty when it asks for none."""

    rnc: str
    nombre: str
    recepcion: str
    aprobacion: str
    autenticacion: str


@dataclass(frozen=True)
class ServiceState:
    environment: Environment
    servicio: str
    disponible: bool


@dataclass(frozen=True)
class Window:
    """Announced maintenance of one environment."""

    environment: Environment
    start: datetime
    end: datetime


def processed(answer: Value, raw: bytes) -> Processed | None:
    """`{mensaje, estado, codigo}` of an ACECF or `{rnc, codigo, nombre, mensajes}` of an ANECF; None when it is neither."""
    code = text(answer, "codigo")
    if not isinstance(answer, dict) or not code.isascii() or not code.isdigit():
        return None
    said = mensajes_of(answer.get("mensajes")) or mensajes_of(answer.get("mensaje"))
    return Processed(code in _DONE, tuple(m.valor for m in said), written(raw))


def listed(answer: Value) -> tuple[Listed, ...] | None:
    """A list, a single object, or an XML wrapper around either; None when it is none of these."""
    rows = _rows(answer, "rnc")
    if rows is None:
        return None
    return tuple(
        Listed(
            text(row, "rnc"),
            text(row, "nombre"),
            text(row, "urlrecepcion"),
            text(row, "urlaceptacion"),
            text(row, "urlopcional"),
        )
        for row in rows
        if text(row, "rnc")
    )


def service_states(answer: Value) -> tuple[ServiceState, ...] | None:
    """Every service of every environment; rows of environments that nobody knows are left out."""
    rows = _rows(answer, "servicio")
    if rows is None:
        return None
    found = []
    for row in rows:
        environment = _environment(row)
        if environment is not None:
            found.append(ServiceState(environment, text(row, "servicio"), plain(text(row, "estatus")) == "disponible"))
    return tuple(found)


def windows(answer: Value) -> tuple[Window, ...] | None:
    """One window a day; what is no date or hour is left out."""
    inner = answer.get("ventanamantenimientos") if isinstance(answer, dict) else None
    rows = [] if inner is None and isinstance(answer, dict) else _rows(inner, "ambiente")
    if rows is None:
        return None
    return tuple(window for row in rows for window in _of_days(row))


def available(answer: Value) -> bool | None:
    """`{"estado": "Disponible"}`; None when it says neither."""
    return {"disponible": True, "no disponible": False}.get(plain(text(answer, "estado")))


def _rows(answer: Value, member: str) -> list[Value] | None:
    if isinstance(answer, dict) and member not in answer:
        inner = list(answer.values())
        answer = inner[0] if len(inner) == 1 else None
    if isinstance(answer, list):
        return answer
    return [answer] if isinstance(answer, dict) else None


def _environment(row: Value) -> Environment | None:
    return _AMBIENTES.get(plain(text(row, "ambiente")).replace("-", "").replace(" ", ""))


def _of_days(row: Value) -> list[Window]:
    environment, days = _environment(row), row.get("dias") if isinstance(row, dict) else None
    days = next(iter(days.values()), None) if isinstance(days, dict) else days
    if environment is None:
        return []
    found = []
    for day in days if isinstance(days, list) else [days]:
        with suppress(ValueError, OverflowError):
            start, end = (_moment(day, text(row, name)) for name in ("horainicio", "horafin"))
            found.append(Window(environment, start, end if end > start else end + timedelta(days=1)))
    return found


def _moment(day: Value, hour: str) -> datetime:
    local = datetime.strptime(f"{day} {hour}", "%d-%m-%Y %I:%M %p")  # noqa: DTZ007 - the zone follows
    return local.replace(tzinfo=SANTO_DOMINGO).astimezone(UTC)
