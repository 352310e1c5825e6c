"""The durable broker: an event is accepted when PostgreSQL has it, and delivered at least once whatever dies in between."""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pg8000.exceptions import Error
from pg8000.native import Connection

from knative.local.serving import Clock, Tasks
from knative.rules.delivery import Attempt, BeyondBroker, Due, Profile, Reply, decide, matches
from knative.rules.ingress import Event, accept, hop
from knative.rules.manifests import Trigger

Send = Callable[[str, str, dict[str, str], bytes], Awaitable[Reply]]

_INSERT = """
WITH e AS (INSERT INTO event (headers, body) VALUES (:headers, :body) RETURNING n),
  d AS (INSERT INTO due SELECT n, t, 1, now(), NULL FROM e, unnest(CAST(:triggers AS text[])) AS t) SELECT n FROM e
"""
_COLUMNS = "event_id, source, type, subject, tenant, trigger, function, attempt, status, ms, cold, outcome"
_RECORD = f"""
WITH h AS (INSERT INTO history (event, {_COLUMNS}) VALUES (:n, {", ".join(":" + c for c in _COLUMNS.split(", "))})),
  u AS (UPDATE due SET attempt = :again, at = now() + make_interval(secs => :wait), error = CAST(:error AS jsonb)
    WHERE event = :n AND trigger = :trigger AND NOT :over)
DELETE FROM due WHERE event = :n AND trigger = :trigger AND :over
"""
_PENDING = """
SELECT n, headers, body, trigger, attempt, error, extract(epoch FROM at - now())::float8 FROM due JOIN event ON n = event ORDER BY n
"""
_PER_CONSUMER = 50
_PARTITIONS = 10


class Broker:
    """One Broker of one namespace. Its statements run one at a time in a thread, in groups of one transaction each."""

    def __init__(self, connection: Connection, triggers: Sequence[Trigger], send: Send, profile: Profile, clock: Clock) -> None:
        self._triggers, self._send, self._profile, self._clock = triggers, send, profile, clock
        self._connection = connection
        self._connection.run(Path(__file__).with_name("broker.sql").read_text(encoding="utf-8"))
        self._writes: asyncio.Queue[tuple[str, dict[str, Any], asyncio.Future[Any]]] = asyncio.Queue()
        self._slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_CONSUMER))
        self._partitions: dict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks = Tasks("broker")

    async def start(self) -> None:
        """Begin to write, and resume every delivery that the last life left."""
        self._tasks.spawn(self._write())
        known = {trigger.name: trigger for trigger in self._triggers}
        for n, headers, body, name, attempt, error, wait in await self._run(_PENDING):
            if name in known:
                due = Due(Event(headers, body), known[name], attempt, error)
                self._tasks.spawn(self._deliver(n, due, max(0.0, wait) * self._clock.speed))

    async def stop(self) -> None:
        """Stop at once: what was under way is delivered again in the next life."""
        self._tasks.cancel()

    async def post(self, headers: Mapping[str, str], body: bytes) -> None:
        """Accept an event durably; raises EventRefused."""
        event = accept(headers, body)
        if self._profile is Profile.MT:
            event = hop(event, datetime.now(UTC))
        wanted = [trigger for trigger in self._triggers if matches(trigger.filters, event)]
        values = {"headers": json.dumps(event.headers), "body": event.body, "triggers": [trigger.name for trigger in wanted]}
        stored = await self._run(_INSERT, **values)
        for trigger in wanted:
            self._tasks.spawn(self._deliver(stored[0][0], Due(event, trigger)))

    async def history(self, after: int = 0) -> list[Attempt]:
        """Every attempt since the beginning, oldest first, but for the first `after`."""
        rows = await self._run(f"SELECT {_COLUMNS} FROM history ORDER BY n OFFSET :after", after=after)
        return [Attempt(*row) for row in rows]

    async def counts(self) -> dict[str, Any]:
        """Undelivered events by trigger, and how many events some trigger ever gave up."""
        waiting = dict(await self._run("SELECT trigger, count(*) FROM due GROUP BY 1 ORDER BY 1"))
        dead = await self._run("SELECT count(*) FROM history WHERE outcome = 'dead'")
        return {"undelivered": waiting, "dead_letters": dead[0][0]}

    async def _deliver(self, n: int, due: Due, wait: float = 0) -> None:
        async with AsyncExitStack() as stack:
            if due.trigger.ordered:
                key = due.event.attribute("partitionkey") or due.event.attribute("id")
                await stack.enter_async_context(self._partitions[due.trigger.name, hash(key) % _PARTITIONS])
            await stack.enter_async_context(self._slots[due.trigger.name])
            while True:
                await self._clock.sleep(wait)
                began = time.perf_counter()
                reply = await self._attempt(due)
                ms = round((time.perf_counter() - began) * 1000)
                try:
                    outcome, following, wait = decide(self._profile, due, reply)
                except BeyondBroker as refusal:
                    print(f"broker: {refusal}", file=sys.stderr)
                    outcome, following, wait = "refused", None, 0
                line = asdict(due.record(reply, ms, outcome))
                line |= {"n": n, "again": following.attempt if following else 0, "wait": wait / self._clock.speed}
                error = json.dumps(following.error) if following and following.error else None
                await self._run(_RECORD, **line, error=error, over=following is None)
                if following is None:
                    return
                due = following

    async def _attempt(self, due: Due) -> Reply:
        function, path = due.destination
        try:
            async with self._clock.timeout(due.trigger.delivery.timeout):
                return await self._send(function, path, due.headers(), due.event.body)
        except TimeoutError:
            return Reply(0, {}, b"timeout")

    async def _run(self, statement: str, **values: object) -> list[Any]:
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._writes.put_nowait((statement, values, future))
        return await future

    async def _write(self) -> None:
        while True:
            group = [await self._writes.get()]
            while not self._writes.empty():
                group.append(self._writes.get_nowait())
            try:
                results = await asyncio.to_thread(self._transact, [(s, v) for s, v, _ in group])
            except Error as error:
                results = [error] * len(group)
            for (_, _, future), result in zip(group, results, strict=True):
                if not future.cancelled():
                    future.set_exception(result) if isinstance(result, Error) else future.set_result(result)

    def _transact(self, statements: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        self._connection.run("BEGIN")
        try:
            results = [self._connection.run(statement, **values) for statement, values in statements]
        except BaseException:
            self._connection.run("ROLLBACK")
            raise
        self._connection.run("COMMIT")
        return results
