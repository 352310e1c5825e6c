"""Inside sign, without HTTP: document in, gate, schema, checks, signed, serialised out; against openssl's own speed."""

import itertools
import re
import subprocess
from datetime import UTC, date, datetime, timedelta

from functions.sandbox.authority import Authority
from functions.sign.domain import ECF, Certificate, Company, Facts, Range, check, read_document, sign_ecf
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.key import Key
from shared.ecf.types import TipoECF
from shared.ecf.xml import write
from tests.bench.figures import Figure, cpu_seconds
from tests.functions.billing.bodies import FACTURA

RNC = "131880738"
DOCUMENTS = 3000


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
        sign_ecf(xml, document, key, verify_output=verify_output)

    yardstick = openssl_signs_a_second()
    plain = 1 / cpu_seconds(lambda: signed(verify_output=False), times=1000)
    verified = 1 / cpu_seconds(lambda: signed(verify_output=True), times=1000)
    detail = f"of {yardstick:.0f} openssl rsa2048 signs/s; {len(next(xmls))} bytes"
    return [
        Figure("sign without verification of the output", plain / yardstick, ">=", 0.40, f"{plain:.0f}/s {detail}"),
        Figure("sign with verification of the output", verified / yardstick, ">=", 0.33, f"{verified:.0f}/s {detail}"),
    ]
