"""Every shape DGII is known to answer in becomes the same value."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from shared.dgii import answers
from shared.dgii.answers import Estado, Mensaje, Outcome
from tests.shared.dgii.bodies import anything


def outcome(body: str) -> Outcome | None:
    return answers.outcome(answers.read(body.encode()), body.encode())


@pytest.mark.parametrize("codigo", ["1", '"1"', '"01"', "1.0", "null"])
def test_the_code_is_read_as_number_or_text_and_else_by_the_word(codigo: str) -> None:
    found = outcome(f'{{"codigo": {codigo}, "estado": "Aceptado"}}')
    assert found is not None
    assert found.estado is Estado.ACEPTADO


@pytest.mark.parametrize(
    ("word", "estado"),
    [
        ("No encontrado", Estado.NO_ENCONTRADO),
        ("ACEPTADO", Estado.ACEPTADO),
        ("Rechazado.", Estado.RECHAZADO),
        ("En proceso", Estado.EN_PROCESO),
        ("Aceptado Condicional", Estado.ACEPTADO_CONDICIONAL),
    ],
)
def test_words_alone_are_enough(word: str, estado: Estado) -> None:
    found = outcome(f'{{"Estado": "{word}"}}')
    assert found is not None
    assert found.estado is estado


MENSAJES = {
    '[{"valor": "", "codigo": 0}]': (),
    '[{"valor": "x", "codigo": 0}]': (Mensaje("0", "x"),),
    '[{"Codigo": "1209", "Valor": "usado"}]': (Mensaje("1209", "usado"),),
    '[{"codigo": 64, "valor": ""}]': (Mensaje("64", ""),),
    '["uno", "dos"]': (Mensaje("0", "uno"), Mensaje("0", "dos")),
    '"uno"': (Mensaje("0", "uno"),),
    '{"codigo": 3, "valor": "x"}': (Mensaje("3", "x"),),
    "null": (),
    "[]": (),
}


@pytest.mark.parametrize("mensajes", MENSAJES)
def test_remarks_come_in_many_shapes(mensajes: str) -> None:
    found = outcome(f'{{"codigo": 2, "mensajes": {mensajes}}}')
    assert found is not None
    assert found.mensajes == MENSAJES[mensajes]


def test_xml_says_the_same_as_json() -> None:
    xml = (
        '<?xml version="1.0"?><RespuestaConsultaTrackId xmlns:i="urn:i"><trackId>t</trackId><codigo>4</codigo>'
        "<estado>Aceptado Condicional</estado><rnc>131880738</rnc><eNCF>E310000000001</eNCF>"
        "<secuenciaUtilizada>true</secuenciaUtilizada><mensajes><Mensaje><valor>x</valor><codigo>1934</codigo></Mensaje>"
        "<Mensaje><valor>y</valor><codigo>11014</codigo></Mensaje></mensajes><error /></RespuestaConsultaTrackId>"
    )
    found = outcome(xml)
    assert found is not None
    assert found == Outcome(
        Estado.ACEPTADO_CONDICIONAL,
        (Mensaje("1934", "x"), Mensaje("11014", "y")),
        True,
        rnc="131880738",
        encf="E310000000001",
        track_id="t",
        raw=xml,
    )
    repeated = outcome("<R><codigo>2</codigo><mensajes><valor>x</valor></mensajes><mensajes><valor>y</valor></mensajes></R>")
    assert repeated is not None
    assert [m.valor for m in repeated.mensajes] == ["x", "y"]


@pytest.mark.parametrize(
    ("flag", "read"), [("true", True), ("false", False), ('"True"', True), ("null", None), ('"si"', None), ("1", None)]
)
def test_a_missing_flag_stays_unknown(flag: str, read: bool | None) -> None:
    found = outcome(f'{{"codigo": 2, "secuenciaUtilizada": {flag}}}')
    assert found is not None
    assert found.secuencia_utilizada is read


USED = [
    ("1209", ""),
    ("0", "Este número de secuencia ya ha sido utilizado."),
    ("0", "La combinación e-NCF y código de seguridad ya han sido utilizados"),
    ("0", "ESTE NUMERO DE SECUENCIA YA HA SIDO UTILIZADO"),
]


@pytest.mark.parametrize(("codigo", "valor"), USED)
def test_a_used_number_is_known_by_its_code_or_its_words(codigo: str, valor: str) -> None:
    found = Outcome(Estado.RECHAZADO, (Mensaje(codigo, valor),))
    assert found.number_was_used
    assert not replace(found, estado=Estado.ACEPTADO).number_was_used
    assert not Outcome(Estado.RECHAZADO, (Mensaje("135", "Número de secuencia no autorizada"),)).number_was_used


@pytest.mark.parametrize(("given_back", "undelegated"), [(False, True), (True, False), (None, False)])
def test_a_rejection_of_the_signer_is_told_from_one_of_the_document(given_back: bool | None, undelegated: bool) -> None:
    words = "El RNC del certificado no está delegado para realizar transacciones para el RNC: 131880738"
    assert Outcome(Estado.RECHAZADO, (Mensaje("0", words),), given_back).undelegated is undelegated
    assert not Outcome(Estado.RECHAZADO, (Mensaje("145", "Fecha de vencimiento de secuencia inválida."),), False).undelegated


@pytest.mark.parametrize("codigo", ['"004"', "4", "0"])
def test_a_rejection_with_004_alone_is_none(codigo: str) -> None:
    words = "Ha ocurrido un error validando en eCF, favor intentar nueva vez."
    found = outcome(f'{{"codigo": 2, "mensajes": [{{"codigo": {codigo}, "valor": "{words}"}}]}}')
    assert found is not None
    assert found.transient
    assert not found.final
    mixed = outcome('{"codigo": 2, "mensajes": [{"codigo": "004"}, {"codigo": 156, "valor": "x"}]}')
    assert mixed is not None
    assert mixed.final


TRACKING = '{"trackId": "t", "estado": "Aceptado", "fechaRecepcion": "9/25/2026 4:14:51 PM"}'


@pytest.mark.parametrize("body", [f"[{TRACKING}]", TRACKING, f'{{"TrackingDetalle": [{TRACKING}]}}'])
def test_trackings_come_as_list_as_object_or_wrapped(body: str) -> None:
    found = answers.trackings(answers.read(body.encode()))
    assert found is not None
    assert [(t.track_id, t.estado) for t in found] == [("t", Estado.ACEPTADO)]


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '""',
        '"No encontrado"',
        '{"mensaje": "No encontrado."}',
        '{"estado": "No encontrado"}',
        '[{"trackId": null, "estado": "No encontrado"}]',
        '{"trackId": null, "estado": "No encontrado", "fechaRecepcion": null}',
        '[{"trackId": "t", "estado": "No encontrado"}]',
        "<TrackingDetalle><trackId/><estado>No encontrado</estado></TrackingDetalle>",
    ],
)
def test_a_number_without_submissions_has_none(body: str) -> None:
    assert answers.trackings(answers.read(body.encode())) == ()


def test_a_row_that_was_not_found_does_not_hide_the_others() -> None:
    found = answers.trackings(answers.read(f'[{{"trackId": null, "estado": "No encontrado"}}, {TRACKING}]'.encode()))
    assert found is not None
    assert [t.track_id for t in found] == ["t"]


def test_nonsense_is_no_list_of_submissions() -> None:
    for body in (b"", b"null", b'"x"', b'[{"trackId": "t"}]', b"<html>x</html>"):
        assert answers.trackings(answers.read(body)) is None


@pytest.mark.parametrize(
    ("expedido", "expira", "minutes"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z", 55),
        ("2026-11-24T10:00:00Z", "2036-11-24T11:00:00Z", 55),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:30:00Z", 25),
        ("2026-11-24T10:00:00", "2026-11-24T10:30:00", 25),
        ("2026-11-24T10:00:00-04:00", "2026-11-24T14:30:00Z", 25),
        ("2026-11-24T10:00:00Z", "2026-11-24T09:00:00Z", 0),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:30:00", 5),
        ("", "", 5),
        ("x", "y", 5),
    ],
)
def test_a_token_lives_by_dgiis_own_two_dates(expedido: str, expira: str, minutes: int) -> None:
    body = f'{{"token": "abc", "expedido": "{expedido}", "expira": "{expira}"}}'
    token = answers.token(answers.read(body.encode()))
    assert token is not None
    assert (token.value, token.life) == ("abc", timedelta(minutes=minutes))


@given(anything)
def test_no_answer_makes_the_reader_fail_and_all_it_says_can_be_stored(body: bytes) -> None:
    value = answers.read(body)
    token = answers.token(value)
    found = (answers.outcome(value, body), answers.trackings(value), token and token.value)
    assert "\x00" not in repr(found).replace("\\x00", "\x00")
    json.dumps([value, repr(found)], ensure_ascii=False).encode()


def test_a_verdict_is_not_lost_for_what_its_remarks_hold() -> None:
    found = outcome(json.dumps({"codigo": 2, "mensajes": [{"codigo": "1\x00", "valor": "No \ud800 es \x00 válido \U0001f600"}]}))
    assert found is not None
    assert found.mensajes == (Mensaje("1\ufffd", "No \ufffd es \ufffd válido \U0001f600"),)
    assert answers.written(b"a\x00\xff") == "a\ufffd\ufffd"


def test_a_code_of_five_thousand_digits_is_no_code() -> None:
    found = outcome(json.dumps({"codigo": "1" * 5000, "estado": "Aceptado"}))
    assert found is not None
    assert found.estado is Estado.ACEPTADO


def test_a_deep_answer_is_no_answer() -> None:
    assert answers.read(b"[" * 100_000) is None
    assert answers.read(b'{"mensajes":' * 300 + b"1" + b"}" * 300) is None
