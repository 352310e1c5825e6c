"""A child process that is fed hostile documents while everything it opens or connects to is counted.

Python's audit hook sees what Python opens; strace, where it is installed, sees what the libraries below it open.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from shared.ecf.gate import OTHER, ForeignXmlRefused, limits_of, open_foreign
from shared.ecf.schema import faults
from tests.places import ROOT
from tests.shared.ecf.peers import refusal, signed, unsigned

_BEGIN, _END, _CONTROL = "/watch-begins", "/watch-ends", os.devnull
CALLS = re.compile(r'\b(open|openat|connect|socket|execve)\((?:AT_FDCWD, )?"?([^"]*)')
STRACE = ["strace", "-f", "-qq", "-s", "200", "-e", "trace=open,openat,connect,socket,execve", "-o"]


@dataclass(frozen=True)
class Seen:
    """What the child said of each document, what it opened in between, its dearest document, and that we would have seen it."""

    verdicts: dict[str, str | None]
    opened: list[str]
    cpu_seconds: dict[str, float]
    control: bool


def watch(files: list[Path], folder: Path, *, timeout: float = 60) -> Seen:
    """Every file through the gate and the verification in one child; a hang is a TimeoutExpired."""
    trace = folder / "trace"
    command = [sys.executable, "-m", "tests.shared.ecf.watched", *map(str, files)]
    traced = shutil.which("strace") is not None
    if traced:
        command = [*STRACE, str(trace), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, check=True)
    said = json.loads(done.stdout)
    opened, control = said["opened"], bool(said["control"])
    if traced:
        calls = [m[0] for line in trace.read_text(errors="replace").splitlines() if (m := CALLS.search(line))]
        begin = next(i for i, call in enumerate(calls) if _BEGIN in call)
        end = next(i for i, call in enumerate(calls) if _END in call)
        opened += calls[begin + 1 : end]
        control = control and any(_CONTROL in call for call in calls[end:])
    return Seen(said["verdicts"], opened, said["cpu_seconds"], control)


def main(names: list[str]) -> None:
    documents = {name: Path(name).read_bytes() for name in names}
    refusal(signed("31"))
    faults(etree.fromstring(unsigned("31").replace(b"Abc", b"&#9;")), "31")
    events: list[str] = []
    sys.addaudithook(lambda event, arguments: events.append(f"{event} {arguments}") if event in WATCHED else None)
    verdicts: dict[str, str | None] = {}
    seconds: dict[str, float] = {}
    _mark(_BEGIN)
    events.clear()
    for name, data in documents.items():
        costs = []
        for _ in range(3):
            start = time.process_time()
            try:
                root = open_foreign(data, kind=OTHER if len(data) > 3 * 1024 * 1024 else limits_of(data))
                faults(root, "31")
                verdicts[name] = refusal(data)
            except ForeignXmlRefused as refused:
                verdicts[name] = refused.reason
            costs.append(time.process_time() - start)
        seconds[name] = min(costs)
    opened = list(events)
    _mark(_END)
    Path(_CONTROL).open().close()
    sys.stdout.write(
        json.dumps({"verdicts": verdicts, "opened": opened, "cpu_seconds": seconds, "control": events[len(opened) + 1 :]})
    )


WATCHED = {
    "open",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.__new__",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "urllib.Request",
}


def _mark(path: str) -> None:
    """An open that fails, so that both watchers know where they are."""
    try:
        Path(path).open().close()
    except FileNotFoundError:
        return


if __name__ == "__main__":
    main(sys.argv[1:])
