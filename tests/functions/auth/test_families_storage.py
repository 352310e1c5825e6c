"""A rotation whose storage fails at any step (AUTH-05): after the retry there is one successor, never two and never none."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.auth import families
from shared.db.engine import Database, DatabaseUnavailable, Transaction
from tests.functions.auth.people import Somebody, log_in, owner
from tests.functions.auth.test_handlers_sessions import age, refresh
from tests.house import House

STATEMENTS = 3
"""Of a refresh: lock the family, read the person, rotate."""


@pytest.fixture
def person(house: House) -> Somebody:
    return owner(house)


class Storage:
    """PostgreSQL that fails once: at a statement (counted from 1), before the commit (0), or after it (-1).

    A publisher that still marks what was announced before is no part of it, and is let through.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.at, self.done, self.failed = at, 0, False
        rows, transaction = Transaction.rows, Database.transaction

        def counted(tx: Transaction, sql: str, **parameters: object) -> Any:
            if not _publishes():
                self.done += 1
                self._fail_at(self.done)
            return rows(tx, sql, **parameters)

        @contextmanager
        def broken(database: Database, tenant: str) -> Iterator[Transaction]:
            with transaction(database, tenant) as tx:
                yield tx
                self._fail_at(0)
            self._fail_at(-1)

        monkeypatch.setattr(Transaction, "rows", counted)
        monkeypatch.setattr(Database, "transaction", broken)

    def _fail_at(self, step: int) -> None:
        if step == self.at and not self.failed and not _publishes():
            self.failed = True
            raise DatabaseUnavailable


def _publishes() -> bool:
    return threading.current_thread().name.startswith("publisher")


def survivors(house: House, person: Somebody, at: int) -> tuple[int, set[str]]:
    """Status of the attempt whose storage failed at that step, and the successors that are good after a retry."""
    first = log_in(house, person).json()["refresh_token"]
    with pytest.MonkeyPatch.context() as patch:
        storage = Storage(patch, at)
        failed = refresh(house, first).status_code
        assert storage.failed
    retried = [refresh(house, first) for _ in range(2)]
    return failed, {answer.json()["refresh_token"] for answer in retried if answer.status_code == 200}


@pytest.mark.parametrize("at", range(-1, STATEMENTS + 1))
def test_auth_05_a_retried_rotation_has_one_successor_wherever_the_storage_failed(house: House, person: Somebody, at: int) -> None:
    failed, successors = survivors(house, person, at)
    assert (failed, len(successors)) == (503, 1)
    (successor,) = successors
    assert refresh(house, successor).status_code == 200


def test_auth_05_every_statement_of_a_rotation_was_made_to_fail(
    house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log_in(house, person).json()["refresh_token"]
    storage = Storage(monkeypatch, 10**6)
    assert refresh(house, first).status_code == 200
    assert storage.done == STATEMENTS


def test_auth_05_a_rotation_that_leaves_none_is_seen(house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: a spent token is a copy at once, also when its successor never arrived."""
    monkeypatch.setattr(families, "GRACE", timedelta(seconds=-1))
    assert survivors(house, person, -1)[1] == set()


def test_auth_05_a_rotation_that_leaves_two_is_seen(house: House, person: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: refresh tokens are drawn anew each time, so a lost answer cannot be given again."""
    drawn = house.shell("auth").outside
    monkeypatch.setattr(
        type(drawn), "refresh_token", lambda keyring, session, generation: f"{session}.{generation}.{keyring.draw()}"
    )
    monkeypatch.setattr(type(drawn), "read_refresh_token", lambda keyring, token: (token.split(".")[0], int(token.split(".")[1])))
    assert len(survivors(house, person, -1)[1]) == 2


def test_auth_05_a_successor_that_was_lost_for_long_is_nobodys(house: House, person: Somebody) -> None:
    """Not retried within the grace, the spent token is a copy: the family is dead, and so is the successor that never arrived."""
    first = log_in(house, person).json()["refresh_token"]
    with pytest.MonkeyPatch.context() as patch:
        Storage(patch, -1)
        assert refresh(house, first).status_code == 503
    age(house, person, "11 seconds")
    assert refresh(house, first).status_code == 401
