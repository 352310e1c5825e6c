"""Each purpose has its own rules and its own callers; a certificate signs while it, its holder and its company may."""

import base64
import ctypes
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from functions.sign.handlers import PURPOSES
from shared.db.ids import uuid7
from shared.ecf import companions
from shared.ecf.encf import ENCF
from shared.ecf.signature import verify
from shared.ecf.xml import write
from shared.events.certificates import CertificateRevoked, SignerAuthorised, SignerWithdrawn
from shared.events.keys import FunctionKey
from shared.identity.tokens import issue_service_token
from tests.data.documents import BUYER, invoice, summary
from tests.data.facts import delivered, example, signed
from tests.house import House, _seed, a_rnc
from tests.places import ROOT

SEED = b"<SemillaModel><valor>abc=</valor><fecha>2026-11-24T12:00:00-04:00</fecha></SemillaModel>"
CEDULA = "00199999996"


class Company:
    """A tenant with ranges 1 to 1000 of 31 and 32 and one certificate."""

    def __init__(self, house: House) -> None:
        self.house, self.rnc = house, a_rnc()
        self.tenant = house.company(self.rnc)
        listed = house.client("client").get("/tenant/certificates", headers=house.token(self.tenant)).json()
        self.certificate = listed["items"][0]["id"]

    def sign(self, xml: bytes, purpose: str, caller: str, *, of_token: str | None = None) -> Any:
        sent = {"purpose": purpose, "certificate_id": self.certificate, "xml": base64.b64encode(xml).decode()}
        return self.post("/sign/xml", sent, of_token or purpose, caller)

    def validate(self, fingerprint: str, *, caller: str = "client", certificate: str | None = None) -> Any:
        sent = {"certificate_id": certificate or self.certificate, "fingerprint": fingerprint}
        return self.post("/sign/certificate/validate", sent, "certificate", caller)

    def post(self, path: str, sent: dict[str, str], purpose: str, caller: str) -> Any:
        body = json.dumps(sent).encode()
        token = issue_service_token(self.house.keys[caller], audience="sign", tenant=self.tenant, purpose=purpose, body=body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.house.client("sign").post(path, content=body, headers=headers)

    def hear(self, kind: type[Any], sequence: int, **given: object) -> None:
        fact = example(kind, **given)
        headers, body = delivered(signed(self.house.keys["client"], fact, tenant=self.tenant, sequence=sequence))
        assert self.house.client("sign").post("/events", content=body, headers=headers).status_code == 204


@pytest.fixture
def company(fresh: House) -> Company:
    """On a house that also has the two functions which are still to come."""
    for name in ("receiver", "approvals"):
        fresh.keys[name] = FunctionKey(name, _seed())
    return Company(fresh)


def document(company: Company, encf: str = "E320000000001") -> bytes:
    return invoice(encf, rnc=company.rnc, vencimiento="31-12-2028", buyer="")


def code(answer: Any) -> str:
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:signing-refused"), answer.text
    said: str = answer.json()["code"]
    return said


def unseen(answer: Any) -> bool:
    return (answer.status_code, answer.json()["type"]) == (503, "urn:getupnet:facts-not-seen")


def arecf(company: Company, *, buyer: str | None = None) -> bytes:
    made = companions.arecf(
        rnc_emisor=BUYER, rnc_comprador=buyer or company.rnc, encf=ENCF.parse("E310000000001"), fecha_hora=datetime.now(UTC)
    )
    return write(made)


def acecf(company: Company, *, buyer: str | None = None) -> bytes:
    now = datetime.now(UTC)
    made = companions.acecf(
        rnc_emisor=BUYER,
        rnc_comprador=buyer or company.rnc,
        encf=ENCF.parse("E310000000001"),
        fecha_emision=now.date(),
        monto_total=Decimal("100.00"),
        fecha_hora=now,
    )
    return write(made)


def anecf(company: Company, first: str = "E310000000005", last: str = "E310000000009", *, rnc: str | None = None) -> bytes:
    made = companions.anecf(
        rnc_emisor=rnc or company.rnc, rangos=[(ENCF.parse(first), ENCF.parse(last))], fecha_hora=datetime.now(UTC)
    )
    return write(made)


def test_each_purpose_signs_its_own_document(company: Company) -> None:
    whole = company.sign(document(company), "ecf", "billing").json()
    rfce = summary("E320000000001", whole["codigo_seguridad"], rnc=company.rnc)
    for xml, purpose, caller in (
        (rfce, "rfce", "billing"),
        (arecf(company), "arecf", "receiver"),
        (acecf(company), "acecf", "approvals"),
        (anecf(company), "anecf", "billing"),
        (SEED, "semilla", "dgii"),
    ):
        answer = company.sign(xml, purpose, caller)
        assert answer.status_code == 200, (purpose, answer.text)
        assert verify(base64.b64decode(answer.json()["xml"]), at=None)


def test_a_document_is_not_signed_for_another_purpose(company: Company) -> None:
    made = {"ecf": document(company), "arecf": arecf(company), "acecf": acecf(company), "anecf": anecf(company), "semilla": SEED}
    taken = []
    for purpose, rule in PURPOSES.items():
        for of, xml in made.items():
            answer = company.sign(xml, purpose, sorted(rule.callers)[0])
            if answer.status_code == 200:
                taken.append((purpose, of))
            else:
                assert answer.status_code in (409, 422), (purpose, of, answer.text)
    assert taken == [(purpose, purpose) for purpose in ("ecf", "anecf", "arecf", "acecf", "semilla")]


def test_a_purpose_belongs_to_its_callers_and_to_its_token(company: Company) -> None:
    for purpose, rule in PURPOSES.items():
        for caller in {"billing", "dgii", "receiver", "approvals"} - rule.callers:
            answer = company.sign(SEED, purpose, caller)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:purpose-refused"), (purpose, caller)
    answer = company.sign(document(company), "ecf", "billing", of_token="anecf")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:getupnet:purpose-refused")


def test_companions_of_another_company_are_refused(company: Company) -> None:
    other = a_rnc()
    assert code(company.sign(arecf(company, buyer=other), "arecf", "receiver")) == "company"
    assert code(company.sign(acecf(company, buyer=other), "acecf", "approvals")) == "company"
    assert code(company.sign(anecf(company, rnc=other), "anecf", "billing")) == "company"


@pytest.mark.parametrize(("first", "last"), [("E310000000999", "E310000001001"), ("E330000000001", "E330000000001")])
def test_numbers_of_no_known_range_are_not_voided(company: Company, first: str, last: str) -> None:
    assert unseen(company.sign(anecf(company, first, last), "anecf", "billing"))


def test_a_summary_is_only_of_what_was_signed_here(company: Company) -> None:
    assert unseen(company.sign(summary("E320000000002", "AAAAAA", rnc=company.rnc), "rfce", "billing"))
    company.sign(document(company, "E320000000002"), "ecf", "billing")
    refused = company.sign(summary("E320000000002", "AAAAAA", rnc=company.rnc), "rfce", "billing")
    assert code(refused) == "security-code"


def test_a_withdrawn_holder_signs_nothing_until_they_are_back(company: Company) -> None:
    company.hear(SignerWithdrawn, 2, cedula=CEDULA)
    assert code(company.sign(document(company), "ecf", "billing")) == "holder"
    assert code(company.sign(SEED, "semilla", "dgii")) == "holder"
    company.hear(SignerAuthorised, 3, cedula=CEDULA)
    company.hear(SignerWithdrawn, 2, cedula=CEDULA)
    assert company.sign(document(company), "ecf", "billing").status_code == 200


def test_a_holder_of_whom_nothing_was_heard_means_again(company: Company) -> None:
    with company.house.database("sign").transaction(company.tenant) as tx:
        tx.rows("UPDATE sign.signers SET cedula = '00100000017'")
    assert unseen(company.sign(document(company), "ecf", "billing"))


def test_a_revoked_certificate_signs_nothing(company: Company) -> None:
    company.hear(CertificateRevoked, 2, certificate_id=company.certificate)
    assert code(company.sign(document(company), "ecf", "billing")) == "revoked"
    assert code(company.sign(arecf(company), "arecf", "receiver")) == "revoked"


def test_a_stored_key_is_tried_out_by_client_alone(company: Company) -> None:
    shown = company.house.client("client").get(
        f"/tenant/certificates/{company.certificate}", headers=company.house.token(company.tenant)
    )
    fingerprint = shown.json()["fingerprint"]
    assert company.validate(fingerprint).json() == {"fingerprint": fingerprint}
    assert code(company.validate("0" * 64)) == "certificate-other"
    assert company.validate(fingerprint, caller="billing").status_code == 401
    assert company.validate(fingerprint, certificate=uuid7()).status_code == 503


PRCTL = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
KEPT = f"import resource; from shared.confinement import keep_memory_private as k; k(); {PRCTL}; print(resource.getrlimit(4))"


@pytest.mark.parametrize(("program", "kept"), [(KEPT, "0\n(0, 0)"), (PRCTL, "1")])
def test_a_process_that_holds_keys_leaves_no_core_and_is_not_dumpable(program: str, kept: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == kept


def test_sign_keeps_its_memory_private(company: Company) -> None:
    company.house.client("sign")
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0
