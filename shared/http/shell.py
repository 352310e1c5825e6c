"""The shell: what a handler may reach, made once by `app.py` and handed to routes, events and jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.db.engine import Database, Transaction
from shared.events.event import Event
from shared.events.keys import PublicKeys
from shared.flow.outbox import Announcer
from shared.flow.publish import Publisher
from shared.flow.work import Work
from shared.identity.limits import Limiter
from shared.identity.peers import Peers
from shared.identity.repeats import Repeats
from shared.identity.revocations import Revocations

Outside = TypeVar("Outside", covariant=True)


@dataclass(frozen=True)
class Shell(Generic[Outside]):
    """`outside` is the function's own gateway (or None); keys a function does not need are empty.

    `hops` is how many of our own proxies stand before a door for people; `peers` judges signed requests where they are taken.
    """

    name: str
    threads: int
    database: Database
    publisher: Publisher
    announcer: Announcer
    work: Work
    user_keys: PublicKeys
    function_keys: PublicKeys
    limiter: Limiter
    revocations: Revocations
    refusals: Repeats
    peers: Peers | None
    hops: int
    outside: Outside

    @contextmanager
    def transaction(self, tenant: str) -> Iterator[Transaction]:
        """One sealed transaction; what it announces is published after it has committed."""
        with self.database.transaction(tenant) as tx:
            self.publisher.after_commit(tx)
            yield tx

    def announce(self, tx: Transaction, event: Event, *, subject: str, sequence: int = 1) -> None:
        """Record a fact of this function in `tx`; `sequence` is the version of the row `subject`."""
        self.announcer.announce(tx, event, subject=subject, sequence=sequence)

    def close(self) -> None:
        self.publisher.close()
        self.database.close()
