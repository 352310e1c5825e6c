"""auth's sessions: families of refresh tokens, challenges between two factors, failures. Their SQL."""

from collections.abc import Sequence
from datetime import datetime

from functions.auth.families import Family, SessionOver
from functions.auth.throttle import Failures
from shared.db.engine import Record, Transaction

_OPEN = """
INSERT INTO auth.sessions (id, user_id, company, expires_at, methods, address, agent)
VALUES (CAST(:id AS uuid), CAST(:user AS uuid), :company, :expires_at, CAST(:methods AS text[]), :address, :agent)
"""
_LOCK = """
SELECT id::text AS id, user_id::text AS user_id, company, generation, rotated_at, expires_at, authenticated_at, methods,
  revoked_at IS NOT NULL AS revoked, clock_timestamp() AS seen_at
FROM auth.sessions WHERE id = CAST(:id AS uuid) FOR UPDATE
"""
_ROTATE = "UPDATE auth.sessions SET generation = generation + 1, rotated_at = now() WHERE id = CAST(:id AS uuid)"
_MOVE = "UPDATE auth.sessions SET company = :company WHERE id = CAST(:id AS uuid) AND revoked_at IS NULL"
_PROVEN = """
UPDATE auth.sessions SET authenticated_at = now(), methods = CAST(:methods AS text[])
WHERE id = CAST(:id AS uuid) AND revoked_at IS NULL AND expires_at > now()
RETURNING 1
"""
_END = """
UPDATE auth.sessions SET revoked_at = now(), ended_because = :because
WHERE id = CAST(:id AS uuid) AND user_id = CAST(:user AS uuid) AND revoked_at IS NULL
RETURNING id::text AS id
"""
_END_ALL = """
UPDATE auth.sessions SET revoked_at = now(), ended_because = :because
WHERE user_id = CAST(:user AS uuid) AND revoked_at IS NULL AND id <> CAST(:but AS uuid)
  AND company = COALESCE(CAST(:company AS text), company)
RETURNING id::text AS id
"""
_END_COMPANY = """
UPDATE auth.sessions SET revoked_at = now(), ended_because = :because WHERE company = :company AND revoked_at IS NULL
RETURNING id::text AS id, user_id::text AS user_id
"""
_LIVE = """
SELECT id::text AS id, company, created_at, rotated_at, expires_at, address, agent, methods FROM auth.sessions
WHERE user_id = CAST(:user AS uuid) AND revoked_at IS NULL AND expires_at > now() ORDER BY created_at DESC LIMIT 200
"""
_CHALLENGE = """
INSERT INTO auth.challenges (token_hash, user_id, company, expires_at) VALUES (:hash, CAST(:user AS uuid), :company, :expires_at)
"""
_CHALLENGED = """
SELECT user_id::text AS user_id, company FROM auth.challenges WHERE token_hash = :hash AND used_at IS NULL AND expires_at > now()
"""
_USE_CHALLENGE = "UPDATE auth.challenges SET used_at = now() WHERE token_hash = :hash AND used_at IS NULL RETURNING 1"
_FAILURES = "SELECT count, since FROM auth.failures WHERE account = :account AND network = :network"
_FAILED = """
INSERT INTO auth.failures AS f (account, network, count, since) VALUES (:account, :network, 1, :now)
ON CONFLICT (account, network) DO UPDATE SET
  count = CASE WHEN f.since <= :horizon THEN 1 ELSE f.count + 1 END,
  since = CASE WHEN f.since <= :horizon THEN :now ELSE f.since END
RETURNING count
"""
_FORGIVE = "UPDATE auth.failures SET count = 0 WHERE account = :account AND network = :network AND count > 0"
_NOBODY = "00000000-0000-0000-0000-000000000000"


def open_session(
    tx: Transaction,
    *,
    session_id: str,
    user_id: str,
    company: str,
    expires_at: datetime,
    methods: Sequence[str],
    address: str,
    agent: str,
) -> None:
    tx.rows(
        _OPEN,
        id=session_id,
        user=user_id,
        company=company,
        expires_at=expires_at,
        methods=list(methods),
        address=address,
        agent=agent[:200],
    )


def lock(tx: Transaction, session_id: str, *, platform: str) -> Family | None:
    """The family, held until the transaction ends; `platform` is the company whose sessions die of rest."""
    row = tx.row(_LOCK, id=session_id)
    if row is None:
        return None
    return Family(
        row.id,
        row.user_id,
        row.company,
        row.generation,
        row.rotated_at,
        row.expires_at,
        row.authenticated_at,
        tuple(row.methods),
        seen_at=row.seen_at,
        idle=row.company == platform,
        revoked=row.revoked,
    )


def rotate(tx: Transaction, session_id: str) -> None:
    tx.rows(_ROTATE, id=session_id)


def move(tx: Transaction, session_id: str, company: str) -> None:
    """The family acts for another company from now on."""
    tx.rows(_MOVE, id=session_id, company=company)


def prove(tx: Transaction, session_id: str, methods: Sequence[str], *, platform: str) -> Family:
    """The person has just proved again to be there; SessionOver when the session is."""
    family = lock(tx, session_id, platform=platform) if tx.rows(_PROVEN, id=session_id, methods=list(methods)) else None
    if family is None:
        raise SessionOver
    return family


def end(tx: Transaction, session_id: str, user_id: str, because: str) -> bool:
    return bool(tx.rows(_END, id=session_id, user=user_id, because=because))


def end_all(tx: Transaction, user_id: str, because: str, *, but: str | None = None, company: str | None = None) -> list[str]:
    """Ids of the sessions that were ended: all of a person's, or those for one company, `but` one."""
    rows = tx.rows(_END_ALL, user=user_id, because=because, but=but or _NOBODY, company=company)
    return [row.id for row in rows]


def end_company(tx: Transaction, company: str, because: str) -> list[tuple[str, str]]:
    """(session, person) of everybody who acted for the company."""
    return [(row.id, row.user_id) for row in tx.rows(_END_COMPANY, company=company, because=because)]


def live(tx: Transaction, user_id: str) -> Sequence[Record]:
    return tx.rows(_LIVE, user=user_id)


def challenge(tx: Transaction, *, token_hash: str, user_id: str, company: str, expires_at: datetime) -> None:
    tx.rows(_CHALLENGE, hash=token_hash, user=user_id, company=company, expires_at=expires_at)


def challenged(tx: Transaction, token_hash: str) -> tuple[str, str] | None:
    """Person and company of a challenge that is still good."""
    row = tx.row(_CHALLENGED, hash=token_hash)
    return (row.user_id, row.company) if row else None


def use_challenge(tx: Transaction, token_hash: str) -> bool:
    return bool(tx.rows(_USE_CHALLENGE, hash=token_hash))


def failures(tx: Transaction, account: str, network: str) -> Failures | None:
    row = tx.row(_FAILURES, account=account, network=network)
    return Failures(row.count, row.since) if row else None


def failed(tx: Transaction, account: str, network: str, *, now: datetime, horizon: datetime) -> int:
    """One more failure; how many since the window began. Failures before `horizon` are forgotten."""
    return int(tx.rows(_FAILED, account=account, network=network, now=now, horizon=horizon)[0].count)


def forgive(tx: Transaction, account: str, network: str) -> None:
    tx.rows(_FORGIVE, account=account, network=network)
