"""admin's tables and all its SQL."""

from datetime import date, timedelta
from typing import Any

from functions.admin.domain import Company, CompanyExists
from shared.db.engine import Record, Transaction, constraint
from shared.identity.standing import Estado

_COLUMNS = """id, rnc, environment, razon_social, nombre_comercial, direccion, municipio, provincia, telefono, correo,
  envio_diferido, estado, estado_reason AS reason, estado_by AS by, estado_since AS since, linked_to, created_at"""
_INSERT = """
INSERT INTO admin.companies (id, rnc, environment, razon_social, nombre_comercial, direccion, municipio, provincia, telefono,
  correo, plan, owner_email, owner_name, created_by, linked_to)
VALUES (:id, :rnc, :environment, :razon_social, :nombre_comercial, :direccion, :municipio, :provincia, :telefono,
  :correo, :plan, :owner_email, :owner_name, :created_by, :linked_to)
"""
_ONE = f"SELECT {_COLUMNS} FROM admin.companies WHERE id = :id"
_HOLD = f"{_ONE} FOR UPDATE"
_PAGE = f"""
SELECT {_COLUMNS} FROM admin.companies WHERE CAST(:before AS text) IS NULL OR id < CAST(:before AS text)
ORDER BY id DESC LIMIT :limit
"""
_MOVE = """
UPDATE admin.companies SET estado = :estado, estado_reason = :reason, estado_by = :by, estado_since = now(), version = version + 1
WHERE id = :id RETURNING version
"""
_CHANGE = """
UPDATE admin.companies SET razon_social = :razon_social, nombre_comercial = :nombre_comercial, direccion = :direccion,
  municipio = :municipio, provincia = :provincia, telefono = :telefono, correo = :correo, envio_diferido = :envio_diferido,
  version = version + 1
WHERE id = :id RETURNING version
"""
_SEEN = "SELECT DISTINCT consumer FROM flow.seen WHERE tenant_id = :id AND source = '/functions/admin'"
_COUNT = """
INSERT INTO admin.verdicts AS v (company, day, verdict, documents) VALUES (:company, :day, :verdict, 1)
ON CONFLICT (company, day, verdict) DO UPDATE SET documents = v.documents + 1
"""
_COMPANIES = "SELECT environment, estado, count(*) AS companies FROM admin.companies GROUP BY 1, 2 ORDER BY 1, 2"
_VERDICTS = """
SELECT verdict, sum(documents)::bigint AS documents FROM admin.verdicts WHERE day BETWEEN :first AND :last GROUP BY verdict
"""
_BACKLOG = "SELECT name, due, dead, letters FROM flow.backlog()"


def insert(tx: Transaction, row: dict[str, Any]) -> None:
    """CompanyExists when the RNC is active in that environment already."""
    from sqlalchemy.exc import DBAPIError  # loaded with the first transaction, which is open here

    try:
        tx.rows(_INSERT, **row)
    except DBAPIError as error:
        if constraint(error) == "companies_active":
            raise CompanyExists(rnc=row["rnc"], environment=row["environment"]) from error
        raise


def find(tx: Transaction, company_id: str) -> Company | None:
    row = tx.row(_ONE, id=company_id)
    return _company(row) if row else None


def hold(tx: Transaction, company_id: str) -> Company | None:
    """The company, held until the transaction ends: two acts on it happen one after the other."""
    row = tx.row(_HOLD, id=company_id)
    return _company(row) if row else None


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Company]:
    """Newest first; ids sort by time."""
    return [_company(row) for row in tx.rows(_PAGE, before=before, limit=limit)]


def _company(row: Record) -> Company:
    return Company(**dict(row._mapping) | {"estado": Estado(row.estado)})


def move(tx: Transaction, company_id: str, estado: Estado, *, reason: str, by: str) -> int:
    """The version of the company's row from now on."""
    return int(tx.rows(_MOVE, id=company_id, estado=estado.value, reason=reason, by=by)[0].version)


def change(tx: Transaction, company_id: str, fields: dict[str, Any]) -> int:
    """As `move`; `fields` are all that may change."""
    return int(tx.rows(_CHANGE, id=company_id, **fields)[0].version)


def seen_by(tx: Transaction, company_id: str) -> frozenset[str]:
    """Which functions have taken the company's creation (published view `flow.seen`); they take nothing else of it before."""
    return frozenset(row.consumer for row in tx.rows(_SEEN, id=company_id))


def count(tx: Transaction, day: date, verdict: str) -> None:
    """One more document of the tenant with that verdict."""
    tx.rows(_COUNT, company=tx.tenant, day=day, verdict=verdict)


def companies_by_state(tx: Transaction) -> list[Record]:
    return list(tx.rows(_COMPANIES))


def verdicts(tx: Transaction, last: date, *, days: int) -> dict[str, int]:
    """Documents of all companies by verdict in the `days` that end with `last`."""
    rows = tx.rows(_VERDICTS, first=last - timedelta(days=days - 1), last=last)
    return {row.verdict: int(row.documents) for row in rows}


def backlog(tx: Transaction) -> list[Record]:
    """What waits in each function, numbers only; the platform's own context."""
    return list(tx.rows(_BACKLOG))
