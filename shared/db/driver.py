"""pg8000 at its fastest under SQLAlchemy: every statement is prepared once a connection, then costs one round trip.

By itself the driver parses, describes and binds each execution in three round trips, and commits in three more. Behind a
pooler in transaction mode this needs one that follows prepared statements (PgBouncer 1.21 and `max_prepared_statements`).
"""

import socket
from typing import Any
from weakref import WeakKeyDictionary

from pg8000.converters import make_params
from pg8000.legacy import convert_paramstyle
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

Prepared = tuple[bytes, Any, Any, str]


def prepare_statements(engine: Engine) -> None:
    """Make `engine` execute and commit that way, and send without delay; errors, rows and types stay the driver's own."""
    held: WeakKeyDictionary[Any, dict[str, Prepared]] = WeakKeyDictionary()

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _: Any) -> None:
        """What is larger than the driver's buffer goes in two writes, and the second would wait 40 ms for the first one's ACK."""
        sock = connection._usock
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @event.listens_for(engine, "do_execute")
    def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        connection = cursor._c
        if not parameters or not connection._in_transaction:
            return False
        statements = held.setdefault(connection, {})
        prepared = statements.get(statement)
        if prepared is None:
            sql, _ = convert_paramstyle("format", statement, parameters)
            prepared = statements[statement] = (*connection.prepare_statement(sql, ()), sql)
        name, columns, converters, sql = prepared
        # SQLAlchemy's parameters are positional already, in the order of the marks.
        done = connection.execute_named(name, make_params(connection.py_types, parameters), columns, converters, sql)
        cursor._context = done
        cursor._row_iter = iter(done.rows or ())
        return True

    @event.listens_for(engine, "handle_error")
    def give_up(failed: ExceptionContext) -> None:
        """A late answer on a connection that was silent would be taken for that of the next statement."""
        if isinstance(failed.original_exception, OSError):
            failed.is_disconnect = True

    def end(connection: Any) -> None:
        connection.execute_simple("COMMIT")

    engine.dialect.do_commit = end  # type: ignore[assignment,method-assign]
