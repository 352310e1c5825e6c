"""The calls that prepare the stand-in itself: who may sign for whom, ranges, directory, behaviours, and what arrived."""

from datetime import UTC, date, datetime, timedelta

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from functions.sandbox import plays, store, windows
from functions.sandbox.behaviours import CATALOGUE, EVERYTHING, Behaviour, fault_of
from functions.sandbox.domain import Range
from functions.sandbox.wire import DgiiRefused
from shared.db.seal import PLATFORM
from shared.ecf.types import Environment, TipoECF
from shared.http.routes import Public, Route, shell_in


class _Prepared(BaseModel):
    model_config = ConfigDict(extra="forbid")
    environment: Environment
    rnc: str = Field(pattern="^([0-9]{9}|[0-9]{11})$")


class Delegation(_Prepared):
    cedula: str


class NumberRange(_Prepared):
    tipo_ecf: TipoECF
    desde: int = Field(ge=1)
    hasta: int = Field(ge=1, le=9_999_999_999)
    vencimiento: date | None = None


class DirectoryEntry(_Prepared):
    nombre: str
    url_recepcion: str
    url_aceptacion: str
    url_opcional: str = ""


class BehaviourIn(BaseModel):
    """`rnc` may be `*`. Without `times` and `seconds` it holds for ever; without a service it is the usual one of its name."""

    model_config = ConfigDict(extra="forbid")
    environment: Environment
    rnc: str = Field(pattern=r"^([0-9]{9}|[0-9]{11}|\*)$", default=EVERYTHING)
    name: str
    service: str | None = None
    value: str | None = None
    times: PositiveInt | None = None
    seconds: PositiveInt | None = None
    probability: float = Field(gt=0, le=1, default=1)
    seed: int = Field(ge=0, lt=1 << 62, default=0)


class BehaviourOut(BehaviourIn):
    """`calls` it met, and in how many of them it played."""

    calls: int
    plays: int


class Reset(BaseModel):
    """Of the whole environment, or of one issuer."""

    model_config = ConfigDict(extra="forbid")
    environment: Environment
    rnc: str | None = None


def add_delegation(request: Request, body: Delegation) -> None:
    with shell_in(request).database.transaction(PLATFORM) as tx:
        store.delegate(tx, body.environment, body.cedula, body.rnc)


def add_range(request: Request, body: NumberRange) -> None:
    with shell_in(request).database.transaction(PLATFORM) as tx:
        numbers = Range(body.desde, body.hasta, body.vencimiento)
        store.add_range(tx, body.environment, body.rnc, int(body.tipo_ecf), numbers)


def add_directory_entry(request: Request, body: DirectoryEntry) -> None:
    urls = (body.url_recepcion, body.url_aceptacion, body.url_opcional)
    with shell_in(request).database.transaction(PLATFORM) as tx:
        store.enlist(tx, body.environment, body.rnc, body.nombre, urls)


def add_behaviour(request: Request, body: BehaviourIn) -> None:
    """422 with the reason when there is no such behaviour, service, shape or window."""
    kind = CATALOGUE.get(body.name)
    service = body.service or (kind.usual if kind else EVERYTHING)
    value = body.value if body.value is not None else (kind.value if kind else "")
    reason = fault_of(body.name, service, value) or (windows.fault_of(value) if body.name == "maintenance" else None)
    if reason:
        raise DgiiRefused(422, {"mensaje": reason})
    now = datetime.now(UTC)
    until = now + timedelta(seconds=body.seconds) if body.seconds else None
    behaviour = Behaviour(
        body.rnc, service, body.name, value, body.times, until, body.probability, body.seed, calls=0, plays=0, set_at=now
    )
    with shell_in(request).database.transaction(PLATFORM) as tx:
        plays.put(tx, body.environment, behaviour)


def list_behaviours(request: Request, environment: Environment) -> list[BehaviourOut]:
    now = datetime.now(UTC)
    with shell_in(request).database.transaction(PLATFORM) as tx:
        found = plays.live(tx, environment, now)
    return [
        BehaviourOut(
            environment=environment,
            rnc=b.rnc,
            name=b.name,
            service=b.service,
            value=b.value,
            times=b.times,
            seconds=max(1, int((b.until - now).total_seconds())) if b.until else None,
            probability=b.probability,
            seed=b.seed,
            calls=b.calls,
            plays=b.plays,
        )
        for b in found
    ]


def reset_behaviours(request: Request, body: Reset) -> None:
    with shell_in(request).database.transaction(PLATFORM) as tx:
        plays.reset(tx, body.environment, body.rnc)


def catalogue() -> dict[str, dict[str, str]]:
    """Every behaviour with what it does, its usual service and an example of its value."""
    return {name: {"meaning": k.meaning, "service": k.usual, "value": k.value} for name, k in CATALOGUE.items()}


def documents(request: Request, environment: Environment, rnc: str) -> list[dict[str, object]]:
    """All an issuer sent, in order: for tests that count what arrived."""
    with shell_in(request).database.transaction(PLATFORM) as tx:
        found = store.of_issuer(tx, environment, rnc)
    return [
        {
            "track_id": s.track_id,
            "channel": s.channel,
            "encf": s.encf,
            "estado": int(s.verdict.estado),
            "mensajes": [{"codigo": m.codigo, "valor": m.valor} for m in s.verdict.mensajes],
            "secuencia_utilizada": s.verdict.secuencia_utilizada,
            "codigo_seguridad": s.codigo_seguridad,
            "sha256": s.sha256,
            "received_at": s.received_at.isoformat(),
        }
        for s in found
    ]


_PREPARE = Public("a test stand-in, never in production: whoever reaches it, or has its key where one is set, may prepare it")

ROUTES = [
    Route("POST", "/sandbox/delegations", add_delegation, _PREPARE, status=204),
    Route("POST", "/sandbox/ranges", add_range, _PREPARE, status=204),
    Route("POST", "/sandbox/directory", add_directory_entry, _PREPARE, status=204),
    Route("GET", "/sandbox/behaviours/catalogue", catalogue, _PREPARE),
    Route("GET", "/sandbox/behaviours", list_behaviours, _PREPARE),
    Route("POST", "/sandbox/behaviours", add_behaviour, _PREPARE, status=204),
    Route("POST", "/sandbox/behaviours/reset", reset_behaviours, _PREPARE, status=204),
    Route("GET", "/sandbox/documents", documents, _PREPARE),
]
