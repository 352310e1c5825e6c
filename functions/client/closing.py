"""What becomes of a sealed company's keys: they sign nothing from now on, and are then destroyed for good (security TEN-09).

The fact of the seal revokes and leaves a work row in one transaction; the row destroys, as often as it takes. Whoever dies on the
way leaves it to the next claim. Records stay: what is lost is the power to sign and to read what the key had sealed.
"""

from functions.client import store
from functions.client.gateway import Vault
from shared.db.engine import Transaction
from shared.events.certificates import CertificateRevoked, KeysDestroyed
from shared.events.companies import CompanySealed
from shared.events.envelope import Envelope
from shared.flow.work import Job
from shared.http.shell import Shell

EXPIRY = "expiry"
"""The kind of the alerts before a certificate ends."""
DESTROY = store.CLOSING
_BECAUSE = "Empresa sellada"


def on_sealed(shell: Shell[Vault], tx: Transaction, event: CompanySealed, envelope: Envelope) -> None:
    store.lock_signers(tx)
    for row in store.revoke_all(tx, by=event.by, reason=_BECAUSE):
        revoked = CertificateRevoked(certificate_id=row.id, revoked_at=row.revoked_at.isoformat(), reason=_BECAUSE, by=event.by)
        shell.announce(tx, revoked, subject=row.id, sequence=2)
        shell.work.settle(tx, EXPIRY, row.id)
    shell.work.add(tx, DESTROY, envelope.subject, {"by": event.by})


def destroy(shell: Shell[Vault], job: Job) -> None:
    """The keys are gone before it is said that they are."""
    with shell.transaction(job.tenant) as tx:
        names = store.secret_names(tx)
    erased_at = shell.outside.destroy(names, tenant=job.tenant)
    with shell.transaction(job.tenant) as tx:
        told = KeysDestroyed(key_erased_at=erased_at and erased_at.isoformat(), by=job.payload["by"])
        shell.announce(tx, told, subject=job.key)
        shell.work.finish(tx, job)
