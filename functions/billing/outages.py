"""What keeps documents from going to DGII at once, which they are, and until when they must be there: the SQL of it."""

from dataclasses import dataclass
from datetime import datetime

from functions.billing.domain import Estado, Step
from functions.billing.remission import DECLARED, Phase, Terms, regime_of
from shared.db.engine import Record, Transaction
from shared.events.authority import OutageEnded, OutageStarted

# Beginning and end of an outage arrive in any order.
_REMEMBER = """
INSERT INTO billing.outages (id, environment, cause, started_at, ended_at)
VALUES (CAST(:id AS uuid), :environment, :cause, CAST(:started_at AS timestamptz), CAST(:ended_at AS timestamptz))
ON CONFLICT (id) DO UPDATE SET ended_at = COALESCE(billing.outages.ended_at, excluded.ended_at)
"""
_OF_DGII = "SELECT o.cause, o.started_at FROM billing.outages o WHERE o.ended_at IS NULL AND o.environment = "
_OVER = f"""
SELECT '{DECLARED}' AS cause, c.started_at FROM billing.contingencies c
JOIN billing.invoices i ON i.tenant_id = c.tenant_id AND i.id = CAST(:invoice AS uuid)
WHERE c.tenant_id = :tenant AND c.ended_at IS NULL AND c.tipo = 'sin_conexion' AND (c.sucursal IS NULL OR c.sucursal = i.sucursal)
UNION ALL {_OF_DGII} :environment
"""
_OUTAGE = f"{_OF_DGII} (SELECT environment FROM billing.companies WHERE tenant_id = :tenant) ORDER BY o.started_at LIMIT 1"
_TO_REMIT = f"remitir_hasta IS NOT NULL AND estado IN ('{Estado.FIRMADO}', '{Estado.EN_CONTINGENCIA}')"
_HELD = f"SELECT count(*) AS held, min(remitir_hasta) AS nearest FROM billing.invoices WHERE tenant_id = :tenant AND {_TO_REMIT}"
# A note that waits for its original was shown to nobody: it is not held before it is announced.
_UNSENT = f"""
SELECT i.id::text AS id FROM billing.invoices i
WHERE i.tenant_id = :tenant AND i.estado = '{Estado.FIRMADO}' AND i.modalidad = 'normal' AND i.created_at > :since
  AND (CAST(:after AS uuid) IS NULL OR i.id > CAST(:after AS uuid)) AND NOT EXISTS (
    SELECT FROM flow.work w WHERE w.tenant_id = :tenant AND w.function = 'billing' AND w.kind = :waiting AND w.key = i.id::text
      AND w.state = 'pending')
ORDER BY i.id LIMIT :limit
"""
_BIND = f"""
UPDATE billing.invoices SET modalidad = :modalidad, regimen = :regimen, remitir_hasta = :remitir_hasta, remind_at = :remind_at
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND estado = '{Estado.FIRMADO}' AND modalidad = 'normal' RETURNING 1
"""
_REMIND = f"""
WITH told AS (
  UPDATE billing.invoices SET reminded = :phase, version = version + 1
  WHERE tenant_id = :tenant AND {_TO_REMIT} AND CASE CAST(:phase AS text)
    WHEN '{Phase.PASSED}' THEN reminded IS DISTINCT FROM '{Phase.PASSED}' AND remitir_hasta <= :until
    ELSE reminded IS NULL AND remind_at <= :until END
  RETURNING *
), noted AS (
  INSERT INTO billing.trail (tenant_id, invoice_id, version, estado, step, detail)
  SELECT tenant_id, id, version, estado, :step, jsonb_build_object('remitir_hasta', remitir_hasta) FROM told
)
SELECT encf, remitir_hasta FROM told ORDER BY remitir_hasta, encf
"""
_STEPS = {Phase.NEAR: Step.REMISSION_NEAR, Phase.PASSED: Step.REMISSION_OVERDUE}


@dataclass(frozen=True)
class Standing:
    """What stands between a document and DGII since when; `cause` as DGII's outages have it, or `declared`."""

    cause: str
    started_at: datetime

    @property
    def regimen(self) -> int:
        return regime_of(self.cause)


def remember(tx: Transaction, outage_id: str, event: OutageStarted | OutageEnded) -> None:
    """A fact of the platform: its beginning, its end, or both."""
    tx.rows(
        _REMEMBER,
        id=outage_id,
        environment=event.environment,
        cause=event.cause,
        started_at=event.started_at,
        ended_at=event.ended_at if isinstance(event, OutageEnded) else None,
    )


def over(tx: Transaction, invoice_id: str, environment: str) -> Standing | None:
    """What an invoice that is signed now falls under: of several the one with the shorter clock."""
    rows = tx.rows(_OVER, tenant=tx.tenant, invoice=invoice_id, environment=environment)
    return min((Standing(*row) for row in rows), key=lambda standing: standing.regimen, default=None)


def of_company(tx: Transaction) -> Standing | None:
    """DGII's outage in the environment of the company."""
    row = tx.row(_OUTAGE, tenant=tx.tenant)
    return Standing(*row) if row else None


def held(tx: Transaction) -> Record:
    """How many documents of the company have a deadline and are not at DGII (`held`), and the `nearest` one."""
    return tx.rows(_HELD, tenant=tx.tenant)[0]


def companies_waiting(tx: Transaction, environment: str, since: datetime) -> list[str]:
    """The companies with documents signed since then that DGII has not got; in the platform's context."""
    rows = tx.rows("SELECT * FROM billing.waiting_in(:environment, :since) AS tenant", environment=environment, since=since)
    return [row.tenant for row in rows]


def unsent(tx: Transaction, *, since: datetime, waiting: str, after: str | None, limit: int) -> list[str]:
    """Documents made since then, signed and without a deadline, in order; not those with a job of the kind `waiting`."""
    rows = tx.rows(_UNSENT, tenant=tx.tenant, since=since, waiting=waiting, after=after, limit=limit)
    return [row.id for row in rows]


def bind(tx: Transaction, invoice_id: str, terms: Terms) -> bool:
    """The terms of a document that is signed and has none; False when it has gone further."""
    return bool(tx.rows(_BIND, tenant=tx.tenant, id=invoice_id, **vars(terms)))


def remind(tx: Transaction, phase: Phase, until: datetime) -> list[Record]:
    """Documents whose notice (or deadline) is not after `until`, and which were not told of yet: marked, noted in their trails."""
    return list(tx.rows(_REMIND, tenant=tx.tenant, phase=phase.value, step=_STEPS[phase].value, until=until))
