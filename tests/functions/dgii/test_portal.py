"""The doors of dgii: what a company sees of its own documents, of DGII, and nothing of anybody else's."""

from collections.abc import Iterator

import httpx
import pytest

from functions.dgii.breaker import OPENS_AFTER
from shared.dgii.client import Dgii
from shared.dgii.failures import AuthorityUnavailable
from shared.identity.permissions import Permission
from tests.functions.dgii.playing import Player
from tests.house import House, a_rnc


@pytest.fixture(scope="module")
def player(house: House) -> Iterator[Player]:
    made = Player.create(house)
    made.set("verdict_delay_ms", "0")
    house.settle()
    yield made
    made.reset()


def test_the_certificate_is_tried_and_no_token_is_shown(house: House, player: Player) -> None:
    answer = house.client("dgii").post("/dgii/token", headers=house.token(player.tenant))
    assert (answer.status_code, set(answer.json()), answer.json()["environment"]) == (
        200,
        {"environment", "certificate_id"},
        "testecf",
    )
    player.set("token_expired")
    assert house.client("dgii").post("/dgii/token", headers=house.token(house.company(certificate=False))).status_code in (404, 409)
    player.reset()


def test_a_document_is_shown_with_its_evidence_to_its_company_alone(house: House, player: Player) -> None:
    encf = player.emit()["encf"]
    found = player.work_on(encf, "aceptado")
    assert [step["step"] for step in found["evidencia"]][:2] == ["send", "send"]
    assert '"codigo":"1"' in found["evidencia"][-1]["detail"].replace(" ", "")
    for method, path, body in (
        ("GET", f"/dgii/ecf/status?encf={encf}", None),
        ("POST", "/dgii/ecf/status", {"encf": encf}),
        ("POST", "/dgii/ecf/send", {"encf": encf}),
    ):
        own = house.client("dgii").request(method, path, json=body, headers=house.token(player.tenant))
        foreign = house.client("dgii").request(method, path, json=body, headers=house.token(house.company()))
        assert (own.status_code, foreign.status_code) == (200 if method == "GET" else 202, 404)
        assert foreign.json()["type"] == "urn:getupnet:dgii-submission-unknown"
    assert house.client("dgii").get("/dgii/ecf/status?encf=E31", headers=house.token(player.tenant)).status_code == 422


def test_reading_needs_no_right_to_emit_and_sending_does(house: House, player: Player) -> None:
    headers = house.token(player.tenant, Permission.INVOICES_READ)
    assert house.client("dgii").post("/dgii/ecf/send", json={"encf": "E310000000001"}, headers=headers).status_code == 403


def test_the_directory_is_asked_once_an_hour(house: House, player: Player) -> None:
    rnc, address = a_rnc(), house.address("sandbox")
    entry = {"environment": "testecf", "rnc": rnc, "nombre": "Ñ", "url_recepcion": "https://r", "url_aceptacion": "https://a"}
    headers = house.token(player.tenant)
    missing = house.client("dgii").get(f"/dgii/directory/{a_rnc()}", headers=headers)
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:getupnet:dgii-not-listed")
    httpx.post(f"{address}/sandbox/directory", json=entry)
    first = house.client("dgii").get(f"/dgii/directory/{rnc}", headers=headers).json()
    assert (first["nombre"], first["recepcion"], first["autenticacion"]) == ("Ñ", "https://r", "")
    httpx.post(f"{address}/sandbox/directory", json=entry | {"nombre": "Otra"})
    assert house.client("dgii").get(f"/dgii/directory/{rnc}", headers=headers).json() == first


def test_whoever_asks_ten_times_in_vain_opens_the_breaker_for_all(
    house: House, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def away(dgii: Dgii, token: str, rnc: str) -> None:
        asked.append(rnc)
        raise AuthorityUnavailable(status=503)

    monkeypatch.setattr(Dgii, "directory_of", away)
    client, headers = house.client("dgii"), house.token(player.tenant)
    seen = {client.get(f"/dgii/directory/{a_rnc()}", headers=headers).status_code for _ in range(12)}
    house.shell("dgii").outside.breaker._sides.clear()
    assert (seen, len(asked)) == ({503}, OPENS_AFTER)


def test_everybody_sees_whether_dgii_is_there(house: House, player: Player) -> None:
    shown = house.client("dgii").get("/dgii/services", headers=house.token(player.tenant, Permission.PROFILE_READ)).json()
    assert [e["environment"] for e in shown["items"]] == ["testecf", "certecf", "ecf"]
    assert all(e["disponible"] and e["caida_desde"] is None for e in shown["items"])
