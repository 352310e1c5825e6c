"""Every shape DGII is known to answer in becomes the same value."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dgii import answers
from shared.dgii.answers import Estado, Mensaje, Outcome


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


@pytest.mark.parametrize("codigo", ['"004"', "4"])
def test_a_rejection_with_004_alone_is_none(codigo: str) -> None:
    found = outcome(f'{{"codigo": 2, "mensajes": [{{"codigo": {codigo}, "valor": "Ha ocurrido un error"}}]}}')
    assert found is not None
    assert found.transient
    assert not found.final
    mixed = outcome('{"codigo": 2, "mensajes": [{"codigo": "004"}, {"codigo": 156, "valor": "x"}]}')
    assert mixed is not None
    assert mixed.final


COMPLAINTS = {
    '"La firma del XML no es válida"': "La firma del XML no es válida",
    "Multipart cannot be empty": "Multipart cannot be empty",
    '{"mensaje": "a"}': "a",
    '{"Message": "b"}': "b",
    '{"error": "c"}': "c",
    '{"mensajes": [{"valor": "d", "codigo": 0}]}': "d",
    '{"mensajes": ["e", "f"]}': "e f",
    '{"mensaje": ["g"], "codigo": "02"}': "g",
    '{"title": "One or more validation errors", "status": 400, "errors": {"xml": ["h"]}}': "h",
    '{"title": "Bad Request", "status": 400}': "",
    "Bad Request": "",
    "<html><body>502 Bad Gateway</body></html>": "",
    "<!DOCTYPE html><html><body>x</body></html>": "",
    "": "",
    "null": "",
}


@pytest.mark.parametrize("body", COMPLAINTS)
def test_only_dgiis_own_words_count_as_a_complaint(body: str) -> None:
    assert answers.complaint(body.encode()) == COMPLAINTS[body]


TRACKING = '{"trackId": "t", "estado": "Aceptado", "fechaRecepcion": "9/25/2026 4:14:51 PM"}'


@pytest.mark.parametrize("body", [f"[{TRACKING}]", TRACKING, f'{{"TrackingDetalle": [{TRACKING}]}}'])
def test_trackings_come_as_list_as_object_or_wrapped(body: str) -> None:
    found = answers.trackings(answers.read(body.encode()))
    assert found is not None
    assert [(t.track_id, t.estado) for t in found] == [("t", Estado.ACEPTADO)]


def test_no_tracking_is_a_list_too_and_nonsense_is_none() -> None:
    assert answers.trackings(answers.read(b"[]")) == ()
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


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:0123nulrtaecodig<>/', max_size=60).map(str.encode))
def test_no_answer_makes_the_reader_fail(body: bytes) -> None:
    value = answers.read(body)
    answers.outcome(value, body)
    answers.trackings(value)
    answers.token(value)
    answers.complaint(body)


def test_a_deep_answer_is_no_answer() -> None:
    assert answers.read(b"[" * 100_000) is None
