"""A TCP connection that misbehaves as told: it stands between a function and a server, and passes bytes late or not at all."""

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from knative.embedded.process import LOOPBACK

_CHUNK = 65536


class Proxy:
    """Forwards new connections to `target`. `latency` in seconds delays each piece of an answer; `parted` lets nothing through
    and says nothing."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.latency, self.parted = 0.0, False
        self.passed = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, LOOPBACK, 0), self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _cut(self) -> None:
        """End every connection."""
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.wait(connections) if connections else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection(LOOPBACK, self.target)
            await asyncio.gather(self._pump(reader, back, late=False), self._pump(there, writer, late=True))
        writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool) -> None:
        with suppress(OSError):
            while piece := await source.read(_CHUNK):
                if late and self.latency:
                    await asyncio.sleep(self.latency)
                while self.parted:
                    await asyncio.sleep(0.05)
                self.passed += late
                sink.write(piece)
                await sink.drain()
        sink.close()
