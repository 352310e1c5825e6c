"""Every fact the platform announces: one class, one type string, one payload that carries state and not a delta.

Emitters and consumers import the class; nobody types the string. An emitter may not add fields, a consumer ignores those
it does not know; an added optional field stays vN, a breaking change is vN+1. `tests/contracts/test_catalogue.py` holds
this page against `eventing/triggers/` and the functions; `task events` prints it.

Money is text with two decimals, dates are ISO 8601, XML is gzip in base64. The tenant is an attribute of the envelope.
"""

from shared.events.access import AccessRefused
from shared.events.authority import Evidence, OutageEnded, OutageStarted, SubmissionAlarmed, SubmissionExplained
from shared.events.certificates import (
    CertificateExpiring,
    CertificateRefused,
    CertificateRevoked,
    KeysDestroyed,
    SignerAuthorised,
    SignerWithdrawn,
)
from shared.events.companies import CompanyChanged, CompanyResumed, CompanySealed, CompanySuspended
from shared.events.contingency import ContingencyDeclared, ContingencyDue, ContingencyFinished
from shared.events.event import PREFIX, Event
from shared.events.people import (
    FactorChanged,
    GrantChanged,
    KeyChanged,
    LoginAttacked,
    LoginRefused,
    PasswordChanged,
    PasswordResetAsked,
    PersonInvited,
    PersonLoggedIn,
    RoleChanged,
    SessionEnded,
    SupportEnded,
    SupportStarted,
)
from shared.events.remission import EcfHeld, EcfRemissionDue
from shared.events.sequences import (
    NumbersSurveyed,
    ReconciliationBegan,
    ReconciliationEnded,
    SequenceForeignUse,
    SequenceRefused,
    SequenceResumed,
    SequenceRunningLow,
    SequenceStopped,
)
from shared.events.voidings import VoidingAnswered, VoidingSigned
from shared.events.withdrawal import WithdrawalAnswered, WithdrawalAsked


class CompanyCreated(Event):
    """A company may be served in one DGII environment; its id is the tenant. Source of every function's read copy."""

    type = f"{PREFIX}.company.created.v1"
    emitter = "admin"
    rnc: str
    environment: str
    razon_social: str
    nombre_comercial: str | None
    direccion: str
    municipio: str | None
    provincia: str | None
    telefono: str | None
    correo: str | None
    plan: str
    owner_email: str
    owner_name: str


class CertificateRegistered(Event):
    """A signing certificate was checked and stored as a secret; the private key itself never travels.

    `active_from` is its cut-over; without one it signs from the moment it is heard of.
    """

    type = f"{PREFIX}.certificate.registered.v1"
    emitter = "client"
    certificate_id: str
    holder_name: str
    holder_id: str
    serial_number: str
    not_before: str
    not_after: str
    certificate_pem: str
    secret_name: str
    active_from: str | None = None


class SequenceRegistered(Event):
    """A range of e-NCF that DGII authorised was registered."""

    type = f"{PREFIX}.sequence.registered.v1"
    emitter = "billing"
    sequence_id: str
    tipo_ecf: int
    desde: int
    hasta: int
    vencimiento: str | None


class EcfSigned(Event):
    """The document has its final bytes. `rfce` is set for a consumo below 250,000, which travels as its summary.

    `modalidad` (contingencia, `regimen` 1 or 3; envio_diferido) and `remitir_hasta` are of a document that is sent later.
    """

    type = f"{PREFIX}.ecf.signed.v1"
    emitter = "billing"
    invoice_id: str
    environment: str
    rnc_emisor: str
    rnc_comprador: str | None
    tipo_ecf: int
    encf: str
    intento: int
    monto_total: str
    fecha_emision: str
    fecha_hora_firma: str
    codigo_seguridad: str
    certificate_id: str
    sha256: str
    ecf: str
    rfce: str | None
    modalidad: str | None = None
    regimen: int | None = None
    remitir_hasta: str | None = None


class EcfOutcome(Event):
    """What is common to everything DGII says about one document; `evidence` is what proves it."""

    invoice_id: str
    encf: str
    intento: int
    tipo_ecf: int
    monto_total: str
    track_id: str | None
    mensajes: list[dict[str, str]]
    secuencia_utilizada: bool | None
    observed_at: str
    evidence: Evidence | None = None


class EcfSubmitted(EcfOutcome):
    """DGII took the document and gave a trackId: a receipt, not a verdict."""

    type = f"{PREFIX}.ecf.submitted.v1"
    emitter = "dgii"


class EcfAccepted(EcfOutcome):
    """DGII accepted the document."""

    type = f"{PREFIX}.ecf.accepted.v1"
    emitter = "dgii"


class EcfAcceptedConditionally(EcfOutcome):
    """DGII accepted the document with remarks: valid, to be corrected in future ones."""

    type = f"{PREFIX}.ecf.accepted-conditionally.v1"
    emitter = "dgii"


class EcfRejected(EcfOutcome):
    """DGII rejected the document; `secuencia_utilizada` says whether its number is spent."""

    type = f"{PREFIX}.ecf.rejected.v1"
    emitter = "dgii"


class EcfOutcomeUnknown(EcfOutcome):
    """An answer was lost; the document is neither known nor unknown to DGII until it is asked again."""

    type = f"{PREFIX}.ecf.outcome-unknown.v1"
    emitter = "dgii"


class ChargeRecorded(Event):
    """The fee of one accepted document was charged to the tenant's subscription."""

    type = f"{PREFIX}.charge.recorded.v1"
    emitter = "plans"
    unheard = "statements read the charges themselves; audit seals the fact"
    charge_id: str
    invoice_id: str
    encf: str
    plan: str
    base: str
    fee: str


class WorkDue(Event):
    """Some jobs of the function named by `subject` are due. A wake-up, not a fact: it has no outbox row."""

    type = f"{PREFIX}.work.due.v1"
    emitter = "relay"
    count: int


ALL: dict[str, type[Event]] = {
    event.type: event
    for event in (
        CompanyCreated,
        CompanyChanged,
        CompanySuspended,
        CompanyResumed,
        CompanySealed,
        CertificateRegistered,
        CertificateRefused,
        CertificateRevoked,
        CertificateExpiring,
        SignerAuthorised,
        SignerWithdrawn,
        KeysDestroyed,
        SequenceRegistered,
        SequenceForeignUse,
        SequenceRefused,
        SequenceStopped,
        SequenceResumed,
        SequenceRunningLow,
        ReconciliationBegan,
        NumbersSurveyed,
        ReconciliationEnded,
        VoidingSigned,
        VoidingAnswered,
        WithdrawalAsked,
        WithdrawalAnswered,
        ContingencyDeclared,
        ContingencyFinished,
        ContingencyDue,
        PersonLoggedIn,
        LoginAttacked,
        LoginRefused,
        SessionEnded,
        FactorChanged,
        PasswordChanged,
        PersonInvited,
        PasswordResetAsked,
        GrantChanged,
        RoleChanged,
        KeyChanged,
        SupportStarted,
        SupportEnded,
        AccessRefused,
        EcfSigned,
        EcfHeld,
        EcfRemissionDue,
        EcfSubmitted,
        EcfAccepted,
        EcfAcceptedConditionally,
        EcfRejected,
        EcfOutcomeUnknown,
        SubmissionAlarmed,
        SubmissionExplained,
        OutageStarted,
        OutageEnded,
        ChargeRecorded,
        WorkDue,
    )
}
