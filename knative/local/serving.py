"""Runs one function as Knative would: processes on demand, a queue in front, a limit on each, gone when idle."""

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from knative.embedded.process import LOOPBACK, ended_with_parent, free_port
from knative.rules.manifests import Service
from knative.rules.scaling import Timing, desired

ACTIVATOR_QUEUE = 10_000


class Refused(Exception):
    """What the queue in front of a function answers itself: 502, 503 or 504."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Clock:
    """Time that can run faster, so that a test sees a minute pass in milliseconds."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed

    def now(self) -> float:
        """Seconds of this clock since some moment."""
        return asyncio.get_running_loop().time() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock."""
        await asyncio.sleep(seconds / self.speed)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """asyncio.timeout by this clock."""
        return asyncio.timeout(seconds / self.speed)


class Tasks:
    """Work in the background that says when it breaks."""

    def __init__(self, owner: str) -> None:
        self._owner, self._running = owner, set[asyncio.Task[None]]()

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Start it."""
        self._running.add(task := asyncio.create_task(work))
        task.add_done_callback(self._done)

    def cancel(self) -> None:
        """Cancel all of it."""
        for task in self._running:
            task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception():
            print(f"{self._owner}: {task.exception()!r}", file=sys.stderr)


@dataclass(frozen=True)
class Conditions:
    """How every function of this machine runs: where, at most how many processes, by which clock."""

    root: Path
    logs: Path
    cap: int
    clock: Clock
    timing: Timing


@dataclass(eq=False)
class Replica:
    """One process. `active` counts requests under way, `used` is when the last one ended."""

    port: int
    used: float
    process: asyncio.subprocess.Process | None = None
    active: int = 0
    ready: bool = False
    draining: bool = False


class Function:
    """The processes of one Service and the queue before them."""

    def __init__(self, service: Service, command: Sequence[str], env: Mapping[str, str], conditions: Conditions) -> None:
        self.service, self._command, self._conditions = service, command, conditions
        self._clock, self._timing = conditions.clock, conditions.timing
        revision = {"K_SERVICE": service.name, "K_CONFIGURATION": service.name, "K_REVISION": f"{service.name}-00001"}
        self._env = {**os.environ, **env, **revision, "LISTEN_HOST": LOOPBACK}
        self._most = min(service.maximum or conditions.cap, conditions.cap)
        self._least = min(service.minimum, self._most)
        self.replicas: list[Replica] = []
        self.queue: deque[asyncio.Future[Replica]] = deque()
        self.cold_starts: list[float] = []
        self._crashes, self._used = 0, 0.0
        self._samples: deque[tuple[float, float]] = deque()
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None, keepalive_expiry=2))
        self._tasks = Tasks(service.name)

    async def start(self) -> None:
        """Bring up min-scale and begin to watch."""
        self._used = self._clock.now()
        self._tasks.spawn(self._autoscale())
        for _ in range(self._least):
            self._begin()

    async def stop(self, *, seconds: float = 5) -> None:
        """SIGTERM to all, SIGKILL to what is left after `seconds` of real time."""
        self._tasks.cancel()
        processes = [r.process for r in self.replicas if r.process and r.process.returncode is None]
        for process in processes:
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(process.wait() for process in processes))
        for process in (process for process in processes if process.returncode is None):
            process.kill()
        await self._transport.aclose()

    @asynccontextmanager
    async def exchange(self, request: httpx.Request) -> AsyncIterator[tuple[httpx.Response, bool]]:
        """A free replica's unread response, and whether it had to be started (R60-R62); raises Refused. Only the path counts."""
        cold, replica = not self._ready(), None
        try:
            async with self._clock.timeout(self.service.timeout):
                replica = await self._slot()
                request.url = request.url.copy_with(scheme="http", host=LOOPBACK, port=replica.port)
                response = await self._transport.handle_async_request(request)
                try:
                    yield response, cold
                finally:
                    await response.aclose()
        except httpx.TransportError as error:
            if replica:
                replica.ready = False
                self._tasks.spawn(self._probe(replica))
            raise Refused(502, f"{self.service.name}: {error!r}") from error
        except TimeoutError as error:
            raise Refused(504, "request timeout" if replica else "activator request timeout") from error
        finally:
            if replica:
                self._release(replica)

    def _ready(self) -> list[Replica]:
        return [replica for replica in self.replicas if replica.ready and not replica.draining]

    async def _slot(self) -> Replica:
        room = 10 * self.service.concurrency * len(self._ready()) or ACTIVATOR_QUEUE
        waiting: asyncio.Future[Replica] = asyncio.get_running_loop().create_future()
        self.queue.append(waiting)
        self._hand_out()
        if not waiting.done() and len(self.queue) > room:
            self.queue.remove(waiting)
            raise Refused(503, "pending request queue full")
        if all(replica.draining for replica in self.replicas):
            self._begin()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self._release(waiting.result())
            with suppress(ValueError):
                self.queue.remove(waiting)
            raise

    def _hand_out(self) -> None:
        limit = self.service.concurrency or ACTIVATOR_QUEUE
        while self.queue and (free := [replica for replica in self._ready() if replica.active < limit]):
            waiting = self.queue.popleft()
            if not waiting.done():
                replica = min(free, key=lambda replica: replica.active)
                replica.active += 1
                waiting.set_result(replica)

    def _release(self, replica: Replica) -> None:
        replica.active -= 1
        self._used = replica.used = self._clock.now()
        self._hand_out()

    def _begin(self) -> None:
        self.replicas.append(replica := Replica(free_port(), self._clock.now()))
        self._tasks.spawn(self._live(replica))

    async def _live(self, replica: Replica) -> None:
        began = asyncio.get_running_loop().time()
        try:
            process = replica.process = await self._launch(replica.port)
            tasks = probe, died = asyncio.create_task(self._probe(replica)), asyncio.create_task(process.wait())
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not died.done():
                self._crashes = 0
                self.cold_starts.append(asyncio.get_running_loop().time() - began)
                await died
            probe.cancel()
        finally:
            self.replicas.remove(replica)
        if not replica.draining:
            self._crashes += 1
            await asyncio.sleep(min(0.05 * 2**self._crashes, 10))
            print(f"{self.service.name}: process {process.pid} ended with {process.returncode}", file=sys.stderr)
            if self.queue or len(self.replicas) < self._least:
                self._begin()

    async def _launch(self, port: int) -> asyncio.subprocess.Process:
        file = self._conditions.logs / f"{self.service.name}.log"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *ended_with_parent("KILL"), *self._command, cwd=self._conditions.root, env={**self._env, "PORT": str(port)},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)  # fmt: skip

    async def _probe(self, replica: Replica) -> None:
        patience = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), 1.0)}
        request = httpx.Request("GET", f"http://{LOOPBACK}:{replica.port}{self.service.probe}", extensions=patience)
        while replica in self.replicas and not replica.ready:
            with suppress(httpx.TransportError):
                response = await self._transport.handle_async_request(request)
                await response.aread()
                replica.ready = response.status_code == 200
            await asyncio.sleep(0 if replica.ready else self._timing.poll)
        self._hand_out()

    async def _autoscale(self) -> None:
        window = self.service.window
        while True:
            await self._clock.sleep(self._timing.tick)
            now, busy = self._clock.now(), sum(replica.active for replica in self.replicas) + len(self.queue)
            self._samples.append((now, busy))
            while now - self._samples[0][0] > window:
                self._samples.popleft()
            self._used = now if busy else self._used
            live = [replica for replica in self.replicas if not replica.draining]
            idle = now - self._used >= window + max(self._timing.grace, self.service.retention)
            wanted = desired(self._samples, now, window, self.service.target, len(live))
            wanted = min(max(wanted, self._least, 0 if idle or not live else 1), self._most)
            for _ in range(wanted - len(live)):
                self._begin()
            for replica in sorted(live, key=lambda replica: replica.active)[: max(0, len(live) - wanted)]:
                replica.draining = True
                self._tasks.spawn(self._drain(replica))

    async def _drain(self, replica: Replica) -> None:
        began, timeout = self._clock.now(), self.service.timeout
        while replica.active or self._clock.now() - max(began, replica.used) < self._timing.quiet:
            if self._clock.now() - began > timeout:
                break
            await self._clock.sleep(min(1, self._timing.quiet / 5))
        if (process := replica.process) and process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                async with self._clock.timeout(max(1, began + timeout - self._clock.now())):
                    await process.wait()
            if process.returncode is None:
                process.kill()
