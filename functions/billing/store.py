"""billing's invoices, their numbers and their idempotency, and the SQL of an emission."""

from datetime import timedelta
from typing import Any

from functions.billing.domain import TRANSITIONS, Attempt, Certificate, Company, Estado, Invoice, Step
from shared.db.engine import Record, Transaction

_INVOICE = """id::text AS id, version, environment, rnc_emisor, tipo_ecf, encf, intento, estado, rnc_comprador,
  razon_social_comprador, fecha_emision, fecha_hora_firma, monto_total, certificate_id::text AS certificate_id,
  codigo_seguridad, qr_url, track_id, avisos, mensajes, ncf_modificado, schema_version, schema_sha256, modalidad, regimen,
  remitir_hasta, created_at"""
_SITUATION = """
SELECT c.environment, c.rnc, c.emisor, c.estado, k.certificate_id::text AS certificate_id, k.not_before, k.not_after, k.active_from,
  i.request_hash, i.invoice_id::text AS invoice_id, i.state, c.envio_diferido,
  CAST(ceil(EXTRACT(epoch FROM i.lease_until - clock_timestamp())) AS int) AS lease_left,
  EXISTS (SELECT FROM billing.reconciliations r WHERE r.tenant_id = :tenant AND r.ended_at IS NULL) AS only_reads
FROM (SELECT) AS nothing
LEFT JOIN billing.companies c ON c.tenant_id = :tenant
LEFT JOIN billing.certificates k ON k.tenant_id = :tenant AND k.revoked_at IS NULL
LEFT JOIN billing.idempotency i ON i.tenant_id = :tenant AND i.key = :key
ORDER BY k.active_from DESC, k.seen_at DESC
"""
_INSERT = (
    """
WITH made AS (
  INSERT INTO billing.invoices (tenant_id, id, environment, rnc_emisor, tipo_ecf, secuencia, intento, encf, sequence_id, estado,
    rnc_comprador, razon_social_comprador, fecha_emision, fecha_hora_firma, monto_total, certificate_id, unsigned_xml, avisos,
    created_by, ncf_modificado, codigo_modificacion, schema_version, schema_sha256, sucursal, modalidad, remitir_hasta, remind_at)
  VALUES (:tenant, CAST(:id AS uuid), :environment, :rnc_emisor, :tipo_ecf, :secuencia, :intento, :encf,
    CAST(:sequence_id AS uuid), 'numerado', :rnc_comprador, :razon_social_comprador, :fecha_emision, :fecha_hora_firma,
    :monto_total, CAST(:certificate_id AS uuid), :unsigned_xml, CAST(:avisos AS jsonb), :created_by,
    :ncf_modificado, :codigo_modificacion, :schema_version, :schema_sha256, :sucursal, :modalidad, :remitir_hasta, :remind_at)
  RETURNING *
), noted AS (
  INSERT INTO billing.trail (tenant_id, invoice_id, version, estado, step) SELECT tenant_id, id, version, estado, :step FROM made
)
SELECT """
    + _INVOICE
    + " FROM made"
)
_MOVE = (
    """
WITH moved AS (
  UPDATE billing.invoices SET estado = :target, version = version + 1, signed_xml = COALESCE(:signed_xml, signed_xml),
    rfce_xml = COALESCE(:rfce_xml, rfce_xml), sha256 = COALESCE(:sha256, sha256),
    codigo_seguridad = COALESCE(:codigo_seguridad, codigo_seguridad), qr_url = COALESCE(:qr_url, qr_url),
    track_id = COALESCE(:track_id, track_id), mensajes = COALESCE(CAST(:mensajes AS jsonb), mensajes)
  WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND estado = ANY(CAST(:sources AS text[])) RETURNING *
), noted AS (
  INSERT INTO billing.trail (tenant_id, invoice_id, version, estado, step, detail)
  SELECT tenant_id, id, version, estado, :step, CAST(:detail AS jsonb) FROM moved
), keyed AS (
  UPDATE billing.idempotency SET state = CAST(:key_state AS text)
  WHERE CAST(:key_state AS text) IS NOT NULL AND tenant_id = :tenant AND invoice_id IN (SELECT id FROM moved)
)
SELECT """
    + _INVOICE
    + " FROM moved"
)
_NOTE = """
WITH noted AS (
  UPDATE billing.invoices SET version = version + 1 WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) RETURNING *
)
INSERT INTO billing.trail (tenant_id, invoice_id, version, estado, step, detail)
SELECT tenant_id, id, version, estado, :step, CAST(:detail AS jsonb) FROM noted
"""
_RETURN = """
INSERT INTO billing.returned_numbers (tenant_id, sequence_id, tipo_ecf, secuencia, intento, vencimiento, only_void)
SELECT i.tenant_id, i.sequence_id, i.tipo_ecf, i.secuencia, i.intento, s.vencimiento, :only_void FROM billing.invoices i
JOIN billing.sequences s ON s.tenant_id = i.tenant_id AND s.id = i.sequence_id
WHERE i.tenant_id = :tenant AND i.id = CAST(:id AS uuid) ON CONFLICT DO NOTHING
"""
_EXTEND = """
UPDATE billing.idempotency SET lease_until = clock_timestamp() + make_interval(secs => :lease)
WHERE tenant_id = :tenant AND key = :key AND state = 'open' AND lease_until < clock_timestamp() RETURNING 1
"""
_RELEASE = """
UPDATE billing.idempotency SET lease_until = clock_timestamp()
WHERE tenant_id = :tenant AND invoice_id = CAST(:id AS uuid) AND state = 'open'
"""
_ONE = f"SELECT {_INVOICE} FROM billing.invoices WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_UNSIGNED = "SELECT unsigned_xml FROM billing.invoices WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_BYTES = "SELECT signed_xml, rfce_xml, sha256 FROM billing.invoices WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_PAGE = f"""
SELECT {_INVOICE} FROM billing.invoices WHERE tenant_id = :tenant
  AND (CAST(:estado AS text) IS NULL OR estado = CAST(:estado AS text))
  AND (CAST(:encf AS text) IS NULL OR encf = CAST(:encf AS text))
  AND (CAST(:before AS uuid) IS NULL OR billing.invoices.id < CAST(:before AS uuid))
ORDER BY billing.invoices.id DESC LIMIT :limit
"""
_TRAIL = """
SELECT version, estado, step, detail, COALESCE(CAST(detail ->> 'observed_at' AS timestamptz), at) AS moment
FROM billing.trail WHERE tenant_id = :tenant AND invoice_id = CAST(:id AS uuid) ORDER BY moment, version
"""


def _invoice(row: Record) -> Invoice:
    fields = dict(row._mapping)
    return Invoice(**{**fields, "estado": Estado(fields["estado"])})


def situation(tx: Transaction, key: str) -> tuple[Company | None, list[Certificate], Attempt | None]:
    """Everything an emission must know before it may begin; certificates are those not revoked, the latest to begin first."""
    rows = tx.rows(_SITUATION, tenant=tx.tenant, key=key)
    first = rows[0]
    known = (first.environment, first.rnc, first.emisor, first.estado, first.only_reads, first.envio_diferido)
    company = Company(*known) if first.rnc else None
    certificates = [Certificate(r.certificate_id, r.not_before, r.not_after, r.active_from) for r in rows if r.certificate_id]
    attempt = Attempt(first.request_hash, first.invoice_id, first.state, first.lease_left) if first.invoice_id else None
    return company, certificates, attempt


def only_read(tx: Transaction) -> None:
    """From here on PostgreSQL refuses every write of this transaction."""
    tx.rows("SET TRANSACTION READ ONLY")


def insert(tx: Transaction, **fields: object) -> Invoice:
    """A numbered invoice with its unsigned bytes."""
    return _invoice(tx.rows(_INSERT, tenant=tx.tenant, step=Step.NUMBER.value, **fields)[0])


def move(
    tx: Transaction,
    invoice_id: str,
    step: Step,
    *,
    detail: dict[str, Any] | None = None,
    key_state: str | None = None,
    **changes: object,
) -> Invoice | None:
    """Take one step of the machine and write it into the trail; None when the invoice is not in a state the step moves."""
    sources, target = TRANSITIONS[step]
    columns = ("signed_xml", "rfce_xml", "sha256", "codigo_seguridad", "qr_url", "track_id", "mensajes")
    row = tx.row(
        _MOVE,
        tenant=tx.tenant,
        id=invoice_id,
        target=target.value,
        sources=sorted(source.value for source in sources),
        step=step.value,
        detail=detail or {},
        key_state=key_state,
        **{column: changes.get(column) for column in columns},
    )
    return _invoice(row) if row else None


def note(tx: Transaction, invoice_id: str, step: Step, detail: dict[str, Any]) -> None:
    """A line in the trail that moves nothing."""
    tx.rows(_NOTE, tenant=tx.tenant, id=invoice_id, step=step.value, detail=detail)


def return_number(tx: Transaction, invoice_id: str, *, only_void: bool = False) -> None:
    """The invoice's number may be issued again, before any fresh one; or only be voided."""
    tx.rows(_RETURN, tenant=tx.tenant, id=invoice_id, only_void=only_void)


def continue_attempt(tx: Transaction, key: str, lease: timedelta) -> bool:
    """Take over an Idempotency-Key whose lease has run out; False when somebody else was faster."""
    return bool(tx.rows(_EXTEND, tenant=tx.tenant, key=key, lease=lease.total_seconds()))


def release_attempt(tx: Transaction, invoice_id: str) -> None:
    """Nobody works on the attempt any more: a retry may continue it at once."""
    tx.rows(_RELEASE, tenant=tx.tenant, id=invoice_id)


def find(tx: Transaction, invoice_id: str) -> Invoice | None:
    row = tx.row(_ONE, tenant=tx.tenant, id=invoice_id)
    return _invoice(row) if row else None


def unsigned_xml(tx: Transaction, invoice_id: str) -> bytes:
    return bytes(tx.rows(_UNSIGNED, tenant=tx.tenant, id=invoice_id)[0].unsigned_xml)


def signed_bytes(tx: Transaction, invoice_id: str) -> Record:
    """`signed_xml`, `rfce_xml` and `sha256` as they travel; each is None before it exists."""
    return tx.rows(_BYTES, tenant=tx.tenant, id=invoice_id)[0]


def page(tx: Transaction, *, estado: str | None, encf: str | None, before: str | None, limit: int) -> list[Invoice]:
    """Invoices, newest first."""
    rows = tx.rows(_PAGE, tenant=tx.tenant, estado=estado, encf=encf, before=before, limit=limit)
    return [_invoice(row) for row in rows]


def trail(tx: Transaction, invoice_id: str) -> list[Record]:
    """Every step of one invoice by the moment it happened, whenever it was heard of."""
    return list(tx.rows(_TRAIL, tenant=tx.tenant, id=invoice_id))
