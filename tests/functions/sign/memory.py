"""Looking for a private key in the memory of processes that cannot look themselves (it takes root), and a program that signs."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PROGRAM = """
import sys
from functions.sign import gateway
from shared.cloud.session import Aws
signers = gateway.Signers(Aws("us-east-1", sys.argv[1], "test", "test"), verify_output=True)
print("here", flush=True)
for line in sys.stdin:
    times, name = line.split()
    for number in range(int(times)):
        signers.sign(name, b"<SemillaModel><valor>%d</valor><fecha>x</fecha></SemillaModel>" % number)
    print("signed", flush=True)
"""


def traces(key: RSAPrivateKey) -> list[bytes]:
    """What of a private key would be found: its secret numbers as files and as OpenSSL write them, and a line of its PEM."""
    numbers = key.private_numbers()
    # The first eight lines are the public half, which every signed document carries.
    found = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).splitlines()[9]]
    for secret in (numbers.d, numbers.p, numbers.q):
        size = (secret.bit_length() + 7) // 8
        found += [secret.to_bytes(size, "big"), secret.to_bytes(size, "little")]
    return found


def count(pid: int, needles: list[bytes]) -> int:
    """How often any of them is in the memory of the process; one that has ended has none."""
    total = 0
    with suppress(FileNotFoundError, ProcessLookupError), Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text(encoding="ascii").splitlines():
            start, end, mode = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()  # type: ignore[union-attr]
            if mode.startswith("rw"):
                with suppress(OSError, ValueError, OverflowError):
                    memory.seek(int(start, 16))
                    held = memory.read(int(end, 16) - int(start, 16))
                    total += sum(held.count(needle) for needle in needles)
    return total


def descendants(pid: int) -> Iterator[int]:
    """Every process below this one."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield int(child)
            with suppress(FileNotFoundError):  # it has just ended
                yield from descendants(int(child))


class Program:
    """A process with signers of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid
        self._heard("here")

    def sign(self, name: str, times: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times} {name}\n")
        self._process.stdin.flush()
        self._heard("signed")

    def _heard(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word


@contextmanager
def program(command: list[str]) -> Iterator[Program]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        yield Program(process)
        process.communicate()
