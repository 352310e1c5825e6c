"""The demo's second run from cold functions, and the memory of the idle stand-in without functions."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.places import ROOT

MIB = 1024 * 1024


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "knative.demo", "--data", folder]
        subprocess.run(demo, cwd=ROOT, check=True, capture_output=True)
        began = time.perf_counter()
        subprocess.run(demo, cwd=ROOT, check=True, capture_output=True)
        seconds = time.perf_counter() - began
        return [
            Figure("demo, second run, seconds", seconds, "<=", 25, "from cold functions"),
            Figure(
                "idle stand-in without functions, MiB", _idle_bytes(Path(folder)) / MIB, "<=", 250, "PSS, data services included"
            ),
        ]


def _idle_bytes(data: Path) -> int:
    local = [sys.executable, "-m", "knative.local", "--data", str(data)]
    subprocess.run([*local, "up", "--detach", "--port", "0"], cwd=ROOT, check=True, capture_output=True)
    try:
        time.sleep(5)
        pid = json.loads((data / "state.json").read_text(encoding="utf-8"))["pid"]
        return sum(_pss(p) for p in _tree(pid) if b"shared.http.serve" not in _command(p))
    finally:
        subprocess.run([*local, "down"], cwd=ROOT, check=True, capture_output=True)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield from _tree(int(child))


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _pss(pid: int) -> int:
    """Proportional set size: what the process's memory costs the machine, shared pages counted once among their users."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{os.getpid()} tells no Pss")
