"""WEB-16: marked secrets go through the doors, wrong ways too, and end in no log, metric, answer, row, cache, PDF or mail."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pypdf import PdfReader

from functions.sandbox.authority import Authority
from knative.embedded.valkey import Valkey
from shared.cache.redis import Cache
from shared.db.seal import PLATFORM
from shared.telemetry.logs import JsonFormatter
from tests.conftest import _copy, _url
from tests.functions.auth.people import bearer, log_in, owner
from tests.functions.billing.bodies import FACTURA
from tests.functions.notify.post import mails_to, part, token_in
from tests.functions.notify.test_handlers_secret import everything_stored
from tests.functions.ri.case import Case, flat
from tests.house import SEAL_KEY, House

PASSWORD, NEXT_PASSWORD = "CANARIO clave de persona 7f3a", "CANARIO otra clave 91bc"
P12_PASSWORD, CARD = "CANARIO clave del p12 55aa", "4111111111111111"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(tmp_path_factory.mktemp("valkey") / "data").start()
    yield made
    made.stop()


@pytest.fixture
def house(template: str, valkey: Valkey) -> Iterator[House]:
    """A house of its own with a Redis that remembers."""
    for name in _copy(template):
        with House(lambda role, name=name: _url(name, role), redis_url=valkey.url) as made:  # type: ignore[misc]
            yield made


@pytest.fixture
def said(house: House) -> Iterator[list[str]]:
    """Every line any logger of this process says from now on, DEBUG included."""
    lines: list[str] = []
    # A function that is built takes all handlers away, so those that will speak are built before.
    for name in house.keys:
        house.client(name)

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, keep = logging.getLogger(), Keep()
    keep.setFormatter(JsonFormatter("test"))
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keep)
    root.setLevel(level)


class Doors:
    """Calls that keep the bodies of refusals."""

    def __init__(self, house: House) -> None:
        self.house, self.problems = house, list[str]()

    def call(self, function: str, method: str, path: str, *, refused: bool = False, **sent: Any) -> Any:
        answer = self.house.client(function).request(method, path, **sent)
        assert (answer.status_code >= 400) == refused, (path, answer.text)
        if refused:
            self.problems.append(answer.text)
        return answer


def _certificate(doors: Doors, headers: dict[str, str]) -> bytes:
    """Uploaded wrongly, brokenly and well; the private key's middle."""
    p12 = Authority.create().issue().p12(P12_PASSWORD)
    key = pkcs12.load_key_and_certificates(p12, P12_PASSWORD.encode())[0]
    assert key is not None
    for file, password in ((p12, P12_PASSWORD + "!"), (p12[:-40], P12_PASSWORD)):
        doors.call(
            "client",
            "POST",
            "/tenant/certificates",
            refused=True,
            files={"p12": ("a.p12", file)},
            data={"password": password},
            headers=headers,
        )
    doors.call(
        "client", "POST", "/tenant/certificates", files={"p12": ("a.p12", p12)}, data={"password": P12_PASSWORD}, headers=headers
    )
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())[90:150]


def _walk(house: House, doors: Doors) -> tuple[dict[str, str], str]:
    """Every secret by its name, after all of them went through; and the address of whose they are."""
    person = owner(house)
    house.client("auth").post("/auth/password/forgot", json={"email": person.email})
    house.settle()
    mail_token = token_in(mails_to(person.email)[-1])
    doors.call("auth", "POST", "/auth/password/reset", refused=True, json={"token": mail_token, "password": PASSWORD[:9]})
    doors.call("auth", "POST", "/auth/password/reset", json={"token": mail_token, "password": PASSWORD})
    doors.call("auth", "POST", "/auth/password/reset", refused=True, json={"token": mail_token, "password": PASSWORD})
    came = log_in(house, person, password=PASSWORD)
    headers, refresh = bearer(came), came.json()["refresh_token"]
    doors.call("auth", "POST", "/auth/login", refused=True, json={"email": person.email, "password": PASSWORD, "x": PASSWORD})
    doors.call("auth", "POST", "/auth/password", refused=True, json={"current": NEXT_PASSWORD, "new": PASSWORD}, headers=headers)
    doors.call("auth", "POST", "/auth/refresh", refused=True, json={"refresh_token": [refresh]})
    keys = {}
    for kind in ("oauth", "hmac"):
        sent = {"name": "Odoo", "permissions": ["invoices.read"], "kind": kind}
        made = doors.call("auth", "POST", "/auth/api-keys", json=sent, headers=headers).json()
        keys[kind] = made["client_secret"]
        form = {"grant_type": "nada", "client_id": made["client_id"], "client_secret": made["client_secret"]}
        doors.call("auth", "POST", "/auth/token", refused=True, data=form)
    p12_key = _certificate(doors, headers)
    begun = doors.call("auth", "POST", "/auth/mfa/enroll", json={"password": PASSWORD}, headers=headers).json()
    doors.call("auth", "POST", "/auth/mfa/verify", refused=True, json={"code": begun["secret"]}, headers=headers)
    doors.call("auth", "POST", "/auth/mfa/verify", json={"code": pyotp.TOTP(begun["secret"]).now()}, headers=headers)
    challenge = log_in(house, person, password=PASSWORD).json()["challenge"]
    recovery = {"challenge": challenge, "recovery_code": begun["recovery_codes"][0]}
    doors.call("auth", "POST", "/auth/mfa/verify", json=recovery)
    doors.call("auth", "POST", "/auth/mfa/verify", refused=True, json=recovery)
    doors.call(
        "billing",
        "POST",
        "/tenant/emit/ecf",
        refused=True,
        json=FACTURA | {"tarjeta": CARD},
        headers=headers | {"Idempotency-Key": CARD},
    )
    house.settle()
    return {
        "password": PASSWORD,
        "TOTP secret": begun["secret"],
        "recovery code": begun["recovery_codes"][0],
        "refresh token": refresh,
        "access token": came.json()["access_token"],
        "key of a program": keys["oauth"],
        "HMAC secret": keys["hmac"],
        "password of the P12": P12_PASSWORD,
        "private key of the P12, in base64": b64encode(p12_key).decode(),
        "private key of the P12, as bytes are shown": p12_key.hex(),
        "seal key": SEAL_KEY.decode(),
        "function key": house.keys["auth"].seed,
        "credential key": house.credential_key,
        "token of a reset": mail_token,
        "card": CARD,
    }, person.email


def remembered(valkey: Valkey) -> str:
    """Whatever was ever written to Redis, as it stands in its append-only files."""
    return "\n".join(file.read_bytes().decode("latin-1") for file in sorted(valkey.data.rglob("*.aof")))


def printed(house: House) -> str:
    """The text, the attachments and the bytes of an accepted invoice's PDF."""
    tenant = house.company()
    invoice = house.emit(tenant, FACTURA).json()
    house.settle()
    case = Case(house, tenant, invoice["id"], b"")
    assert case.deliver(case.outcome()) == 204
    pdf = case.get().content
    reader = PdfReader(BytesIO(pdf))
    attached = [content.decode() for contents in reader.attachments.values() for content in contents]
    assert (invoice["encf"] in flat(reader), len(attached)) == (True, 1)
    return "\n".join([flat(reader), *attached, pdf.decode("latin-1")])


def found(secrets: dict[str, str], place: str) -> list[str]:
    """Which of them a text holds, as it is or as PostgreSQL shows bytes."""
    return [name for name, secret in secrets.items() if secret in place or secret.encode().hex() in place]


def test_fourteen_marked_secrets_are_in_no_log_trace_metric_refusal_row_cache_pdf_or_mail(
    house: House, valkey: Valkey, said: list[str]
) -> None:
    doors = Doors(house)
    secrets, email = _walk(house, doors)
    assert len(set(secrets.values())) == 15, "fourteen, one of them in two forms"
    logged, stored, refused = "\n".join(said), everything_stored(house), "\n".join(doors.problems)
    metrics = "\n".join(house.client(name).get("/metrics").text for name in house.keys)
    mails = mails_to(email)
    cached, pdf = remembered(valkey), printed(house)
    assert ('"span"' in logged, ":limit:" in cached) == (True, True)
    assert (len(doors.problems) >= 10, "/auth/mfa/verify" in logged, email in stored, "# HELP" in metrics) == (True,) * 4
    for name, place in {
        "logs": logged,
        "metrics": metrics,
        "refusals": refused,
        "rows": stored,
        "cache": cached,
        "PDF": pdf,
    }.items():
        assert found(secrets, place) == [], name
    assert {one for mail in mails for one in found(secrets, part(mail, "plain") + part(mail, "html"))} == {"token of a reset"}
    assert sum(secrets["token of a reset"] in part(mail, "plain") for mail in mails) == 1


def test_a_line_a_row_or_a_key_with_a_secret_would_be_seen(house: House, valkey: Valkey, said: list[str]) -> None:
    """The mutants."""
    Cache(valkey.url).put("x:y", "CANARIO en caché", seconds=60)
    assert found({"cache": "CANARIO en cach"}, remembered(valkey)) == ["cache"]
    logging.getLogger("functions.auth").info("log-in", extra={"body": {"password": PASSWORD}})
    assert found({"password": PASSWORD}, "\n".join(said)) == ["password"]
    person = owner(house)
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.users SET name = 'CANARIO en fila' WHERE id = CAST(:u AS uuid)", u=person.id)
    assert found({"row": "CANARIO en fila"}, everything_stored(house)) == ["row"]
