"""Inside sign, without HTTP: document in, gate, schema, checks, signed, serialised out, against openssl's own speed; and what
it costs that signers are replaced."""

import itertools
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

from moto import mock_aws

from functions.sandbox.authority import Authority
from functions.sign import gateway
from functions.sign.domain import ECF, Certificate, Company, Facts, Made, Range, check, read_document, sign_ecf
from functions.sign.gateway import Signers
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.key import Key
from shared.ecf.signature import confirm, sign
from shared.ecf.types import TipoECF
from shared.ecf.xml import write
from tests.bench.figures import Figure, cpu_seconds
from tests.functions.billing.bodies import FACTURA
from tests.functions.sign.keys import store, there

RNC = "131880738"
DOCUMENTS = 3000
ROUNDS, SIGNED_A_ROUND = 60, 200
NEVER, USUAL = 10**9, gateway.SIGNATURES


def small_ecfs(count: int) -> list[bytes]:
    """The 31 that the tests start from, unsigned, each with a number of its own: nothing is remembered between them."""
    emisor = {"rnc_emisor": RNC, "razon_social_emisor": "EMPRESA DE PRUEBA SRL", "direccion_emisor": "Calle Primera 1"}
    draft = prepare(FACTURA, emisor=emisor, today=date(2026, 11, 24))
    firma, vencimiento = datetime.now(UTC), date(2028, 12, 31)
    numbers = (ENCF(TipoECF.CREDITO_FISCAL, secuencia) for secuencia in range(1, count + 1))
    return [write(draft.document.numbered(number, vencimiento=vencimiento, firma=firma)) for number in numbers]


def openssl_signs_a_second() -> float:
    said = subprocess.run(["openssl", "speed", "-seconds", "2", "rsa2048"], capture_output=True, text=True, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("rsa 2048"))
    return float(re.findall(r"[0-9.]+", line.split("bits")[1])[2])


def run() -> list[Figure]:
    leaf, now = Authority.create().issue(), datetime.now(UTC)
    xmls = itertools.cycle(small_ecfs(DOCUMENTS))
    key = Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)
    certificate = Certificate(
        "c", "IDCDO-00199999996", "s", now - timedelta(days=1), now + timedelta(days=1), holder_authorised=True
    )
    facts = Facts(Company(RNC, "testecf"), certificate, (Range(31, 1, DOCUMENTS, date(2028, 12, 31)),))

    def signed(*, verify_output: bool) -> None:
        xml = next(xmls)
        document = read_document(xml, *ECF)
        check(document, facts)
        sign_ecf(xml, document, lambda unsigned: in_this_process(unsigned, key, verify_output=verify_output))

    yardstick = openssl_signs_a_second()
    plain = 1 / cpu_seconds(lambda: signed(verify_output=False), times=1000)
    verified = 1 / cpu_seconds(lambda: signed(verify_output=True), times=1000)
    detail = f"of {yardstick:.0f} openssl rsa2048 signs/s; {len(next(xmls))} bytes"
    return [
        Figure("sign without verification of the output", plain / yardstick, ">=", 0.40, f"{plain:.0f}/s {detail}"),
        Figure("sign with verification of the output", verified / yardstick, ">=", 0.33, f"{verified:.0f}/s {detail}"),
        replaced(),
    ]


def in_this_process(xml: bytes, key: Key, *, verify_output: bool) -> Made:
    signed = sign(xml, key)
    if verify_output:
        confirm(signed, key)
    return Made(signed.xml, signed.codigo_seguridad, "")


def replaced() -> Figure:
    """Two callers and one certificate: the time of a signature with signers that are replaced, and with those that never are.

    The rounds are short and alternate, so that both meet the same machine.
    """
    xmls, taken = itertools.cycle(small_ecfs(DOCUMENTS)), {USUAL: list[float](), NEVER: list[float]()}
    with mock_aws(), ExitStack() as running:
        name = store().name
        kinds = {signatures: Signers(there(), verify_output=True) for signatures in taken}
        for signers in kinds.values():
            running.enter_context(signers.running())
            _seconds(signers, name, xmls)
        for signatures in (USUAL, NEVER) * ROUNDS:
            gateway.SIGNATURES = signatures
            taken[signatures] += _seconds(kinds[signatures], name, xmls)
    gateway.SIGNATURES = USUAL
    p95 = {signatures: statistics.quantiles(seconds, n=20)[-1] for signatures, seconds in taken.items()}
    detail = f"p95 {p95[USUAL] * 1000:.2f} ms against {p95[NEVER] * 1000:.2f}; 0 of {len(taken[USUAL])} refused"
    return Figure("sign with signers that are replaced", p95[USUAL] / p95[NEVER], "<=", 1.2, detail)


def _seconds(signers: Signers, name: str, xmls: Iterator[bytes]) -> list[float]:
    def one(xml: bytes) -> float:
        began = time.perf_counter()
        signers.sign(name, xml)
        return time.perf_counter() - began

    with ThreadPoolExecutor(gateway.SIGNERS) as callers:
        return list(callers.map(one, itertools.islice(xmls, SIGNED_A_ROUND)))
