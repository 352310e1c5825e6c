"""ACECF and ANECF at the stand-in: what is recorded, and DGII's words for what is not."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from functions.sandbox.app import build
from functions.sandbox.settings import Settings
from shared.dgii.answers import Estado
from shared.ecf.signature import Key, sign
from tests.data.documents import BUYER, ISSUER, invoice, today
from tests.data.schemas import folder_of
from tests.functions.sandbox.issuer import codes, encf, submit, token
from tests.functions.sandbox.test_originals import note

APPROVAL = "/testecf/AprobacionComercial/api/AprobacionComercial"
VOID = "/testecf/anulacionrangos/api/operaciones/anularrango"


def acecf(number: str, *, buyer: str = BUYER, estado: int = 1) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><ACECF><DetalleAprobacionComercial><Version>1.0</Version>'
        f"<RNCEmisor>{ISSUER}</RNCEmisor><eNCF>{number}</eNCF><FechaEmision>{today()}</FechaEmision>"
        f"<MontoTotal>1180.00</MontoTotal><RNCComprador>{buyer}</RNCComprador><Estado>{estado}</Estado>"
        f"<FechaHoraAprobacionComercial>{today()} 10:00:00</FechaHoraAprobacionComercial>"
        "</DetalleAprobacionComercial></ACECF>"
    ).encode()


def anecf(*stretches: tuple[str, str], line: str = "1", rnc: str = ISSUER) -> bytes:
    rows = "".join(
        f"<Secuencias><SecuenciaeNCFDesde>{low}</SecuenciaeNCFDesde><SecuenciaeNCFHasta>{high}</SecuenciaeNCFHasta></Secuencias>"
        for low, high in stretches
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><ANECF><Encabezado><Version>1.0</Version>'
        f"<RncEmisor>{rnc}</RncEmisor><CantidadeNCFAnulados>01</CantidadeNCFAnulados>"
        f"<FechaHoraAnulacioneNCF>{today()} 10:00:00</FechaHoraAnulacioneNCF></Encabezado><DetalleAnulacion><Anulacion>"
        f"<NoLinea>{line}</NoLinea><TipoeCF>31</TipoeCF><TablaRangoSecuenciasAnuladaseNCF>{rows}"
        "</TablaRangoSecuenciasAnuladaseNCF><CantidadeNCFAnulados>01</CantidadeNCFAnulados></Anulacion></DetalleAnulacion></ANECF>"
    ).encode()


def post(client: TestClient, key: Key, path: str, xml: bytes, *, name: str = "a.xml") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token(client, key)}"}
    return client.post(path, files={"xml": (name, xml, "text/xml")}, headers=headers)


def test_an_accepted_document_can_be_approved_and_then_rejected(sandbox: TestClient, key: Key) -> None:
    number = encf()
    submit(sandbox, key, invoice(number), number)
    for estado in (1, 2):
        answer = post(sandbox, key, APPROVAL, sign(acecf(number, estado=estado), key).xml)
        assert (answer.status_code, answer.json()["codigo"]) == (200, "1")
        assert answer.json()["estado"] == "Aprobacion Comercial Aprobada"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda key: b"nothing", "Archivo no válido"),
        (lambda key: sign(b"<ACECF><Otro>1</Otro></ACECF>", key).xml, "La estructura del archivo XML"),
        (lambda key: sign(acecf("E310000000001"), key).xml.replace(b"1180.00", b"1180.01"), "La firma del XML no es válida"),
        (lambda key: sign(acecf("E320000000001"), key).xml, "Aprobación Comercial no es requerida para este tipo"),
        (lambda key: sign(acecf("E319999999999"), key).xml, "Factura no encontrada para esta Aprobación comercial."),
    ],
)
def test_an_approval_that_is_not_processed_says_why(
    sandbox: TestClient, key: Key, made: Callable[[Key], bytes], words: str
) -> None:
    answer = post(sandbox, key, APPROVAL, made(key))
    assert (answer.status_code, answer.json()["codigo"]) == (400, "02")
    assert answer.json()["mensaje"][0].startswith(words)


def test_a_rejected_document_has_nothing_to_approve(sandbox: TestClient, key: Key) -> None:
    number = encf()
    xml = invoice(number).replace(b"<ITBIS1>", b"<MontoExento>50.00</MontoExento><ITBIS1>")
    assert submit(sandbox, key, xml, number).estado is Estado.RECHAZADO
    answer = post(sandbox, key, APPROVAL, sign(acecf(number), key).xml)
    assert answer.json()["mensaje"] == ["No se encuentra un e-CF válido para esta aprobación comercial"]


def test_an_approval_that_could_not_be_processed_may_be_sent_again(sandbox: TestClient, key: Key) -> None:
    number = encf()
    submit(sandbox, key, invoice(number), number)
    body = {"environment": "testecf", "rnc": ISSUER, "name": "not_processed", "times": 1}
    assert sandbox.post("/sandbox/behaviours", json=body).status_code == 204
    answers = [post(sandbox, key, APPROVAL, sign(acecf(number), key).xml) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert answers[0].json()["mensaje"] == ["No fue posible procesar la Aprobación comercial. Favor intentar nuevamente"]


def test_a_file_that_is_not_even_called_xml_is_of_the_wrong_kind(sandbox: TestClient, key: Key) -> None:
    answer = post(sandbox, key, APPROVAL, b"nothing", name="a.pdf")
    assert answer.json()["mensaje"] == ["Tipo de archivo no válido, favor proveer un XML"]


def test_a_note_on_what_needs_no_approval_needs_none(sandbox: TestClient, key: Key) -> None:
    original, number = encf(32), encf(34)
    big = {"price": "300000.00", "itbis": "54000.00", "total": "354000.00"}
    assert submit(sandbox, key, invoice(original, **big), original).estado is Estado.ACEPTADO  # type: ignore[arg-type]
    assert submit(sandbox, key, note(number, original), number).estado is Estado.ACEPTADO
    answer = post(sandbox, key, APPROVAL, sign(acecf(number), key).xml)
    assert answer.json()["mensaje"] == ["Aprobación Comercial no es requerida para el e-CF Referenciado"]


def test_stretches_that_overlap_are_voided_once(sandbox: TestClient, key: Key) -> None:
    low, middle, high = encf(), encf(), encf()
    part = post(sandbox, key, VOID, sign(anecf((low, middle), (middle, high)), key).xml)
    assert part.json()["mensajes"][1:] == [f"{middle} - {high}"]


def test_numbers_are_voided_once_and_then_refused(sandbox: TestClient, key: Key) -> None:
    low, used, high = encf(), encf(), encf()
    submit(sandbox, key, invoice(used), used)
    part = post(sandbox, key, VOID, sign(anecf((low, low), (used, high)), key).xml)
    assert (part.status_code, part.json()["codigo"]) == (200, "1")
    assert part.json()["mensajes"] == [
        "Las secuencias fueron anuladas correctamente. Con excepción de las secuencias del detalle",
        f"{used} - {high}",
    ]
    again = post(sandbox, key, VOID, sign(anecf((low, low)), key).xml)
    assert again.json()["mensajes"] == ["No fue posible anular las siguientes secuencias", f"{low} - {low}"]
    spent = post(sandbox, key, VOID, sign(anecf((used, used)), key).xml)
    assert spent.json()["mensajes"] == ["Las secuencias que está intentando anular han sido utilizadas", f"{used} - {used}"]
    assert submit(sandbox, key, invoice(low), low).number_was_used


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda key: b"nothing", "Tipo de archivo no valido, favor proveer un XML"),
        (lambda key: sign(anecf(("E310000000002", "E310000000001")), key).xml, "El valor del campo SecuenciaeNCFDesde es mayor"),
        (lambda key: sign(anecf(("E310000000001", "E310000000001"), line="2"), key).xml, "El campo NoLinea no es válido"),
        (lambda key: sign(anecf(("E310000000001", "E320000000001")), key).xml, "El tipo de comprobante no es válido"),
        (lambda key: sign(anecf(("E350000000001", "E350000000001")), key).xml, "El tipo de comprobante no es válido"),
        (lambda key: anecf(("E310000000001", "E310000000001")), "La firma del documento no es válida"),
    ],
)
def test_a_voiding_that_is_wrong_says_why(sandbox: TestClient, key: Key, made: Callable[[Key], bytes], words: str) -> None:
    answer = post(sandbox, key, VOID, made(key))
    assert (answer.status_code, answer.json()["codigo"]) == (400, "02")
    assert answer.json()["mensajes"][0].startswith(words)
    assert sandbox.post(VOID.replace("testecf", "certecf")).status_code == 401


def test_a_folder_of_schemas_judges_what_comes(tmp_path: Path, make_settings: Callable[..., Settings], key: Key) -> None:
    folder = folder_of(tmp_path, ecf31="DireccionComprador", acecf="DetalleMotivoRechazo")
    number = encf()
    with TestClient(build(make_settings(schema_folder=folder))) as judged:
        refused = submit(judged, key, invoice(number), number)
        assert (refused.estado, "DireccionComprador" in refused.mensajes[0].valor) == (Estado.RECHAZADO, True), codes(refused)
        answer = post(judged, key, APPROVAL, sign(acecf(number), key).xml)
        assert answer.json()["mensaje"][0].startswith("La estructura del archivo XML")
