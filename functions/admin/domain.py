"""What a company is, when it is ready, and what may become of it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.ecf.rnc import plausible
from shared.errors import Conflict, FieldError, InvalidInput
from shared.identity.standing import Estado

CONSUMERS = ("auth", "billing", "dgii", "plans", "sign")
"""Who must know a company before it can emit; held against the triggers of company.created by a contract test."""
PRODUCTION = "ecf"


class CompanyExists(Conflict):
    slug = "company-exists"


class ChangeRefused(Conflict):
    """The company's state does not allow it; `reason` is Spanish and says what to do."""

    slug = "company-change-refused"


class Act(StrEnum):
    SUSPEND = "suspend"
    RESUME = "resume"
    SEAL = "seal"


# The whole machine. Sealing comes after a suspension, so that what has a number is signed and DGII has answered before it.
TRANSITIONS: dict[Act, tuple[Estado, Estado]] = {
    Act.SUSPEND: (Estado.ACTIVA, Estado.SUSPENDIDA),  # company.suspended
    Act.RESUME: (Estado.SUSPENDIDA, Estado.ACTIVA),  # company.resumed
    Act.SEAL: (Estado.SUSPENDIDA, Estado.SELLADA),  # company.sealed
}
_SEALED = (
    "La empresa está sellada, y eso es definitivo. Si el contribuyente vuelve, regístrelo como empresa nueva: recibirá otro "
    "identificador, y los comprobantes de esta se conservan."
)
_NOT_YET = (
    "Suspenda la empresa primero: así se firma y se envía lo que ya tiene número. Cuando la DGII haya respondido por todo, séllela."
)


@dataclass(frozen=True)
class Company:
    """`since`, `reason` and `by` tell of the last change of `estado`; all empty while there was none.

    `envio_diferido`: since when DGII lets it send later; None: it does not.
    """

    id: str
    rnc: str
    environment: str
    razon_social: str
    nombre_comercial: str | None
    direccion: str
    municipio: str | None
    provincia: str | None
    telefono: str | None
    correo: str | None
    envio_diferido: date | None
    estado: Estado
    reason: str | None
    by: str | None
    since: datetime | None
    linked_to: str | None
    created_at: datetime


def waiting_for(seen: frozenset[str]) -> tuple[str, ...]:
    """The consumers that have not taken the company's creation yet."""
    return tuple(name for name in CONSUMERS if name not in seen)


def after(estado: Estado, act: Act) -> Estado | None:
    """The state after `act`, None when the company is there already; ChangeRefused when there is no way from here."""
    source, target = TRANSITIONS[act]
    if estado == target:
        return None
    if estado != source:
        raise ChangeRefused(reason=_SEALED if estado == Estado.SELLADA else _NOT_YET, estado=estado.value)
    return target


def must_be_open(estado: Estado) -> None:
    """ChangeRefused for a sealed company: its facts stay as they were."""
    if estado == Estado.SELLADA:
        raise ChangeRefused(reason=_SEALED, estado=estado.value)


def rnc_warnings(rnc: str, *, confirmed: bool) -> list[FieldError]:
    """A warning for a check digit that fails, which real old numbers do; InvalidInput until somebody has confirmed it."""
    if plausible(rnc):
        return []
    doubt = f"El dígito verificador de {'este RNC' if len(rnc) == 9 else 'esta cédula'} no corresponde."
    if not confirmed:
        todo = " Corríjalo; si la DGII lo tiene así, envíe confirm_rnc: true."
        raise InvalidInput(FieldError("/rnc", "rnc-check-digit", doubt + todo))
    return [FieldError("/rnc", "rnc-check-digit", doubt + " Se registró porque usted lo confirmó.")]


def check_link(environment: str, rnc: str, other: Company | None) -> None:
    """A production company may name its own test company (architecture §6); InvalidInput for anything else."""
    reason = None
    if environment != PRODUCTION:
        reason = "Solo una empresa del ambiente ecf se enlaza con la de pruebas. Quite el campo."
    elif other is None:
        reason = "No existe esa empresa. Use el identificador de la empresa de pruebas."
    elif other.environment == PRODUCTION or other.rnc != rnc:
        reason = "La empresa de pruebas debe tener el mismo RNC y estar en testecf o certecf."
    elif other.estado == Estado.SELLADA:
        reason = "La empresa de pruebas está sellada. Enlace una activa, o quite el campo."
    if reason:
        raise InvalidInput(FieldError("/linked_to", "link", reason))
