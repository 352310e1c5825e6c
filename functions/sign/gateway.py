"""sign's outside: a few signers, each replaced by a spare that was born before it is worn."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, LifoQueue

from functions.sign.domain import Made
from functions.sign.nursery import Nursery
from functions.sign.signer import REFUSALS
from shared.cloud.session import Aws
from shared.errors import Unavailable

SIGNERS = 2
SIGNATURES = 500
MOST_KEYS = 200
LIFE_SECONDS = 900
TIRED = 0.6
"""The part of its signatures, its keys or its life after which a signer's spare is born."""
LONGEST_QUEUE = 20.0


class SignerStopped(Unavailable):
    """Every signer is busy for long, or two in turn died over this document; another attempt may succeed."""


@lru_cache(maxsize=1)
def _nursery() -> Nursery:
    return Nursery()


@dataclass
class _Signer:
    """`ahead`: the keys it fetched at birth, by name; `used`: those it has signed with, the latest last."""

    pipe: Connection
    ahead: tuple[str, ...]
    used: dict[str, None] = field(default_factory=dict)
    born: float = field(default_factory=time.monotonic)
    signatures: int = 0
    broken: bool = False
    spare: "_Signer | None" = None

    def ask(self, name: str, xml: bytes) -> bytes | None:
        """The answer, None when it has died."""
        self.signatures += 1
        self.used.pop(name, None)
        self.used[name] = None
        try:
            self.pipe.send_bytes(name.encode() + b"\n" + xml)
            return self.pipe.recv_bytes()
        except (EOFError, OSError):
            self.broken = True
            return None

    @property
    def wear(self) -> float:
        """0 for the new-born, 1 and more when it must go."""
        age = (time.monotonic() - self.born) / LIFE_SECONDS
        return max(self.signatures / SIGNATURES, len(self.used.keys() | self.ahead) / MOST_KEYS, age)

    def end(self) -> None:
        self.pipe.close()
        if self.spare is not None:
            self.spare.end()


class Signers:
    """At most `SIGNERS` signatures at once; `verify_output` reads each back before it leaves."""

    def __init__(self, aws: Aws, *, verify_output: bool) -> None:
        self._aws = aws
        self._verify = verify_output
        self._idle: LifoQueue[_Signer | None] = LifoQueue()
        for _ in range(SIGNERS):
            self._idle.put(None)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The first signer is born while the door opens."""
        self._idle.get_nowait()
        self._idle.put(self._born())
        try:
            yield
        finally:
            self.close()

    def sign(self, name: str, xml: bytes) -> Made:
        """The document signed with the key of that secret. Raises what signing refuses, CloudUnavailable or SignerStopped."""
        try:
            signer = self._idle.get(timeout=LONGEST_QUEUE)
        except Empty as error:
            raise SignerStopped from error
        try:
            signer = signer or self._born()
            answer = signer.ask(name, xml)
            if answer is None:  # its life was over, or it was killed: the same bytes get the same signature from another one
                signer.end()
                signer = self._born()
                answer = signer.ask(name, xml)
        finally:
            self._idle.put(self._following(signer))
        if answer is None:
            raise SignerStopped
        return _read(answer)

    def _born(self, *, ahead: tuple[str, ...] = ()) -> _Signer:
        start = {"aws": vars(self._aws), "verify": self._verify, "seconds": LIFE_SECONDS, "ahead": ahead}
        try:
            pipe = _nursery().birth()
            pipe.send_bytes(json.dumps(start).encode())
        except OSError as error:
            raise SignerStopped from error
        return _Signer(pipe, ahead)

    def _following(self, signer: _Signer | None) -> _Signer | None:
        """Who works next in the place of `signer`."""
        if signer is None:
            return None
        if signer.broken:
            signer.end()
            return None
        if signer.wear >= TIRED and signer.spare is None:
            with suppress(SignerStopped):  # the next signature tries again
                signer.spare = self._born(ahead=tuple(signer.used)[-MOST_KEYS // 2 :])
        if signer.wear < 1:
            return signer
        following, signer.spare = signer.spare, None
        signer.end()
        return following

    def close(self) -> None:
        """End the signers that are at rest; one at work ends with its pipe."""
        for _ in range(self._idle.qsize()):
            signer = self._idle.get_nowait()
            if signer is not None:
                signer.end()
            self._idle.put(None)


@dataclass(frozen=True)
class Outside:
    """What stands outside of sign; `schema_folder` holds DGII's own schemas, None stands for the built-in ones."""

    signers: Signers
    schema_folder: Path | None = None


def _read(answer: bytes) -> Made:
    head, _, xml = answer.partition(b"\n")
    said = json.loads(head)
    if "refused" in said:
        raise REFUSALS[said["refused"]](**said["facts"])
    return Made(xml, said["codigo_seguridad"], said["fingerprint"])
