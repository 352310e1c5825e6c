"""QR pages, the status service, and what prepares the stand-in: delegations, ranges, directory."""

import pytest
from fastapi.testclient import TestClient

from functions.sandbox.authority import Authority
from shared.dgii.answers import Estado, Outcome
from shared.dgii.failures import SignerNotDelegated
from shared.ecf.signature import Key, sign
from tests.data.documents import ISSUER, invoice, summary
from tests.functions.sandbox.issuer import codes, dgii, encf, token
from tests.functions.sandbox.test_originals import note


def test_the_qr_page_shows_what_was_signed_and_nothing_to_whoever_guesses(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(), token(sandbox, key)
    signed = sign(invoice(number), key)
    dgii(sandbox).send_ecf(bearer, f"{ISSUER}{number}.xml", signed.xml)
    day = signed.xml.split(b"<FechaEmision>")[1][:10].decode()
    asked = {
        "RncEmisor": ISSUER,
        "RncComprador": "131880681",
        "ENCF": number,
        "FechaEmision": day,
        "MontoTotal": "1180.00",
        "FechaFirma": f"{day} 00:00:01",
        "CodigoSeguridad": signed.codigo_seguridad,
    }
    good = sandbox.get("/testeCF/ConsultaTimbre", params=asked)
    assert "Aceptado" in good.text
    assert number in good.text
    for name in asked:
        bad = sandbox.get("/testecf/consultatimbre", params=asked | {name: "1"})
        assert "No fue encontrada la factura (e-CF)" in bad.text


def test_the_qr_page_of_a_small_consumo(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(32), token(sandbox, key)
    dgii(sandbox).send_rfce(bearer, f"{ISSUER}{number}.xml", sign(summary(number, "aB/d+1"), key).xml)
    asked = {"RncEmisor": ISSUER, "ENCF": number, "MontoTotal": "1180.00", "CodigoSeguridad": "aB/d+1"}
    assert "Aceptado" in sandbox.get("/testecf/ConsultaTimbreFC", params=asked).text
    assert "No fue encontrada" in sandbox.get("/testecf/ConsultaTimbreFC", params=asked | {"MontoTotal": "1"}).text


def test_the_status_service_wants_its_key(sandbox: TestClient) -> None:
    path = "/api/EstatusServicios/obtenerestatus"
    assert sandbox.get(path).status_code == 401
    rows = sandbox.get(path, headers={"Authorization": "Apikey x"}).json()
    assert {"servicio": "Recepción", "estatus": "Disponible", "ambiente": "Produccion"} in rows


def test_the_strict_mode_wants_delegation_and_ranges(strict_sandbox: TestClient, authority: Authority) -> None:
    cedula, rnc = "00199999996", "101000001"
    leaf = authority.issue(cedula)
    key = Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)
    prepare = {"environment": "testecf", "rnc": rnc}
    with pytest.raises(SignerNotDelegated):
        token(strict_sandbox, key)
    strict_sandbox.post("/sandbox/delegations", json=prepare | {"cedula": cedula})
    bearer = token(strict_sandbox, key)
    client = dgii(strict_sandbox)

    def send(number: str, **changes: str) -> Outcome:
        xml = sign(invoice(number, rnc=changes.get("rnc", rnc), vencimiento=changes.get("vencimiento", "31-12-2099")), key)
        return client.result(bearer, client.send_ecf(bearer, f"{changes.get('rnc', rnc)}{number}.xml", xml.xml).track_id)

    assert codes(send("E310000000001")) == ["145"]
    numbers_ = {"tipo_ecf": 31, "desde": 10, "hasta": 20, "vencimiento": "2099-12-31"}
    assert strict_sandbox.post("/sandbox/ranges", json=prepare | numbers_).status_code == 204
    assert codes(send("E310000000001")) == ["135"]
    assert codes(send("E310000000010", vencimiento="30-12-2099")) == ["145"]
    assert send("E310000000010").estado is Estado.ACEPTADO
    refused = send("E310000000011", rnc=ISSUER)
    assert refused.secuencia_utilizada is False
    assert "no está delegado" in refused.mensajes[0].valor
    with pytest.raises(SignerNotDelegated):
        client.state(bearer, ISSUER, "E310000000011", "", "")
    small = "E320000000001"
    outcome = client.send_rfce(bearer, f"{rnc}{small}.xml", sign(summary(small, "ABCDEF", rnc=rnc), key).xml)
    assert (outcome.estado, codes(outcome)) == (Estado.ACEPTADO_CONDICIONAL, ["75"])


def test_a_range_ends_for_types_whose_documents_say_no_expiry_too(sandbox: TestClient, key: Key) -> None:
    rnc = "101000004"
    for tipo in (32, 34):
        for desde, vencimiento in ((1, "2020-12-31"), (11, "2099-12-31")):
            ends = {"tipo_ecf": tipo, "desde": desde, "hasta": desde + 9, "vencimiento": vencimiento}
            assert sandbox.post("/sandbox/ranges", json={"environment": "testecf", "rnc": rnc} | ends).status_code == 204
    bearer, client = token(sandbox, key), dgii(sandbox)

    def send(number: str) -> Outcome:
        big = {"price": "300000.00", "itbis": "54000.00", "total": "354000.00"}
        xml = sign(invoice(number, rnc=rnc, **big), key).xml  # type: ignore[arg-type]
        return client.result(bearer, client.send_ecf(bearer, f"{rnc}{number}.xml", xml).track_id)

    def sum_up(number: str) -> Outcome:
        return client.send_rfce(bearer, f"{rnc}{number}.xml", sign(summary(number, "ABCDEF", rnc=rnc), key).xml)

    for over, good in (
        (send("E320000000001"), send("E320000000011")),
        (sum_up("E320000000002"), sum_up("E320000000012")),
    ):
        assert (over.estado, codes(over), over.secuencia_utilizada) == (Estado.RECHAZADO, ["145"], False)
        assert good.estado is Estado.ACEPTADO
    credit = note("E340000000001", "B0100000001").replace(ISSUER.encode(), rnc.encode())
    over = client.result(bearer, client.send_ecf(bearer, f"{rnc}E340000000001.xml", sign(credit, key).xml).track_id)
    assert codes(over) == ["145"]


def test_the_directory_lists_who_was_enlisted(sandbox: TestClient, key: Key) -> None:
    entry = {"environment": "testecf", "rnc": "101000002", "nombre": "Ñ", "url_recepcion": "https://a", "url_aceptacion": "b"}
    assert sandbox.post("/sandbox/directory", json=entry).status_code == 204
    headers = {"Authorization": f"Bearer {token(sandbox, key)}"}
    path = "/testecf/ConsultaDirectorio/api/consultas/ObtenerDirectorioPorRNC"
    (row,) = sandbox.get(path, params={"RNC": "101000002"}, headers=headers).json()
    assert (row["nombre"], row["urlRecepcion"], row["urlOpcional"]) == ("Ñ", "https://a", "")
    assert sandbox.get(path, headers=headers).json() == []


def test_what_arrived_can_be_counted(sandbox: TestClient, key: Key) -> None:
    number, rnc = encf(), "101000003"
    xml = sign(invoice(number, rnc=rnc), key).xml
    dgii(sandbox).send_ecf(token(sandbox, key), f"{rnc}{number}.xml", xml)
    (row,) = sandbox.get("/sandbox/documents", params={"environment": "testecf", "rnc": rnc}).json()
    assert (row["encf"], row["estado"]) == (number, 1)
