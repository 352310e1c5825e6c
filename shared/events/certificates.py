"""client's facts beside a registration: what became of a certificate, and who may sign for the company."""

from shared.events.event import PREFIX, Event

_SEALED = "audit seals the outbox; nobody acts on it"


class CertificateRefused(Event):
    """An upload was refused; the subject is the upload, `code` the reason that the door gave."""

    type = f"{PREFIX}.certificate.refused.v1"
    emitter = "client"
    unheard = _SEALED
    code: str
    by: str


class CertificateRevoked(Event):
    """A certificate signs nothing any more; the subject is the certificate, `by` who withdrew it."""

    type = f"{PREFIX}.certificate.revoked.v1"
    emitter = "client"
    certificate_id: str
    revoked_at: str
    reason: str
    by: str


class CertificateExpiring(Event):
    """A certificate that is not revoked ends in `days_left` days or sooner: 30, 15, 7 or 1. `replaced`: another outlives it."""

    type = f"{PREFIX}.certificate.expiring.v1"
    emitter = "client"
    certificate_id: str
    holder_name: str
    days_left: int
    not_after: str
    replaced: bool


class SignerAuthorised(Event):
    """A person may sign for the company. The subject is the signer's id, never the cédula."""

    type = f"{PREFIX}.signer.authorised.v1"
    emitter = "client"
    cedula: str
    by: str


class SignerWithdrawn(Event):
    """A person may sign for the company no longer."""

    type = f"{PREFIX}.signer.withdrawn.v1"
    emitter = "client"
    cedula: str
    by: str


class KeysDestroyed(Event):
    """A sealed company's signing keys are deleted and the KMS key that sealed its secrets is disabled; the subject is the company.

    `key_erased_at` is when KMS erases that key; it is absent for a company that never had one.
    """

    type = f"{PREFIX}.keys.destroyed.v1"
    emitter = "client"
    unheard = _SEALED
    key_erased_at: str | None
    by: str
