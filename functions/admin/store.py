"""admin's table and all its SQL."""

from typing import Any

from functions.admin.domain import Company, CompanyExists
from shared.db.engine import Transaction, constraint

_COLUMNS = "id, rnc, environment, razon_social, status, created_at"
_INSERT = """
INSERT INTO admin.companies (id, rnc, environment, razon_social, nombre_comercial, direccion, municipio, provincia, telefono,
  correo, plan, owner_email, owner_name, created_by)
VALUES (:id, :rnc, :environment, :razon_social, :nombre_comercial, :direccion, :municipio, :provincia, :telefono,
  :correo, :plan, :owner_email, :owner_name, :created_by)
"""
_ONE = f"SELECT {_COLUMNS} FROM admin.companies WHERE id = :id"
_PAGE = f"""
SELECT {_COLUMNS} FROM admin.companies WHERE CAST(:before AS text) IS NULL OR id < CAST(:before AS text)
ORDER BY id DESC LIMIT :limit
"""
_SEEN = "SELECT DISTINCT consumer FROM flow.seen WHERE tenant_id = :id AND source = '/functions/admin'"


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
    return Company(*row) if row else None


def page(tx: Transaction, *, before: str | None, limit: int) -> list[Company]:
    """Newest first; ids sort by time."""
    return [Company(*row) for row in tx.rows(_PAGE, before=before, limit=limit)]


def seen_by(tx: Transaction, company_id: str) -> frozenset[str]:
    """Which functions have taken the company's creation (published view `flow.seen`)."""
    return frozenset(row.consumer for row in tx.rows(_SEEN, id=company_id))
