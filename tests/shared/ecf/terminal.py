"""The command line as its callers see it: a process, its bytes, its exit status."""

import json
import subprocess
import sys
from typing import Any

from shared.ecf.document import Document
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from tests.places import ROOT
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, body

COMMANDS = ("validate", "read", "build", "recompute", "verify", "qr", "rules")


def run(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "shared.ecf", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, timeout=120, check=False)
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode()
    return done


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def invoice(tipo: int = 31, **changes: Any) -> Document:
    draft = prepare(body(tipo, **changes), emisor=EMISOR, today=HOY)
    return draft.document.numbered(ENCF.parse(f"E{tipo}0000000005"), vencimiento=VENCIMIENTO, firma=FIRMA)
