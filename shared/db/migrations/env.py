"""Alembic's entry: runs on the connection that `shared.db.migrate` hands over, as the owner role."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="migrations", version_table_schema="tenancy")
context.run_migrations()
