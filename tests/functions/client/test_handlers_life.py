"""After the upload: who may sign, which certificate signs, how it ends, and how often one may try."""

import logging
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.client import domain
from functions.client.handlers import EXPIRY, warn
from functions.sandbox.authority import CEDULA, Authority
from shared.db.ids import uuid7
from shared.flow.work import Job
from shared.identity.permissions import Permission
from tests.house import House

PASSWORD = "clave ñ"
AUTHORITY = Authority.create()
LEAF = AUTHORITY.issue()
OTHER_CEDULA = "00100000017"


def upload(house: House, tenant: str, p12: bytes | None = None, **form: str) -> Any:
    return house.client("client").post(
        "/tenant/certificates",
        files={"p12": ("p.p12", p12 or LEAF.p12(PASSWORD))},
        data={"password": PASSWORD} | form,
        headers=house.token(tenant),
    )


def ask(house: House, tenant: str, method: str, path: str, body: object = None) -> Any:
    return house.client("client").request(method, path, json=body, headers=house.token(tenant))


def announced(house: House, tenant: str) -> list[str]:
    with house.database("client").transaction(tenant) as tx:
        return [row.type.removeprefix("do.getupnet.") for row in tx.rows("SELECT type FROM flow.outbox ORDER BY seq")]


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:getupnet:")


def test_the_first_upload_makes_its_holder_the_first_signer(house: House) -> None:
    tenant = uuid7()
    assert upload(house, tenant).status_code == 201
    (signer,) = ask(house, tenant, "GET", "/tenant/signers").json()["items"]
    assert (signer["cedula"], signer["name"], signer["authorised"]) == (CEDULA, "FIRMANTE PRUEBA", True)
    assert announced(house, tenant) == ["signer.authorised.v1", "certificate.registered.v1"]


def test_a_first_holder_whom_nobody_confirms_is_shown_and_refused(house: House) -> None:
    tenant = uuid7()
    answer = upload(house, tenant, confirm_holder="false")
    assert problem(answer) == (422, "holder-not-authorised")
    assert (answer.json()["holder"], answer.json()["cedula"]) == ("FIRMANTE PRUEBA", CEDULA)
    assert announced(house, tenant) == ["certificate.refused.v1"]


def test_somebody_else_signs_once_they_are_authorised_and_no_longer_when_withdrawn(house: House) -> None:
    tenant, other = uuid7(), AUTHORITY.issue(OTHER_CEDULA).p12(PASSWORD)
    assert upload(house, tenant).status_code == 201
    assert problem(upload(house, tenant, other)) == (422, "holder-not-authorised")
    made = ask(house, tenant, "POST", "/tenant/signers", {"cedula": OTHER_CEDULA, "name": "Otra Firmante"})
    assert made.status_code == 201
    assert upload(house, tenant, other).status_code == 201
    assert ask(house, tenant, "DELETE", f"/tenant/signers/{made.json()['id']}").json()["authorised"] is False
    assert problem(upload(house, tenant, other)) == (422, "holder-not-authorised")
    assert ask(house, tenant, "DELETE", f"/tenant/signers/{made.json()['id']}").status_code == 404


def test_a_company_whose_signers_were_all_withdrawn_gets_no_new_first_one(house: House) -> None:
    tenant = uuid7()
    upload(house, tenant)
    (signer,) = ask(house, tenant, "GET", "/tenant/signers").json()["items"]
    ask(house, tenant, "DELETE", f"/tenant/signers/{signer['id']}")
    assert problem(upload(house, tenant)) == (422, "holder-not-authorised")


@pytest.mark.parametrize("cedula", ["", "1", "0019999999", "001-9999999-6", "٠٠١٩٩٩٩٩٩٩٦", "001999999960"])
def test_what_is_no_cedula_is_no_signer(house: House, cedula: str) -> None:
    answer = ask(house, uuid7(), "POST", "/tenant/signers", {"cedula": cedula, "name": "Alguien"})
    assert answer.status_code == 422


def test_two_live_with_a_cut_over_and_no_third(house: House) -> None:
    tenant = uuid7()
    first = upload(house, tenant).json()
    cut = datetime.now(UTC) + timedelta(days=3)
    second = upload(house, tenant, active_from=cut.isoformat()).json()
    listed = {one["id"]: one["estado"] for one in ask(house, tenant, "GET", "/tenant/certificates").json()["items"]}
    assert listed == {first["id"]: "en_uso", second["id"]: "en_espera"}
    assert second["active_from"] == cut.isoformat()
    assert problem(upload(house, tenant)) == (409, "certificates-full")


def test_a_revoked_one_signs_nothing_and_the_other_takes_over(house: House) -> None:
    tenant = uuid7()
    first, second = upload(house, tenant).json(), upload(house, tenant).json()
    assert ask(house, tenant, "GET", f"/tenant/certificates/{first['id']}").json()["estado"] == "de_reserva"
    path = f"/tenant/certificates/{second['id']}/revoke"
    gone = ask(house, tenant, "POST", path, {"reason": "equipo perdido"}).json()
    assert (gone["estado"], gone["revoked_because"], gone["revoked_by"]) == ("revocado", "equipo perdido", "a-user")
    assert ask(house, tenant, "GET", f"/tenant/certificates/{first['id']}").json()["estado"] == "en_uso"
    assert problem(ask(house, tenant, "POST", path, {"reason": "otra vez"})) == (409, "certificate-revoked")
    assert announced(house, tenant)[-1] == "certificate.revoked.v1"


def test_the_detail_shows_the_chain_and_no_key(house: House) -> None:
    tenant = uuid7()
    made = upload(house, tenant).json()
    answer = ask(house, tenant, "GET", f"/tenant/certificates/{made['id']}")
    assert [link["issuer"] for link in answer.json()["chain"]] == [AUTHORITY.certificate.subject.rfc4514_string()]
    assert answer.json()["days_left"] in (730, 731)
    assert "PRIVATE" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_companys_certificate_is_not_there(house: House, method: str) -> None:
    tenant = uuid7()
    path = f"/tenant/certificates/{upload(house, tenant).json()['id']}" + ("/revoke" if method == "POST" else "")
    assert ask(house, uuid7(), method, path, {"reason": "no es mío"} if method == "POST" else None).status_code == 404


def test_a_reader_changes_nothing(house: House) -> None:
    headers = house.token(uuid7(), Permission.CERTIFICATES_READ)
    client = house.client("client")
    assert client.get("/tenant/signers", headers=headers).status_code == 200
    body = {"cedula": CEDULA, "name": "Alguien"}
    assert problem(client.post("/tenant/signers", json=body, headers=headers)) == (403, "permission-missing")
    assert problem(client.delete(f"/tenant/signers/{uuid7()}", headers=headers)) == (403, "permission-missing")


def test_ten_uploads_an_hour_failed_ones_too_and_another_company_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.client.gateway.REFUSAL_SECONDS", 0.0)
    tenant = uuid7()
    for _ in range(domain.UPLOADS_AN_HOUR):
        assert upload(house, tenant, b"x").status_code == 422
    answer = upload(house, tenant)
    assert problem(answer) == (429, "uploads-exhausted")
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert upload(house, uuid7()).status_code == 201


def test_the_time_of_a_refusal_does_not_tell_a_wrong_password_from_a_bad_file(house: House) -> None:
    def seconds(p12: bytes) -> float:
        began = time.monotonic()
        assert upload(house, uuid7(), p12).status_code == 422
        return time.monotonic() - began

    wrong, bad = LEAF.p12("otra"), LEAF.p12(PASSWORD)[:-9]
    taken = [[seconds(kind) for _ in range(3)] for kind in (wrong, bad, b"x")]
    assert all(statistics.median(times) >= 1.0 for times in taken)
    assert max(map(statistics.median, taken)) - min(map(statistics.median, taken)) < 0.1


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_neither_password_nor_key_is_in_a_log(house: House, said: pytest.LogCaptureFixture) -> None:
    for password in (PASSWORD, "una clave equivocada"):
        upload(house, uuid7(), password=password)
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in said.records)
    assert not [secret for secret in (PASSWORD, "equivocada", "PRIVATE KEY") if secret in text]
    logging.getLogger("x").warning(PASSWORD)
    assert PASSWORD in said.text, "the capture sees what is logged"


def ending_in(house: House, days: float) -> tuple[str, str]:
    """A tenant and its certificate, which ends in that many days."""
    tenant = uuid7()
    leaf = AUTHORITY.issue(not_after=datetime.now(UTC) + timedelta(days=days))
    return tenant, upload(house, tenant, leaf.p12(PASSWORD)).json()["id"]


def due(house: House, tenant: str) -> list[Any]:
    with house.database("client").transaction(tenant) as tx:
        return list(tx.rows("SELECT state, due_at, payload FROM flow.work"))


def run(house: House, tenant: str, certificate: str) -> None:
    """One claim of the alert, whenever it is due."""
    with house.database("client").transaction(tenant) as tx:
        row = tx.rows("UPDATE flow.work SET attempts = attempts + 1 RETURNING payload, attempts")[0]
    now = datetime.now(UTC)
    job = Job(tenant, EXPIRY, certificate, row.payload, row.attempts, 0, "", now, now)
    warn(house.shell("client"), job)


def test_the_alert_waits_for_the_thirtieth_day_before_the_end(house: House) -> None:
    tenant, _ = ending_in(house, 100)
    (job,) = due(house, tenant)
    assert abs((job.due_at - datetime.now(UTC)) - timedelta(days=70)) < timedelta(minutes=1)


@pytest.mark.parametrize(("days", "said", "then"), [(29.5, 30, 14.5), (12, 15, 5), (6.5, 7, 5.5), (0.5, 1, None)])
def test_an_alert_is_announced_once_and_the_next_is_planned(house: House, days: float, said: int, then: float | None) -> None:
    tenant, certificate = ending_in(house, days)
    for _ in range(1 if then is None else 2):
        run(house, tenant, certificate)
    with house.database("client").transaction(tenant) as tx:
        told = tx.rows("SELECT data FROM flow.outbox WHERE type LIKE '%expiring%'")
    assert len(told) == 1
    assert f'"days_left":{said}' in told[0].data.replace(" ", "")
    (job,) = due(house, tenant)
    if then is None:
        assert job.state == "done"
    else:
        assert abs((job.due_at - datetime.now(UTC)) - timedelta(days=then)) < timedelta(minutes=1)


def test_a_revoked_certificate_gives_no_alert(house: House) -> None:
    tenant, certificate = ending_in(house, 5)
    ask(house, tenant, "POST", f"/tenant/certificates/{certificate}/revoke", {"reason": "cambio"})
    assert [job.state for job in due(house, tenant)] == ["done"]
