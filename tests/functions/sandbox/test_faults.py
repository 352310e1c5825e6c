"""The stand-in misbehaves as asked: over real connections, where answers can be lost."""

import gzip
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from functions.sandbox.app import build
from functions.sandbox.settings import Settings
from shared.dgii.answers import Estado, Outcome
from shared.dgii.client import Dgii
from shared.dgii.environments import Hosts
from shared.dgii.exchange import http_client
from shared.dgii.failures import AnswerLost, AuthorityTokenRefused, AuthorityUnavailable, SignerNotDelegated, SubmissionRefused
from shared.ecf.signature import Key, sign
from shared.ecf.types import Environment
from tests.data.documents import invoice, summary
from tests.functions.sandbox.issuer import codes, encf
from tests.house import House, a_rnc


class Issuer:
    """One issuer at the stand-in's real address, and the behaviours that are set for it."""

    def __init__(self, address: str, key: Key) -> None:
        self.address, self.key, self.rnc, self.http = address, key, a_rnc(), http_client()
        self.dgii = Dgii(self.http, Hosts(address, address), Environment.TESTECF)
        self.token = self.dgii.authenticate(lambda seed: sign(seed, key).xml).value

    def set(self, name: str, value: str | None = None, **more: object) -> None:
        body = {"environment": "testecf", "rnc": self.rnc, "name": name} | more | ({"value": value} if value is not None else {})
        assert httpx.post(f"{self.address}/sandbox/behaviours", json=body).status_code == 204

    def reset(self) -> None:
        body = {"environment": "testecf", "rnc": self.rnc}
        assert httpx.post(f"{self.address}/sandbox/behaviours/reset", json=body).status_code == 204

    def send(self, number: str) -> str:
        xml = sign(invoice(number, rnc=self.rnc), self.key).xml
        return self.dgii.send_ecf(self.token, f"{self.rnc}{number}.xml", xml).track_id

    def send_summary(self, number: str) -> Outcome:
        xml = sign(summary(number, "ABCDEF", rnc=self.rnc), self.key).xml
        return self.dgii.send_rfce(self.token, f"{self.rnc}{number}.xml", xml)

    def asked_track_ids(self, number: str) -> Any:
        """The answer as DGII wrote it."""
        path, query = "testecf/consultatrackids/api/trackids/consulta", {"rncemisor": self.rnc, "encf": number}
        return httpx.get(f"{self.address}/{path}", params=query, headers={"Authorization": f"Bearer {self.token}"}).json()

    def held(self) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.address}/sandbox/behaviours?environment=testecf").json()
        return [behaviour for behaviour in found if behaviour["rnc"] == self.rnc]

    def arrived(self) -> list[str]:
        query = {"environment": "testecf", "rnc": self.rnc}
        return [document["encf"] for document in httpx.get(f"{self.address}/sandbox/documents", params=query).json()]

    def result(self, track_id: str) -> Estado:
        return self.dgii.result(self.token, track_id).estado


@pytest.fixture
def issuer(house: House, key: Key) -> Iterator[Issuer]:
    made = Issuer(house.address("sandbox"), key)
    yield made
    made.reset()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("reset_before", "", False),
        ("reset_after", "", True),
        ("hang_before", "0", False),
        ("hang_after", "0", True),
        ("error_before", "500", False),
        ("error_after", "500", True),
        ("error_after", "502-html", True),
        ("error_after", "400-bad-request", True),
        ("truncated", "", True),
        ("redirect", "http://127.0.0.1:1/", False),
        ("empty_track_id", "null", True),
        ("empty_track_id", "", True),
    ],
)
def test_an_answer_is_lost_before_or_after_the_document_was_kept(issuer: Issuer, name: str, value: str, kept: bool) -> None:
    issuer.set(name, value, service="recepcion", times=1)
    number = encf()
    with pytest.raises(AnswerLost):
        issuer.send(number)
    assert issuer.arrived() == ([number] if kept else [])
    assert issuer.send(encf()), "it held for one call"


def test_words_of_dgii_are_a_refusal_in_every_shape(issuer: Issuer) -> None:
    shapes = ("bare", "plain", "mensaje", "message", "error", "mensajes", "mensajes-plain", "problem")
    for shape in shapes:
        issuer.set("error_before", f"400-{shape} La firma del XML no es válida", times=1)
        with pytest.raises(SubmissionRefused):
            issuer.send(encf())
    assert issuer.arrived() == []


def test_a_busy_authority_a_missing_delegation_and_a_token_that_is_over(issuer: Issuer) -> None:
    issuer.set("too_many", "7", times=1)
    with pytest.raises(AuthorityUnavailable) as busy:
        issuer.send(encf())
    assert busy.value.facts["retry_after"] == 7
    issuer.set("not_delegated", times=1)
    with pytest.raises(SignerNotDelegated):
        issuer.send(encf())
    issuer.set("token_expired")
    with pytest.raises(AuthorityTokenRefused):
        issuer.send(encf())
    issuer.token = issuer.dgii.authenticate(lambda seed: sign(seed, issuer.key).xml).value
    assert issuer.send(encf())


def test_verdicts_as_asked_for(issuer: Issuer) -> None:
    issuer.set("verdict_delay_ms", "0")
    issuer.set("refused", "004", times=2)
    number = encf()
    outcomes = [issuer.dgii.result(issuer.token, issuer.send(number)) for _ in range(3)]
    assert [o.transient for o in outcomes] == [True, True, False]
    assert outcomes[2].estado is Estado.ACEPTADO
    issuer.set("refused", "615 El RNC del comprador no es válido", times=1)
    spent = issuer.dgii.result(issuer.token, issuer.send(encf()))
    assert (spent.estado, codes(spent), spent.secuencia_utilizada) == (Estado.RECHAZADO, ["615"], True)
    issuer.set("conditional", times=1)
    assert issuer.result(issuer.send(encf())) is Estado.ACEPTADO_CONDICIONAL


def test_somebody_else_used_the_number_first(issuer: Issuer) -> None:
    issuer.set("verdict_delay_ms", "0")
    issuer.set("foreign_use", times=1)
    number = encf()
    outcome = issuer.dgii.result(issuer.token, issuer.send(number))
    assert (codes(outcome), outcome.secuencia_utilizada) == (["1209"], True)
    assert issuer.dgii.state(issuer.token, issuer.rnc, number, "", "").codigo_seguridad == "Ajen0z"


def test_polls_say_in_process_not_found_anothers_and_a_later_rejection(issuer: Issuer) -> None:
    issuer.set("verdict_delay_ms", "0")
    track_id = issuer.send(encf())
    issuer.set("in_process", times=2)
    assert [issuer.result(track_id) for _ in range(3)] == [Estado.EN_PROCESO, Estado.EN_PROCESO, Estado.ACEPTADO]
    issuer.set("not_found", seconds=1, service="consultas")
    assert issuer.result(track_id) is Estado.NO_ENCONTRADO
    time.sleep(1.1)
    issuer.set("wrong_rnc", times=1)
    assert issuer.dgii.result(issuer.token, track_id).rnc == "101000000"
    issuer.set("rejected_later", times=1)
    assert [issuer.result(track_id) for _ in range(2)] == [Estado.RECHAZADO, Estado.ACEPTADO]


def test_the_answer_at_the_reception_of_a_summary_can_be_anothers(issuer: Issuer) -> None:
    issuer.set("wrong_encf", "E320000000099", times=1)
    issuer.set("wrong_rnc", "101000000", service="recepcionfc", times=1)
    number = encf(32)
    foreign, own = issuer.send_summary(encf(32)), issuer.send_summary(number)
    assert (foreign.encf, foreign.rnc) == ("E320000000099", "101000000")
    assert (own.encf, own.rnc) == (number, "")
    issuer.set("wrong_encf", "E320000000098", service="consultas", times=1)
    assert issuer.dgii.rfce(issuer.token, issuer.rnc, number, "ABCDEF").encf == "E320000000098"


def test_a_rejected_summary_can_come_with_a_400_that_is_a_verdict(issuer: Issuer) -> None:
    issuer.set("rejected_with_400")
    assert issuer.send_summary(encf(32)).http_status == 200
    issuer.set("refused", "145", service="recepcionfc", times=1)
    refused = issuer.send_summary(encf(32))
    assert (refused.estado, refused.http_status, codes(refused)) == (Estado.RECHAZADO, 400, ["145"])


def test_track_ids_come_in_the_order_and_with_the_state_asked_for(issuer: Issuer) -> None:
    issuer.set("verdict_delay_ms", "0")
    number = encf()
    sent = [issuer.send(number) for _ in range(3)]

    def listed() -> list[tuple[str, str]]:
        return [(row["trackId"], row["estado"]) for row in issuer.asked_track_ids(number)]

    for order, expected in (("oldest", sent), ("newest", sent[::-1])):
        issuer.set("track_ids_order", order, times=1)
        assert [track_id for track_id, _ in listed()] == expected
    for name, estado in (("in_process", "En proceso"), ("rejected_later", "Rechazado")):
        issuer.set(name, service="consultatrackids", times=1)
        assert {estado for _, estado in listed()} == {estado}
    issuer.set("spent", service="consultas", times=1)
    assert listed()[0] == (sent[0], "Aceptado"), "who holds the number comes first"
    assert [b["times"] for b in issuer.held() if b["name"] == "spent"] == [1], "it could not be seen, so it did not play"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("", []),
        ("row", [{"trackId": None, "estado": "No encontrado"}]),
        ("object", {"trackId": None, "estado": "No encontrado"}),
    ],
)
def test_a_number_without_a_submission_is_said_in_each_way(issuer: Issuer, shape: str, expected: object) -> None:
    issuer.set("not_found", shape, service="consultatrackids")
    assert issuer.asked_track_ids(encf()) == expected


def test_the_status_service_misbehaves_too(issuer: Issuer) -> None:
    asked = f"{issuer.address}/api/estatusservicios/verificarestado?ambiente="
    headers = {"Authorization": "Apikey x"}
    body = {"environment": "certecf", "name": "error_before", "service": "estatus", "value": "503", "times": 1}
    assert httpx.post(f"{issuer.address}/sandbox/behaviours", json=body).status_code == 204
    assert [httpx.get(f"{asked}{n}", headers=headers).status_code for n in (2, 3, 3)] == [200, 503, 200]


def test_two_documents_get_one_track_id(issuer: Issuer) -> None:
    first = issuer.send(encf())
    issuer.set("duplicate_track_id", times=1)
    assert issuer.send(encf()) == first


def test_slow_answers_and_a_stream_that_hurts(issuer: Issuer) -> None:
    issuer.set("slow", "150-200", times=1)
    began = time.monotonic()
    track_id = issuer.send(encf())
    assert time.monotonic() - began >= 0.15
    issuer.set("large_body", "3", times=1)
    with pytest.raises(AnswerLost):
        issuer.send(encf())
    issuer.set("gzip_bomb", "20", times=1, service="consultaresultado")
    headers = {"Authorization": f"Bearer {issuer.token}", "Accept-Encoding": "identity"}
    url = f"{issuer.address}/testecf/consultaresultado/api/consultas/estado"
    with httpx.stream("GET", url, params={"trackid": track_id}, headers=headers) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 30_000
    assert len(gzip.decompress(packed)) == 20_000_000


def test_the_host_of_summaries_is_down_while_the_other_is_up(issuer: Issuer) -> None:
    issuer.set("reset_before", service="fc")
    with pytest.raises(AnswerLost):
        issuer.dgii.send_rfce(issuer.token, "a.xml", b"<RFCE><RNCEmisor>" + issuer.rnc.encode() + b"</RNCEmisor></RFCE>")
    with pytest.raises(AuthorityUnavailable):
        issuer.dgii.rfce(issuer.token, issuer.rnc, "E320000000001", "x")
    assert issuer.send(encf())


def test_maintenance_stops_one_environment_and_the_status_service_lists_it(sandbox: TestClient) -> None:
    whole = {"environment": "certecf", "name": "maintenance"}
    seed = "/certecf/autenticacion/api/autenticacion/semilla"
    assert sandbox.post("/sandbox/behaviours", json=whole).status_code == 204
    assert sandbox.get(seed).status_code == 503
    assert sandbox.get(seed.replace("certecf", "testecf")).status_code == 200
    headers = {"Authorization": "Apikey x"}
    states = {n: sandbox.get(f"/api/estatusservicios/verificarestado?ambiente={n}", headers=headers).json() for n in "123"}
    assert [states[n]["estado"] for n in "123"] == ["Disponible", "Disponible", "No Disponible"]
    windows = sandbox.get("/api/estatusservicios/obtenerventanasmantenimiento", headers=headers).json()["ventanaMantenimientos"]
    assert [w["ambiente"] for w in windows] == ["Certificacion"]
    assert sandbox.post("/sandbox/behaviours/reset", json={"environment": "certecf"}).status_code == 204
    assert sandbox.get(seed).status_code == 200


def test_maintenance_is_not_listed_once_it_is_over_nor_when_it_is_of_one_issuer(sandbox: TestClient) -> None:
    def listed() -> tuple[str, list[str]]:
        headers = {"Authorization": "Apikey x"}
        state = sandbox.get("/api/estatusservicios/verificarestado?ambiente=3", headers=headers).json()["estado"]
        windows = sandbox.get("/api/estatusservicios/obtenerventanasmantenimiento", headers=headers).json()["ventanaMantenimientos"]
        return state, [w["horaInicio"] for w in windows if w["ambiente"] == "Certificacion"]

    def set_(**more: object) -> None:
        body = {"environment": "certecf", "name": "maintenance"} | more
        assert sandbox.post("/sandbox/behaviours", json=body).status_code == 204

    set_(seconds=1)
    set_(rnc="101000001")
    assert listed() == ("No Disponible", ["12:00 AM"])
    time.sleep(1.1)
    assert listed() == ("Disponible", [])
    set_(value="1:00 AM-2:00 AM on 01-01-2026")
    assert listed() == ("Disponible", [])
    set_(service="recepcion")
    assert listed()[0] == "Disponible", "of one service, the environment is up"
    rows = sandbox.get("/api/estatusservicios/obtenerestatus", headers={"Authorization": "Apikey x"}).json()
    assert [row["servicio"] for row in rows if row["estatus"] == "No Disponible"] == ["Recepción"]
    sandbox.post("/sandbox/behaviours/reset", json={"environment": "certecf"})


def test_whoever_prepares_needs_the_key_where_one_is_set(make_settings: Callable[..., Settings]) -> None:
    with TestClient(build(make_settings(sandbox_admin_key=SecretStr("k")))) as client:
        asked = "/sandbox/behaviours?environment=testecf"
        assert client.get(asked).status_code == 401
        assert client.get(asked, headers={"Authorization": "Apikey no"}).status_code == 401
        assert client.get(asked, headers={"Authorization": "Apikey k"}).status_code == 200
        assert client.get("/testecf/autenticacion/api/autenticacion/semilla").status_code == 200
