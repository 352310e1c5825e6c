"""A store that grew for a month: copies of the documents a platform really issued, in every table that grew with them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Ask = Callable[[str], Sequence[Sequence[Any]]]
"""Rows of one statement of the database's administrator."""
DAYS = 30
_TABLES = """
SELECT c.oid::regclass::text, array_agg(a.attname::text ORDER BY a.attnum),
  array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|public)'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
GROUP BY c.oid
"""
_ROWS_READ = """
SELECT schemaname || '.' || relname || ' whole', seq_tup_read FROM pg_stat_user_tables
UNION ALL SELECT schemaname || '.' || relname || ' by ' || indexrelname, idx_tup_read FROM pg_stat_user_indexes
"""
_ID = "md5({0}::text || copy)::uuid"
# What makes a copy another document, the same one in every table; a key that is missing here ends the filling with its name.
_BY_NAME = {
    "id": _ID,
    "invoice_id": _ID,
    "event_id": _ID,
    "subject": f"({_ID})::text",
    "encf": "left({0}, 3) || lpad((substr({0}, 4)::bigint + 10000 * copy)::text, 10, '0')",
    "secuencia": "{0} + 10000 * copy",
    "seq": "{0} - 10000 * copy",
    "key": "{0} || ':' || copy",
    "track_id": "{0} || ':' || copy",
    # Long values lie beside their table, where nobody looks for a row.
    "data": "left({0}, 200)",
    "record": "left({0}, 200)",
}
_BY_TYPE = {
    "timestamp with time zone": "{0} - copy * interval '{days} days' / {copies}",
    "date": "{0} - copy * {days} / {copies}",
    "bytea": "substr({0}, 1, 200)",
}


def sizes(ask: Ask) -> dict[str, int]:
    """How many rows each table has."""
    return {table: ask(f"SELECT count(*) FROM {table}")[0][0] for table, _, _ in ask(_TABLES)}


def fill(ask: Ask, since: Mapping[str, int], *, stored: int) -> None:
    """Copy the rows of each table that got one a document `since`, until about `stored` invoices are stored."""
    now = sizes(ask)
    documents = now["billing.invoices"] - since["billing.invoices"]
    copies = stored // now["billing.invoices"] - 1
    for table, columns, types in ask(_TABLES):
        if now[table] - since[table] >= documents:
            ask(_copying(table, dict(zip(columns, types, strict=True)), copies))
    ask("VACUUM ANALYZE")
    ask("CHECKPOINT")


def _copying(table: str, columns: dict[str, str], copies: int) -> str:
    values = ", ".join(_copied(column, kind, copies) for column, kind in columns.items())
    ended = " WHERE state = 'done'" if table == "flow.work" else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, generate_series(1, {copies}) AS copy{ended}"


def _copied(column: str, kind: str, copies: int) -> str:
    value = _BY_NAME.get(column) or _BY_TYPE.get(kind, "{0}")
    return f"CAST({value.format(column, days=DAYS, copies=copies)} AS {kind})"


def rows_read(ask: Ask) -> Counter[str]:
    """Rows that PostgreSQL has read so far, by table and way; what a session read is told when it pauses or ends."""
    return Counter({where: int(rows or 0) for where, rows in ask(_ROWS_READ)})
