"""The engine alone: a small document built, computed, written and validated; a large one signed and checked against dgii-ecf."""

import itertools
import json
import shutil
import subprocess
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from functions.sandbox.authority import Authority, Leaf
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.gate import parse
from shared.ecf.key import Key
from shared.ecf.schema import faults
from shared.ecf.signature import sign
from shared.ecf.types import TipoECF
from shared.ecf.xml import write
from tests.bench.figures import Figure, cpu_seconds
from tests.bench.signing import openssl_signs_a_second
from tests.functions.billing.bodies import FACTURA
from tests.judges.judge import CLIENT

TODAY = date(2026, 11, 24)
FIRMA, VENCIMIENTO = datetime(2026, 11, 24, 14, 0, tzinfo=UTC), date(2028, 12, 31)
EMISOR = {"rnc_emisor": "131880738", "razon_social_emisor": "EMPRESA DE PRUEBA SRL", "direccion_emisor": "Calle Primera 1"}
LINES = 1000


def run() -> list[Figure]:
    leaf = Authority.create().issue()
    return [_small(), *_large(leaf)]


def built(lines: int, secuencia: int = 1) -> bytes:
    """A 31 of so many lines from its body: read, computed, held against the rules, numbered, written."""
    body = {**FACTURA, "items": FACTURA["items"][:1] * lines}
    draft = prepare(body, emisor=EMISOR, today=TODAY)
    return write(draft.document.numbered(ENCF(TipoECF.CREDITO_FISCAL, secuencia), vencimiento=VENCIMIENTO, firma=FIRMA))


def valid(xml: bytes) -> bytes:
    found = faults(parse(xml), "31")
    if found:
        raise SystemExit(f"what is measured is not valid: {found[0]}")
    return xml


def _small() -> Figure:
    numbers = itertools.count(1)
    taken = cpu_seconds(lambda: valid(built(1, next(numbers))), times=2000)
    signature = 1 / openssl_signs_a_second()
    detail = f"{taken * 1e6:.0f} of {signature * 1e6:.0f} µs (openssl rsa2048)"
    return Figure("build, compute and validate one line", taken / signature, "<=", 1.0, detail)


def _large(leaf: Leaf) -> list[Figure]:
    key = Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)
    xml = valid(built(LINES))
    ours = cpu_seconds(lambda: valid(sign(xml, key).xml), times=25, warm=3)
    theirs = _client_seconds(leaf, xml)
    if theirs is None:
        return []
    detail = f"{ours * 1000:.1f} ms against {theirs * 1000:.0f} ms; {LINES} lines, {len(xml) // 1024} KB"
    return [Figure("sign and check 1,000 lines, faster than npm", theirs / ours, ">=", 15.0, detail)]


def _client_seconds(leaf: Leaf, xml: bytes) -> float | None:
    """CPU seconds that npm dgii-ecf takes to sign the same document, without any check; None where it is not installed."""
    if not shutil.which("node") or not (CLIENT / "node_modules" / "dgii-ecf").is_dir():
        print("skipped: no dgii-ecf client (npm ci in tests/judges/dgii-ecf)")  # noqa: T201
        return None
    with tempfile.TemporaryDirectory() as folder:
        p12, file = Path(folder) / "key.p12", Path(folder) / "31.xml"
        p12.write_bytes(leaf.p12("secret"))
        file.write_bytes(xml)
        command = ["node", CLIENT / "sign.js", p12, "secret", file, "7"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, timeout=300)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])
