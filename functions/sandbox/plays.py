"""The table of behaviours: set, listed, forgotten, and drawn for one call."""

from collections.abc import Sequence
from datetime import datetime

from functions.sandbox.behaviours import EVERYTHING, Behaviour, Played
from shared.db.engine import Transaction

_COLUMNS = "rnc, service, name, value, times, until, probability, seed, calls, plays, set_at"
_SET = f"""
INSERT INTO sandbox.behaviours (environment, {_COLUMNS})
VALUES (:environment, :rnc, :service, :name, :value, :times, CAST(:until AS timestamptz), :probability, :seed, 0, 0, :set_at)
ON CONFLICT (environment, rnc, service, name) DO UPDATE SET value = excluded.value, times = excluded.times,
  until = excluded.until, probability = excluded.probability, seed = excluded.seed, calls = 0, plays = 0,
  set_at = excluded.set_at
"""
_LIVE = "(times IS NULL OR times > 0) AND (until IS NULL OR until > :now)"


def put(tx: Transaction, environment: str, behaviour: Behaviour) -> None:
    """Set, or set anew with its counts at zero."""
    told = {name: value for name, value in vars(behaviour).items() if name not in ("calls", "plays")}
    tx.rows(_SET, environment=environment, **told)


def reset(tx: Transaction, environment: str, rnc: str | None) -> None:
    """Forget those of an environment, or only those of one issuer."""
    tx.rows(
        "DELETE FROM sandbox.behaviours WHERE environment = :environment AND rnc = COALESCE(CAST(:rnc AS text), rnc)",
        environment=environment,
        rnc=rnc,
    )


def live(tx: Transaction, environment: str, now: datetime) -> list[Behaviour]:
    """Those that hold."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sandbox.behaviours WHERE environment = :environment AND {_LIVE} ORDER BY rnc, name, service",
        environment=environment,
        now=now,
    )
    return [Behaviour(*row) for row in rows]


def any_live(tx: Transaction, now: datetime) -> bool:
    return tx.row(f"SELECT 1 FROM sandbox.behaviours WHERE {_LIVE} LIMIT 1", now=now) is not None


def draw(tx: Transaction, environment: str, rncs: Sequence[str], service: str, now: datetime) -> Played:
    """What plays in this call, counted; an issuer's own behaviour stands before that of the whole environment."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sandbox.behaviours WHERE environment = :environment AND rnc = ANY(:rncs) AND {_LIVE} "
        "ORDER BY rnc = :everything DESC, rnc, service, name FOR UPDATE",
        environment=environment,
        rncs=[*rncs, EVERYTHING],
        everything=EVERYTHING,
        now=now,
    )
    played: dict[str, Behaviour] = {}
    for behaviour in (Behaviour(*row) for row in rows):
        if behaviour.concerns(service):
            plays = behaviour.draws()
            _count(tx, environment, behaviour, played=plays)
            if plays:
                played[behaviour.name] = behaviour
    return played


def _count(tx: Transaction, environment: str, behaviour: Behaviour, *, played: bool) -> None:
    tx.rows(
        "UPDATE sandbox.behaviours SET calls = calls + 1, plays = plays + CAST(:played AS integer), "
        "times = times - CAST(:played AS integer) "
        "WHERE environment = :environment AND rnc = :rnc AND service = :service AND name = :name",
        environment=environment,
        rnc=behaviour.rnc,
        service=behaviour.service,
        name=behaviour.name,
        played=int(played),
    )
