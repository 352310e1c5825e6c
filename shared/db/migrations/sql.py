"""What every migration says: a script of plain SQL, and the policy that keeps a tenant table to its tenant."""

from alembic import op


def run(script: str) -> None:
    """Several statements in one message."""
    op.get_bind().connection.dbapi_connection.execute_simple(script)  # type: ignore[union-attr]


def tenant_table(table: str, role: str, *, grants: str = "SELECT, INSERT, UPDATE") -> None:
    """ENABLE and FORCE row-level security on `table` and let `role` reach the rows of the sealed tenant only.

    No DELETE by default: fiscal and audit rows are never deleted.
    """
    name = table.replace(".", "_")
    run(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY {name}_tenant ON {table} TO {role}
          USING (tenant_id = (SELECT tenancy.current_tenant()))
          WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()));
        GRANT {grants} ON {table} TO {role};
        """
    )
