"""The answers of DGII's other services, in the shapes they come in."""

import json
from datetime import UTC, datetime

from hypothesis import given

from shared.dgii.answers import read
from shared.dgii.services import Listed, Window, available, listed, processed, service_states, windows
from shared.ecf.types import Environment
from tests.shared.dgii.bodies import anything


def test_processed_is_the_code_and_not_the_word() -> None:
    done = processed(read('{"mensaje": ["ok"], "estado": "Aprobación Comercial Aprobada.", "codigo": "01"}'.encode()), b"raw")
    assert done is not None
    assert (done.done, done.words, done.raw) == (True, ("ok",), "raw")
    said = "<rnc>1</rnc><codigo>2</codigo><mensajes><string>Usadas</string></mensajes>"
    xml = f"<RespuestaAnulacionRango>{said}</RespuestaAnulacionRango>"
    refused = processed(read(xml.encode()), b"")
    assert refused is not None
    assert (refused.done, refused.words, refused.transient) == (False, ("Usadas",), False)
    later = processed(
        read('{"mensaje": "No fue posible procesar la Aprobación comercial. Favor intentar nuevamente", "codigo": 2}'.encode()), b""
    )
    assert later is not None
    assert later.transient
    assert processed(read(b'"nothing"'), b"") is None


@given(anything)
def test_no_answer_makes_the_readers_fail(body: bytes) -> None:
    value = read(body)
    found = (processed(value, body), listed(value), service_states(value), windows(value), available(value))
    json.dumps(repr(found), ensure_ascii=False).encode()


def test_the_directory_is_a_list_or_one_and_may_be_wrapped() -> None:
    entry = '{"nombre": "A", "rnc": "101000001", "urlRecepcion": "https://r", "urlAceptacion": "https://a", "urlOpcional": null}'
    expected = (Listed("101000001", "A", "https://r", "https://a", ""),)
    for body in (entry, f"[{entry}]", f'{{"directorios": [{entry}]}}'):
        assert listed(read(body.encode())) == expected
    assert listed(read(b"[]")) == ()
    assert listed(read(b'"no"')) is None


def test_states_name_environments_and_what_is_unknown_is_left_out() -> None:
    rows = (
        '[{"servicio": "Recepción", "estatus": "Disponible", "ambiente": "Produccion"},'
        '{"servicio": "Recepción", "estatus": "No Disponible", "ambiente": "Pre-Certificación"},'
        '{"servicio": "Recepción", "estatus": "Disponible", "ambiente": "Luna"}]'
    )
    found = service_states(read(rows.encode()))
    assert found is not None
    assert [(s.environment, s.disponible) for s in found] == [(Environment.ECF, True), (Environment.TESTECF, False)]
    assert available(read(b'{"estado": "No Disponible"}')) is False
    assert available(read(b'{"estado": "?"}')) is None


def test_windows_are_moments_one_a_day() -> None:
    body = (
        '{"ventanaMantenimientos": [{"ambiente": "PreCertificacion", "horaInicio": "9:00 AM", "horaFin": "12:00 PM",'
        '"dias": ["06-08-2026", "nonsense"]}, {"ambiente": "Produccion", "horaInicio": "11:00 PM", "horaFin": "1:00 AM",'
        '"dias": ["07-08-2026"]}]}'
    )
    first = Window(Environment.TESTECF, datetime(2026, 8, 6, 13, tzinfo=UTC), datetime(2026, 8, 6, 16, tzinfo=UTC))
    second = Window(Environment.ECF, datetime(2026, 8, 8, 3, tzinfo=UTC), datetime(2026, 8, 8, 5, tzinfo=UTC))
    assert windows(read(body.encode())) == (first, second)
    assert windows(read(b'{"ventanaMantenimientos": []}')) == ()
    assert windows(read(b'"no"')) is None
