"""Our own client at the stand-in's other services: approvals, voidings, directory, status."""

import pytest
from fastapi.testclient import TestClient

from shared.dgii.client import StatusService
from shared.dgii.failures import AuthorityUnavailable
from shared.ecf.signature import Key, sign
from shared.ecf.types import Environment
from tests.data.documents import BUYER, ISSUER, invoice
from tests.functions.sandbox.issuer import dgii, encf, submit, token
from tests.functions.sandbox.test_commercial import acecf, anecf


def test_approvals_and_voidings_say_whether_they_were_done(sandbox: TestClient, key: Key) -> None:
    number, free, bearer = encf(), encf(), token(sandbox, key)
    submit(sandbox, key, invoice(number), number)
    name = f"{BUYER}{number}.xml"
    assert dgii(sandbox).approve(bearer, name, sign(acecf(number), key).xml).done
    unknown = dgii(sandbox).approve(bearer, name, sign(acecf("E319999999999"), key).xml)
    assert (unknown.done, unknown.words) == (False, ("Factura no encontrada para esta Aprobación comercial.",))
    partly = dgii(sandbox).void(bearer, "a.xml", sign(anecf((free, free), (number, number)), key).xml)
    assert (partly.done, partly.words[1:]) == (True, (f"{number} - {number}",))
    assert not dgii(sandbox).void(bearer, "a.xml", sign(anecf((free, free)), key).xml).done


def test_the_directory_is_read_whole_and_by_number(sandbox: TestClient, key: Key) -> None:
    entry = {"environment": "testecf", "rnc": ISSUER, "nombre": "Ñ", "url_recepcion": "https://r", "url_aceptacion": "https://a"}
    sandbox.post("/sandbox/directory", json=entry)
    bearer = token(sandbox, key)
    one = dgii(sandbox).directory_of(bearer, ISSUER)
    assert one is not None
    assert (one.nombre, one.recepcion, one.autenticacion) == ("Ñ", "https://r", "")
    assert one in dgii(sandbox).directory(bearer)
    assert dgii(sandbox).directory_of(bearer, "101999999") is None


def test_the_status_service_says_what_is_down(sandbox: TestClient) -> None:
    status = StatusService(sandbox, "http://testserver", "x")
    assert all(state.disponible for state in status.services())
    sandbox.post("/sandbox/behaviours", json={"environment": "ecf", "name": "maintenance", "value": "12:00 AM-11:59 PM"})
    try:
        assert not status.available(Environment.ECF)
        assert status.available(Environment.TESTECF)
        assert {s.environment for s in status.services() if not s.disponible} == {Environment.ECF}
        (window,) = status.windows()
        assert (window.environment, (window.end - window.start).seconds) == (Environment.ECF, 86340)
    finally:
        sandbox.post("/sandbox/behaviours/reset", json={"environment": "ecf"})
    with pytest.raises(AuthorityUnavailable):
        StatusService(sandbox, "http://testserver", "").services()
