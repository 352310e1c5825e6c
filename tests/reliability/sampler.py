"""Look at something ten times a second from a thread of its own."""

import threading
from collections.abc import Callable
from types import TracebackType

EVERY_SECONDS = 0.1


class Sampler:
    """`with Sampler(look) as seen:` what each look returned. A look that fails is the last one."""

    def __init__(self, look: Callable[[], float]) -> None:
        self._look = look
        self._seen, self._over = list[float](), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler")

    def __enter__(self) -> list[float]:
        self._thread.start()
        return self._seen

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self._seen.append(self._look())
