"""DGII's outages, one open at most an environment, and what its status service last said: platform tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.db.engine import Transaction
from shared.db.ids import uuid7
from shared.dgii.services import ServiceState, Window

UNANSWERED, MAINTENANCE, STATUS = "unanswered", "maintenance", "status"
STALE = timedelta(minutes=15)
"""What the status service said so long ago, an answer of DGII itself outweighs."""


@dataclass(frozen=True)
class Outage:
    id: str
    environment: str
    cause: str
    started_at: datetime
    ended_at: datetime | None = None


_START = """
INSERT INTO dgii.outages (id, environment, cause, started_at, confirmed_at)
VALUES (CAST(:id AS uuid), :environment, :cause, :now, :now)
ON CONFLICT (environment) WHERE ended_at IS NULL DO UPDATE SET confirmed_at = excluded.confirmed_at
RETURNING id::text, environment, cause, started_at
"""
_END = """
UPDATE dgii.outages SET ended_at = :now
WHERE environment = :environment AND ended_at IS NULL AND (cause = ANY(:causes) OR confirmed_at < :stale)
RETURNING id::text, environment, cause, started_at, ended_at
"""


def start(tx: Transaction, environment: str, cause: str, now: datetime) -> Outage | None:
    """The outage that began with this; None when one was open, which is now confirmed."""
    outage = uuid7()
    row = tx.row(_START, id=outage, environment=environment, cause=cause, now=now)
    return Outage(*row) if row and row.id == outage else None


def end(tx: Transaction, environment: str, causes: Sequence[str], now: datetime) -> Outage | None:
    """The outage that ended with this; None when none was open for these causes."""
    row = tx.row(_END, environment=environment, causes=list(causes), now=now, stale=now - STALE)
    return Outage(*row) if row else None


def standing(tx: Transaction) -> list[Outage]:
    rows = tx.rows("SELECT id::text, environment, cause, started_at FROM dgii.outages WHERE ended_at IS NULL ORDER BY environment")
    return [Outage(*row) for row in rows]


def drain(tx: Transaction, environment: str, *, lease: timedelta) -> int:
    """What was put off while it was away is due, oldest deadline first; how many documents that are. `lease` is the claims'."""
    row = tx.rows("SELECT dgii.drain(:environment, :lease) AS moved", environment=environment, lease=int(lease.total_seconds()))[0]
    return int(row.moved)


@dataclass(frozen=True)
class Notice:
    """What the status service said of one environment, as JSON values."""

    environment: str
    services: list[dict[str, object]]
    windows: list[dict[str, str]]
    seen_at: datetime


def note(tx: Transaction, environment: str, states: Sequence[ServiceState], windows: Sequence[Window], now: datetime) -> None:
    tx.rows(
        "INSERT INTO dgii.notices (environment, said, seen_at) VALUES (:environment, CAST(:said AS jsonb), :now) "
        "ON CONFLICT (environment) DO UPDATE SET said = excluded.said, seen_at = excluded.seen_at",
        environment=environment,
        said={
            "services": [{"servicio": s.servicio, "disponible": s.disponible} for s in states],
            "windows": [{"desde": w.start.isoformat(), "hasta": w.end.isoformat()} for w in windows],
        },
        now=now,
    )


def notices(tx: Transaction) -> list[Notice]:
    rows = tx.rows("SELECT environment, said, seen_at FROM dgii.notices ORDER BY environment")
    return [Notice(row.environment, row.said["services"], row.said["windows"], row.seen_at) for row in rows]
