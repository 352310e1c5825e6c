"""The stand-in speaks DGII's protocol: our own client is served, and what DGII refuses is refused in its words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from functions.sandbox.app import build
from functions.sandbox.authority import Authority
from functions.sandbox.settings import Settings
from shared.dgii.answers import Estado
from shared.dgii.failures import AuthorityTokenRefused, SeedRefused, SubmissionRefused
from shared.ecf.signature import Key, sign
from shared.ecf.types import Environment
from tests.data.documents import ISSUER, invoice, summary
from tests.functions.sandbox.issuer import codes, dgii, encf, submit, token


def test_a_good_invoice_is_accepted_and_found_by_every_consulta(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(), token(sandbox, key)
    signed = sign(invoice(number), key)
    track_id = dgii(sandbox).send_ecf(bearer, f"{ISSUER}{number}.xml", signed.xml).track_id
    result = dgii(sandbox).result(bearer, track_id)
    assert (result.estado, result.encf, result.rnc, result.secuencia_utilizada) == (Estado.ACEPTADO, number, ISSUER, True)
    assert result.mensajes == ()
    (tracking,) = dgii(sandbox).track_ids(bearer, ISSUER, number).rows
    assert (tracking.track_id, tracking.estado) == (track_id, Estado.ACEPTADO)
    state = dgii(sandbox).state(bearer, ISSUER, number, "131880681", signed.codigo_seguridad)
    assert (state.estado, state.monto_total) == (Estado.ACEPTADO, "1180.00")
    assert dgii(sandbox).state(bearer, ISSUER, number, "131880681", "xxxxxx").estado is Estado.NO_ENCONTRADO


def test_the_answer_has_dgiis_spelling(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(), token(sandbox, key)
    track_id = dgii(sandbox).send_ecf(bearer, f"{ISSUER}{number}.xml", sign(invoice(number), key).xml).track_id
    path = "/TesteCF//ConsultaResultado/api/Consultas/Estado"
    answer = sandbox.get(path, params={"TrackId": track_id}, headers={"Authorization": f"bearer {bearer}"})
    body = answer.json()
    assert body["codigo"] == "1"
    assert body["mensajes"] == [{"valor": "", "codigo": 0}]
    assert re.fullmatch(r"[1-9][0-9]?/[1-9][0-9]?/[0-9]{4} [1-9][0-9]?:[0-9]{2}:[0-9]{2} [AP]M", body["fechaRecepcion"])
    headers = {"Authorization": f"BEARER {bearer}", "Accept": "application/xml"}
    xml = sandbox.get(path, params={"trackid": track_id}, headers=headers)
    assert xml.text.endswith("</RespuestaConsultaTrackId>")
    assert "<estado>Aceptado</estado>" in xml.text


def test_a_document_stays_in_process_for_a_while(make_settings: Callable[..., Settings], key: Key) -> None:
    with TestClient(build(make_settings(verdict_delay_ms=60_000))) as slow:
        number = encf()
        assert submit(slow, key, invoice(number), number).estado is Estado.EN_PROCESO
        headers = {"Authorization": f"Bearer {token(slow, key)}"}
        (tracking,) = dgii(slow).track_ids(token(slow, key), ISSUER, number).rows
        path = "/testecf/consultaresultado/api/consultas/estado"
        answer = slow.get(path, params={"trackid": tracking.track_id}, headers=headers).json()
        assert (answer["codigo"], answer["mensajes"]) == ("3", [{"valor": "", "codigo": 0}])
        body = {"environment": "testecf", "rnc": ISSUER, "name": "verdict_delay_ms", "value": "0"}
        assert slow.post("/sandbox/behaviours", json=body).status_code == 204
        number = encf()
        assert submit(slow, key, invoice(number), number).estado is Estado.ACEPTADO


def test_a_number_is_taken_once_in_its_environment(sandbox: TestClient, key: Key) -> None:
    number = encf()
    assert submit(sandbox, key, invoice(number), number).estado is Estado.ACEPTADO
    again = submit(sandbox, key, invoice(number), number)
    assert (again.estado, codes(again), again.secuencia_utilizada) == (Estado.RECHAZADO, ["1209"], True)
    assert again.number_was_used
    states = [t.estado for t in dgii(sandbox).track_ids(token(sandbox, key), ISSUER, number).rows]
    assert states == [Estado.ACEPTADO, Estado.RECHAZADO]
    bearer = token(sandbox, key, Environment.CERTECF)
    other = dgii(sandbox, Environment.CERTECF)
    track_id = other.send_ecf(bearer, f"{ISSUER}{number}.xml", sign(invoice(number), key).xml).track_id
    assert other.result(bearer, track_id).estado is Estado.ACEPTADO


@pytest.mark.parametrize(
    ("changes", "estado", "expected"),
    [
        ({"gravado": "1100.00", "itbis": "198.00", "total": "1298.00"}, Estado.ACEPTADO_CONDICIONAL, ["1934"]),
        ({"itbis": "190.00", "total": "1190.00"}, Estado.ACEPTADO_CONDICIONAL, ["11014"]),
        ({"total": "1185.00"}, Estado.ACEPTADO_CONDICIONAL, ["11105"]),
        ({"itbis": "180.01", "total": "1180.01"}, Estado.ACEPTADO, []),
        ({"vencimiento": "31-12-2020"}, Estado.RECHAZADO, ["145"]),
    ],
)
def test_sums_and_expiry_get_their_codes(
    sandbox: TestClient, key: Key, changes: dict[str, str], estado: Estado, expected: list[str]
) -> None:
    number = encf()
    outcome = submit(sandbox, key, invoice(number, **changes), number)  # type: ignore[arg-type]
    assert (outcome.estado, codes(outcome)) == (estado, expected)


def test_an_exempt_sum_that_does_not_fit_is_refused(sandbox: TestClient, key: Key) -> None:
    number = encf()
    xml = invoice(number).replace(b"<ITBIS1>", b"<MontoExento>50.00</MontoExento><ITBIS1>")
    outcome = submit(sandbox, key, xml, number)
    assert (outcome.estado, codes(outcome)) == (Estado.RECHAZADO, ["1960"])


def test_a_big_consumo_needs_its_buyer_and_a_small_one_its_summary(sandbox: TestClient, key: Key) -> None:
    number = encf(32)
    big = {"price": "300000.00", "itbis": "54000.00", "total": "354000.00"}
    assert codes(submit(sandbox, key, invoice(number, buyer="", **big), number)) == ["1381"]
    number = encf(32)
    assert submit(sandbox, key, invoice(number, **big), number).estado is Estado.ACEPTADO
    number = encf(32)
    small = submit(sandbox, key, invoice(number), number)
    assert (small.estado, small.secuencia_utilizada) == (Estado.RECHAZADO, False)


def test_a_summary_is_judged_at_once_and_its_pair_only_once(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(32), token(sandbox, key)
    code = sign(invoice(number, buyer=""), key).codigo_seguridad
    name, xml = f"{ISSUER}{number}.xml", sign(summary(number, code), key).xml
    assert dgii(sandbox).send_rfce(bearer, name, xml).estado is Estado.ACEPTADO
    assert dgii(sandbox).rfce(bearer, ISSUER, number, code).estado is Estado.ACEPTADO
    assert dgii(sandbox).rfce(bearer, ISSUER, number, "xxxxxx").estado is Estado.NO_ENCONTRADO
    assert dgii(sandbox).state(bearer, ISSUER, number, "", code).estado is Estado.ACEPTADO
    again = dgii(sandbox).send_rfce(bearer, name, xml)
    assert again.number_was_used
    assert again.mensajes[0].valor == "La combinación e-NCF y código de seguridad ya han sido utilizados"
    other = dgii(sandbox).send_rfce(bearer, name, sign(summary(number, "ABCDEF"), key).xml)
    assert codes(other) == ["1209"]


def test_a_summary_that_does_not_add_up_is_accepted_conditionally(sandbox: TestClient, key: Key) -> None:
    number = encf(32)
    xml = sign(summary(number, "ABCDEF", total="1190.00"), key).xml
    outcome = dgii(sandbox).send_rfce(token(sandbox, key), f"{ISSUER}{number}.xml", xml)
    assert (outcome.estado, codes(outcome)) == (Estado.ACEPTADO_CONDICIONAL, ["3205"])


def test_what_is_refused_before_the_number_leaves_the_number_free(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(), token(sandbox, key)
    name = f"{ISSUER}{number}.xml"
    signed = sign(invoice(number), key).xml
    wrong_schema = sign(invoice(number).replace(b"<TipoPago>1", b"<TipoPago>9"), key).xml
    empty_tag = sign(invoice(number).replace(b"<TipoPago>1</TipoPago>", b"<TipoPago>1</TipoPago>"), key).xml
    empty_tag = empty_tag.replace(b"<Totales>", b"<Totales><MontoExento/>")
    for bad, filename, text in (
        (signed.replace(b"1180.00", b"1180.01"), name, "La firma del XML no es válida"),
        (wrong_schema, name, "La estructura"),
        (empty_tag, name, "La estructura"),
        (signed, "otro.xml", "El nombre del archivo"),
    ):
        outcome = dgii(sandbox).result(bearer, dgii(sandbox).send_ecf(bearer, filename, bad).track_id)
        assert (outcome.estado, outcome.secuencia_utilizada) == (Estado.RECHAZADO, False)
        assert outcome.mensajes[0].valor.startswith(text)
    track_id = dgii(sandbox).send_ecf(bearer, name, signed).track_id
    assert dgii(sandbox).result(bearer, track_id).estado is Estado.ACEPTADO


def test_indentation_added_after_signing_is_forgiven_as_dgii_forgives_it(sandbox: TestClient, key: Key) -> None:
    number, bearer = encf(), token(sandbox, key)
    indented = sign(invoice(number), key).xml.replace(b"><", b">\n  <")
    track_id = dgii(sandbox).send_ecf(bearer, f"{ISSUER}{number}.xml", indented).track_id
    assert dgii(sandbox).result(bearer, track_id).estado is Estado.ACEPTADO


def test_a_seed_is_validated_once_and_only_if_it_was_issued_here(sandbox: TestClient, key: Key) -> None:
    kept: list[bytes] = []

    def keep(seed: bytes) -> bytes:
        kept.append(sign(seed, key).xml)
        return kept[0]

    dgii(sandbox).authenticate(keep)
    with pytest.raises(SeedRefused):
        dgii(sandbox).authenticate(lambda _: kept[0])
    with pytest.raises(SeedRefused):
        dgii(sandbox).authenticate(lambda seed: sign(seed.replace(b"<valor>", b"<valor>x"), key).xml)
    with pytest.raises(SeedRefused, match="Firma del certificado"):
        dgii(sandbox).authenticate(lambda seed: sign(seed, key).xml.replace(b"<fecha>2", b"<fecha>3"))
    with pytest.raises(SeedRefused):
        dgii(sandbox).authenticate(lambda seed: seed)


def test_an_expired_certificate_gets_no_token(sandbox: TestClient, authority: Authority) -> None:
    now = datetime.now(UTC)
    old = authority.issue(not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    with pytest.raises(SeedRefused):
        token(sandbox, Key.from_pem(old.private_key_pem, old.certificate_pem))


def test_a_token_opens_its_own_environment_for_an_hour(sandbox: TestClient, key: Key) -> None:
    seed = sandbox.get("/testecf/autenticacion/api/autenticacion/semilla").content
    files = {"xml": ("semilla.xml", sign(seed, key).xml, "text/xml")}
    body = sandbox.post("/testecf/autenticacion/api/autenticacion/validarsemilla", files=files).json()
    start, end = (datetime.strptime(body[name], "%Y-%m-%dT%H:%M:%S%z") for name in ("expedido", "expira"))
    assert end - start == timedelta(hours=1)
    for bad in ("", "nonsense", body["token"] + "x"):
        with pytest.raises(AuthorityTokenRefused):
            dgii(sandbox).result(bad, "1")
    with pytest.raises(AuthorityTokenRefused):
        dgii(sandbox, Environment.ECF).result(body["token"], "1")
    assert dgii(sandbox).result(body["token"], "unknown").estado is Estado.NO_ENCONTRADO


def test_a_body_without_length_or_without_the_part_is_empty(sandbox: TestClient, key: Key) -> None:
    headers = {"Authorization": f"Bearer {token(sandbox, key)}"}
    path = "/testecf/recepcion/api/facturaselectronicas"
    wrong = sandbox.post(path, headers=headers, data={"other": "1"}, files=None)
    form = b'--b\r\nContent-Disposition: form-data; name="xml"; filename="a.xml"\r\n\r\n<E>1</E>\r\n--b--\r\n'
    chunked = sandbox.post(path, headers=headers | {"Content-Type": "multipart/form-data; boundary=b"}, content=iter([form]))
    misnamed = sandbox.post(path, headers=headers, files={"file": ("a.xml", b"<E>1</E>", "text/xml")})
    for answer in (wrong, chunked, misnamed):
        assert (answer.status_code, answer.json()) == (400, "Multipart cannot be empty")


def test_what_is_no_document_at_all_is_not_received(sandbox: TestClient, key: Key) -> None:
    bearer = token(sandbox, key)
    for xml in (b"no xml", b"<!DOCTYPE E><E>1</E>", b"<E>1</E>"):
        with pytest.raises(SubmissionRefused):
            dgii(sandbox).send_ecf(bearer, "a.xml", xml)


def test_certification_lacks_the_consultas_dgii_lacks_there(sandbox: TestClient, key: Key) -> None:
    headers = {"Authorization": f"Bearer {token(sandbox, key, Environment.CERTECF)}"}
    for path in (
        "consultaestado/api/consultas/estado",
        "consultatrackids/api/trackids/consulta",
        "consultadirectorio/api/consultas/listado",
    ):
        assert sandbox.get(f"/certecf/{path}", headers=headers).status_code == 404
    assert sandbox.get("/nowhere/autenticacion/api/autenticacion/semilla").status_code == 404
