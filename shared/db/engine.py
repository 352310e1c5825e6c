"""The only way to a connection: `Database.transaction(tenant)`, one sealed transaction, committed at the edge.

Statements are SQL text with named parameters. SQLAlchemy gives pool and binding, and is imported with the first
transaction: a function answers its readiness probe without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from shared.db.seal import Seal
from shared.errors import InvalidInput, Unavailable
from shared.events.envelope import Envelope

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Record = Any
"""A row, read by the names of its columns; the store that wrote the statement knows their types."""

RETRYABLE = frozenset({"40001", "40P01", "57P01", "57P02", "57P03", "55P03", "53300"})
"""SQLSTATEs after which the same whole transaction may succeed: serialisation, deadlock, shutdown, lock wait, full."""


UNSTORABLE = frozenset({"22P02", "22021", "22003"})
"""SQLSTATEs of a value that PostgreSQL cannot hold: an id that is no UUID, NUL in a text, a number too large for its column."""


SILENCE_SECONDS = 20.0
"""How long the server may say nothing: longer than its own `statement_timeout` for our roles, so only a dead network is cut."""


class ValueUnstorable(InvalidInput):
    """A caller sent what no column can hold; a retry cannot help."""


class DatabaseUnavailable(Unavailable):
    slug = "database-unavailable"


class Transaction:
    """One open transaction of one tenant. `announced` are the events that exist once it commits (`shared.flow.outbox`)."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self.tenant = tenant
        self.announced: list[Envelope] = []
        self.before_commit: list[Callable[[Transaction], None]] = []
        self.after_commit: list[Callable[[], None]] = []

    def rows(self, sql: str, **parameters: object) -> Sequence[Record]:
        """Run one statement; a list parameter is an SQL array, a dict travels as JSON text (cast it in the statement)."""
        from sqlalchemy import text  # heavy, and this is the only place that needs it

        result = self._connection.execute(text(sql), {k: _wire(v) for k, v in parameters.items()})
        return result.all() if result.returns_rows else ()

    def row(self, sql: str, **parameters: object) -> Record | None:
        """The first row, or None."""
        rows = self.rows(sql, **parameters)
        return rows[0] if rows else None


def _wire(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


class Database:
    """A pool for one login role. A connection on which nothing is heard for `silence` seconds is given up; None: never."""

    def __init__(self, url: str, seal: Seal, *, pool_size: int, silence: float | None = SILENCE_SECONDS) -> None:
        self._url = url
        self._silence = silence
        self._seal = seal
        self._pool_size = pool_size
        self._engine: Engine | None = None

    @contextmanager
    def transaction(self, tenant: str) -> Iterator[Transaction]:
        """Begin, seal the tenant, commit on success, roll back on any error. Never nested; no network call inside."""
        from sqlalchemy.exc import DBAPIError, InterfaceError  # as above
        from sqlalchemy.exc import TimeoutError as PoolTimeout

        context = self._seal.context(tenant)
        try:
            with self._begun(context) as connection, connection.begin():
                transaction = Transaction(connection, tenant)
                yield transaction
                for hook in transaction.before_commit:
                    hook(transaction)
        except (PoolTimeout, InterfaceError, ConnectionError, TimeoutError) as error:
            # The driver lets a reset or silent connection through as it is.
            raise DatabaseUnavailable from error
        except DBAPIError as error:
            if error.connection_invalidated or sqlstate(error) in RETRYABLE:
                raise DatabaseUnavailable from error
            if sqlstate(error) in UNSTORABLE:
                raise ValueUnstorable from error
            raise
        except UnicodeEncodeError as error:
            # Half a surrogate pair, which JSON can spell and UTF-8 cannot.
            raise ValueUnstorable from error
        for done in transaction.after_commit:
            done()

    def _begun(self, context: str) -> Connection:
        """A connection with an open, sealed transaction. One that died while it waited in the pool is replaced unseen."""
        for _ in range(self._pool_size + 1):
            connection = self.engine.connect()
            driver = cast("Any", connection.connection.dbapi_connection)
            try:
                # One message for both: a transaction costs one round trip less (pg8000 sends BEGIN by itself otherwise).
                driver.execute_simple(f"BEGIN; SET LOCAL app.ctx = '{context}'")
            except (cast("Any", self.engine.dialect.dbapi).Error, ConnectionError):
                connection.invalidate()
                connection.close()
            except TimeoutError:
                connection.invalidate()
                connection.close()
                break
            else:
                return connection
        raise DatabaseUnavailable

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            from sqlalchemy import create_engine

            from shared.db.driver import prepare_statements  # loads the driver: as above

            self._engine = create_engine(
                self._url,
                pool_size=self._pool_size,
                max_overflow=0,
                pool_timeout=10,
                pool_recycle=1800,
                pool_pre_ping=False,
                connect_args={"timeout": self._silence},
            )
            prepare_statements(self._engine)
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE inside a SQLAlchemy error raised by pg8000, or None."""
    return _server_field(error, "C")


def constraint(error: BaseException) -> str | None:
    """The name of the violated constraint, or None."""
    return _server_field(error, "n")


def _server_field(error: BaseException, letter: str) -> str | None:
    # pg8000 hands over the fields of PostgreSQL's error message as one dict.
    arguments: tuple[object, ...] = getattr(getattr(error, "orig", None), "args", ())
    fields = arguments[0] if arguments else None
    return fields.get(letter) if isinstance(fields, dict) else None
