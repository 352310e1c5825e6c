"""Voidings (ANECF): the SQL of which numbers can be voided, of taking them out of circulation and of what became of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.billing.numbers import OPEN
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF

# In the order in which an emission locks: what came back, leases, ranges.
_LOCK_RETURNED = """
SELECT 1 FROM billing.returned_numbers
WHERE tenant_id = :tenant AND tipo_ecf = :tipo AND secuencia BETWEEN :desde AND :hasta AND taken_at IS NULL FOR UPDATE
"""
_LOCK_LEASES = """
SELECT 1 FROM billing.leases WHERE tenant_id = :tenant AND tipo_ecf = :tipo AND next <= hasta AND hasta >= :desde AND next <= :hasta
ORDER BY id FOR UPDATE
"""
_LOCK_RANGES = """
SELECT 1 FROM billing.sequences WHERE tenant_id = :tenant AND tipo_ecf = :tipo AND hasta >= :desde AND desde <= :hasta
ORDER BY id FOR UPDATE
"""
_ASKED = "int8multirange(int8range(CAST(:desde AS bigint), CAST(:hasta AS bigint), '[]'))"
_FREE = f"""
SELECT 'returned' AS origin, r.sequence_id::text AS sequence_id, CAST(NULL AS text) AS lease_id, r.secuencia AS desde,
  r.secuencia AS hasta, r.intento,
  EXISTS (SELECT FROM billing.leases l WHERE l.tenant_id = r.tenant_id AND l.sequence_id = r.sequence_id
    AND r.secuencia BETWEEN l.desde AND l.hasta AND {OPEN}) AS lent
FROM billing.returned_numbers r
WHERE r.tenant_id = :tenant AND r.tipo_ecf = :tipo AND r.secuencia BETWEEN :desde AND :hasta AND r.taken_at IS NULL
UNION ALL
SELECT 'tail', l.sequence_id::text, l.id::text, lower(f), upper(f) - 1, NULL, {OPEN} FROM billing.leases l,
  unnest(int8multirange(int8range(l.next, l.hasta, '[]')) * {_ASKED} - l.held) AS f
WHERE l.tenant_id = :tenant AND l.tipo_ecf = :tipo AND l.next <= l.hasta
UNION ALL
SELECT 'fresh', s.id::text, NULL, lower(f), upper(f) - 1, NULL, false FROM billing.sequences s,
  unnest(int8multirange(int8range(s.next, s.hasta, '[]')) * {_ASKED} - s.held) AS f
WHERE s.tenant_id = :tenant AND s.tipo_ecf = :tipo AND s.next <= s.hasta
ORDER BY desde
"""
_PIECE = "int8multirange(int8range(CAST(:desde AS bigint), CAST(:hasta AS bigint), '[]'))"
_HOLD = {
    "returned": """
UPDATE billing.returned_numbers SET taken_at = now()
WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) AND secuencia = :desde AND taken_at IS NULL
""",
    "tail": f"""
UPDATE billing.leases SET held = held + {_PIECE},
  next = COALESCE((SELECT upper(h) FROM unnest(held + {_PIECE}) AS h WHERE h @> next), next)
WHERE tenant_id = :tenant AND id = CAST(:lease AS uuid)
""",
    "fresh": f"""
UPDATE billing.sequences SET held = held + {_PIECE},
  next = COALESCE((SELECT upper(h) FROM unnest(held + {_PIECE}) AS h WHERE h @> next), next)
WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid)
""",
}
_ADD_PIECE = """
INSERT INTO billing.voided_numbers (tenant_id, voiding_id, sequence_id, tipo_ecf, desde, hasta, intento, estado)
VALUES (:tenant, CAST(:voiding AS uuid), CAST(:sequence AS uuid), :tipo, :desde, :hasta, :intento, :estado)
"""
_CUT_PIECE = """
UPDATE billing.voided_numbers SET hasta = :hasta, estado = :estado
WHERE tenant_id = :tenant AND voiding_id = CAST(:voiding AS uuid) AND sequence_id = CAST(:sequence AS uuid) AND desde = :desde
"""
_FREE_AGAIN = """
UPDATE billing.returned_numbers SET taken_at = NULL
WHERE tenant_id = :tenant AND sequence_id = CAST(:sequence AS uuid) AND secuencia = :desde AND intento = :intento
"""
_UNHOLD = f"""
UPDATE billing.sequences SET held = held - {_PIECE}
WHERE tenant_id = :tenant AND id = CAST(:sequence AS uuid) AND next <= :desde RETURNING 1
"""
# `next` has passed them, so they wait as the tail of a lease that nobody holds.
_LEAVE_AS_TAIL = """
INSERT INTO billing.leases (tenant_id, id, sequence_id, tipo_ecf, desde, hasta, next, until, returned_at, created_by)
SELECT :tenant, CAST(:voiding AS uuid), CAST(:sequence AS uuid), :tipo, :desde, :hasta, :desde, now(), now(), 'a-voiding'
"""
_COLUMNS = """id::text AS id, version, estado, environment, rnc_emisor, certificate_id::text AS certificate_id, sha256, mensajes,
  created_at, answered_at"""
_INSERT = f"""
INSERT INTO billing.voidings (tenant_id, id, estado, environment, rnc_emisor, certificate_id, unsigned_xml, created_by)
VALUES (:tenant, CAST(:id AS uuid), 'redactada', :environment, :rnc, CAST(:certificate AS uuid), :xml, :user) RETURNING {_COLUMNS}
"""
_ONE = f"SELECT {_COLUMNS} FROM billing.voidings WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_BYTES = "SELECT unsigned_xml, signed_xml FROM billing.voidings WHERE tenant_id = :tenant AND id = CAST(:id AS uuid)"
_PAGE = f"""
SELECT {_COLUMNS} FROM billing.voidings WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
"""
_PIECES = """
SELECT voiding_id::text AS voiding_id, sequence_id::text AS sequence_id, tipo_ecf, desde, hasta, intento, estado
FROM billing.voided_numbers WHERE tenant_id = :tenant AND voiding_id = ANY (CAST(:ids AS uuid[])) ORDER BY tipo_ecf, desde
"""
_MOVE = f"""
UPDATE billing.voidings SET estado = :target, version = version + 1, signed_xml = COALESCE(:xml, signed_xml),
  sha256 = COALESCE(CAST(:sha256 AS text), sha256), mensajes = CAST(:mensajes AS jsonb),
  answered_at = CASE WHEN :answered THEN now() END
WHERE tenant_id = :tenant AND id = CAST(:id AS uuid) AND estado = ANY (CAST(:sources AS text[])) RETURNING {_COLUMNS}
"""


@dataclass(frozen=True)
class Asked:
    """Numbers to void, from first to last."""

    tipo: TipoECF
    desde: int
    hasta: int

    def named(self, tenant: str) -> dict[str, object]:
        """As the statements here call them."""
        return {"tenant": tenant, "tipo": int(self.tipo), "desde": self.desde, "hasta": self.hasta}

    @property
    def ends(self) -> tuple[ENCF, ENCF]:
        return ENCF(self.tipo, self.desde), ENCF(self.tipo, self.hasta)


def lock(tx: Transaction, asked: Iterable[Asked]) -> None:
    """No number of these is issued, lent or given back until `tx` ends."""
    some = [one.named(tx.tenant) for one in sorted(asked, key=lambda one: (one.tipo, one.desde))]
    for one in some:
        tx.rows(_LOCK_RETURNED, **one)
    for one in some:
        tx.rows(_LOCK_LEASES, **one)
    for one in some:
        tx.rows(_LOCK_RANGES, **one)


def free(tx: Transaction, asked: Asked) -> list[Record]:
    """Those of the numbers that have no document, piece by piece and in order; `lent` ones are a holder's."""
    return list(tx.rows(_FREE, **asked.named(tx.tenant)))


def hold(tx: Transaction, voiding_id: str, tipo: TipoECF, piece: Record) -> None:
    """Take a free piece out of circulation for the voiding."""
    ends = {"tenant": tx.tenant, "desde": piece.desde, "hasta": piece.hasta, "sequence": piece.sequence_id}
    origin = {"lease": piece.lease_id} if piece.origin == "tail" else {}
    tx.rows(_HOLD[piece.origin], **ends, **origin)
    tx.rows(_ADD_PIECE, **ends, voiding=voiding_id, tipo=int(tipo), intento=piece.intento, estado="en_anulacion")


def settle(tx: Transaction, piece: Record, parts: Sequence[tuple[int, int, str]]) -> None:
    """What became of a piece, in parts from first to last: anulado, no_anulado or libre."""
    same = {"tenant": tx.tenant, "voiding": piece.voiding_id, "sequence": piece.sequence_id}
    for desde, hasta, estado in parts:
        if desde == piece.desde:
            tx.rows(_CUT_PIECE, **same, desde=desde, hasta=hasta, estado=estado)
        else:
            tx.rows(_ADD_PIECE, **same, tipo=piece.tipo_ecf, intento=piece.intento, desde=desde, hasta=hasta, estado=estado)
        if estado == "libre":
            _release(tx, piece, desde, hasta)


def _release(tx: Transaction, piece: Record, desde: int, hasta: int) -> None:
    where = {"tenant": tx.tenant, "sequence": piece.sequence_id, "desde": desde}
    if piece.intento is not None:
        tx.rows(_FREE_AGAIN, **where, intento=piece.intento)
    elif not tx.rows(_UNHOLD, **where, hasta=hasta):
        tx.rows(_LEAVE_AS_TAIL, **where, hasta=hasta, tipo=piece.tipo_ecf, voiding=uuid7())


def insert(tx: Transaction, voiding_id: str, *, environment: str, rnc: str, certificate: str, xml: bytes, user: str) -> Record:
    """A drafted voiding with its unsigned bytes."""
    return tx.rows(
        _INSERT, tenant=tx.tenant, id=voiding_id, environment=environment, rnc=rnc, certificate=certificate, xml=xml, user=user
    )[0]


def move(
    tx: Transaction,
    voiding_id: str,
    target: str,
    *,
    sources: Sequence[str],
    xml: bytes | None = None,
    sha256: str | None = None,
    mensajes: Sequence[str] = (),
) -> Record | None:
    """The voiding in its next state; None when it is in none of `sources`."""
    return tx.row(
        _MOVE,
        tenant=tx.tenant,
        id=voiding_id,
        target=target,
        sources=list(sources),
        xml=xml,
        sha256=sha256,
        mensajes=json.dumps(list(mensajes), ensure_ascii=False),
        answered=target not in ("redactada", "firmada"),
    )


def find(tx: Transaction, voiding_id: str) -> Record | None:
    return tx.row(_ONE, tenant=tx.tenant, id=voiding_id)


def stored_bytes(tx: Transaction, voiding_id: str) -> Record | None:
    """`unsigned_xml` and `signed_xml`."""
    return tx.row(_BYTES, tenant=tx.tenant, id=voiding_id)


def pieces(tx: Transaction, ids: Sequence[str]) -> list[Record]:
    """What the voidings hold, by type and number."""
    return list(tx.rows(_PIECES, tenant=tx.tenant, ids=list(ids)))


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Record]:
    """Voidings, newest first."""
    return list(tx.rows(_PAGE, tenant=tx.tenant, before=before, limit=limit))
