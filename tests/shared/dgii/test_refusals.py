"""What DGII refused is told from what something before it said, whole and with its codes."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dgii import refusals
from shared.dgii.answers import Estado, Mensaje
from shared.dgii.exchange import Answer
from shared.dgii.failures import (
    AnswerLost,
    AuthorityTokenRefused,
    AuthorityUnavailable,
    CertificateRefused,
    SignerNotDelegated,
    SubmissionRefused,
)
from shared.errors import AppError
from tests.shared.dgii.bodies import anything

REMARKS = {
    '"La firma del XML no es válida"': [("0", "La firma del XML no es válida")],
    "Multipart cannot be empty": [("0", "Multipart cannot be empty")],
    '{"mensaje": "a"}': [("0", "a")],
    '{"Message": "b"}': [("0", "b")],
    '{"error": "c"}': [("0", "c")],
    '{"mensajes": [{"valor": "d", "codigo": 0}]}': [("0", "d")],
    '{"mensajes": ["e", "f"]}': [("0", "e"), ("0", "f")],
    '{"mensaje": ["g"], "codigo": "02"}': [("0", "g")],
    '{"title": "One or more validation errors", "status": 400, "errors": {"xml": ["h"]}}': [("0", "h")],
    '{"mensajes": [{"valor": "ya ha sido utilizado.", "codigo": 1209}]}': [("1209", "ya ha sido utilizado.")],
    '{"mensajes": [{"valor": "n", "codigo": "004"}, {"codigo": 64}]}': [("004", "n"), ("64", "")],
    '{"codigo": 1209, "mensaje": "i"}': [("1209", "i")],
    '{"codigo": "004", "valor": "j"}': [("004", "j")],
    '[{"codigo": 3, "valor": "k"}]': [("3", "k")],
    "<string>l</string>": [("0", "l")],
    "<R><mensajes><Mensaje><codigo>81</codigo><valor>m</valor></Mensaje></mensajes></R>": [("81", "m")],
    '{"title": "Bad Request", "status": 400}': [],
    '{"message": "Forbidden"}': [],
    "Bad Request": [],
    "Bad Request - Invalid URL": [],
    "400 Bad Request": [],
    "HTTP Error 404. Not Found": [],
    "<html><body>502 Bad Gateway</body></html>": [],
    "<!DOCTYPE html><html><body>x</body></html>": [],
    "<p>Service overloaded</p>": [],
    '"half a text': [],
    "": [],
    "null": [],
}


def answer(status: int, body: str, retry_after: int | None = None) -> Answer:
    return Answer(status, body.encode(), retry_after)


@pytest.mark.parametrize("body", REMARKS)
def test_dgiis_own_words_keep_their_codes_in_every_shape(body: str) -> None:
    assert refusals.remarks(body.encode()) == tuple(Mensaje(*one) for one in REMARKS[body])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (302, '"La firma del XML no es válida"'),
        (404, "404 page not found"),
        (404, '{"message": "no Route matched with those values"}'),
        (408, "Request Timeout"),
        (413, '{"mensaje": "Request Entity Too Large"}'),
        (415, '"Unsupported Media Type"'),
        (422, '{"mensajes": [{"valor": "x", "codigo": 1209}]}'),
        (500, '"La firma del XML no es válida"'),
        (200, "Service overloaded"),
        (200, '{"message": "no Route matched with those values"}'),
        (200, "<p>Service overloaded</p>"),
        (200, '{"codigo": 3, "estado": "En Proceso", "mensajes": ["x"]}'),
        (400, '{"codigo": 1, "estado": "Aceptado"}'),
        (400, "<html>x</html>"),
        (400, ""),
        (400, '"One or more errors occurred. (A connection attempt failed because …)"'),
    ],
)
def test_what_proves_nothing_is_a_lost_answer_that_keeps_what_came(status: int, body: str) -> None:
    lost = refusals.not_received(answer(status, body))
    assert isinstance(lost, AnswerLost)
    assert (lost.raw, lost.facts) == (body, {"status": status})


def test_evidence_is_bounded() -> None:
    lost = refusals.not_received(answer(502, "ñ" * 100_000))
    assert isinstance(lost, AnswerLost)
    assert len(lost.raw) == 20_000
    assert AnswerLost(reason="ReadTimeout").raw == ""


@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_keeps_codes_flag_status_and_the_body(status: int) -> None:
    body = '{"mensajes": [{"valor": "Este número de secuencia ya ha sido utilizado.", "codigo": 1209}], "secuenciaUtilizada": true}'
    refused = refusals.not_received(answer(status, body))
    assert isinstance(refused, SubmissionRefused)
    said = refused.outcome
    assert (said.estado, said.mensajes) == (
        Estado.RECHAZADO,
        (Mensaje("1209", "Este número de secuencia ya ha sido utilizado."),),
    )
    assert (said.secuencia_utilizada, said.raw, said.http_status, said.number_was_used) == (True, body, status, True)
    assert refused.facts == {"reason": "Este número de secuencia ya ha sido utilizado.", "status": status}


def test_a_verdict_in_a_400_is_kept_as_it_was_said() -> None:
    body = '{"codigo": 2, "estado": "Rechazado", "encf": "E310000000001", "mensaje": "x", "secuenciaUtilizada": false}'
    refused = refusals.refusal(answer(400, body))
    assert refused is not None
    assert (refused.encf, refused.mensajes, refused.secuencia_utilizada) == ("E310000000001", (Mensaje("0", "x"),), False)


@pytest.mark.parametrize(
    "body",
    ['{"mensajes": [{"codigo": "004", "valor": "x"}]}', '"Ha ocurrido un error validando en eCF, favor intentar nueva vez."'],
)
def test_a_passing_failure_stays_one(body: str) -> None:
    refused = refusals.refusal(answer(400, body))
    assert refused is not None
    assert refused.transient


def test_a_file_that_was_lost_on_the_way_was_not_taken_and_is_no_rejection() -> None:
    assert isinstance(refusals.not_received(answer(400, "Multipart cannot be empty")), AuthorityUnavailable)


CONFIGURATION = {
    "El RNC del certificado no está delegado para realizar transacciones para el RNC: 1": SignerNotDelegated,
    "El emisor no se encuentra autorizado para emitir comprobantes electrónicos.": SignerNotDelegated,
    "RNC NO AUTORIZADO A EMITIR": SignerNotDelegated,
    "El certificado digital utilizado se encuentra vencido": CertificateRefused,
    "Certificado revocado.": CertificateRefused,
}


@pytest.mark.parametrize("words", CONFIGURATION)
def test_a_matter_of_configuration_is_no_rejection_of_the_document(words: str) -> None:
    assert type(refusals.not_received(answer(400, json.dumps(words)))) is CONFIGURATION[words]
    spent = {"mensajes": [words], "secuenciaUtilizada": True}
    assert isinstance(refusals.not_received(answer(400, json.dumps(spent))), SubmissionRefused)


@pytest.mark.parametrize("body", ["", " \n", '"No tiene permiso"', '{"mensaje": "x"}', "El RNC no está delegado por el emisor"])
def test_a_403_in_dgiis_words_or_without_any_is_a_missing_delegation(body: str) -> None:
    with pytest.raises(SignerNotDelegated):
        refusals.usable(answer(403, body))


@pytest.mark.parametrize("body", ["<html>Request blocked</html>", "Forbidden", '{"message": "Forbidden"}', "error code: 1020"])
def test_a_403_of_a_firewall_says_nothing_of_the_tenant(body: str) -> None:
    refusals.usable(answer(403, body))
    assert isinstance(refusals.not_received(answer(403, body)), AnswerLost)


@pytest.mark.parametrize(("said", "waits"), [(None, 60), (7, 7)])
def test_a_busy_authority_is_left_alone_as_long_as_it_asks_for(said: int | None, waits: int) -> None:
    with pytest.raises(AuthorityUnavailable) as caught:
        refusals.usable(answer(429, "", said))
    assert caught.value.facts == {"status": 429, "retry_after": waits}
    assert refusals.unavailable(answer(503, "", 7)).facts == {"status": 503, "retry_after": 7}
    assert refusals.unavailable(answer(503, "")).facts == {"status": 503}


@given(st.sampled_from([200, 302, 400, 404, 500, 503]), anything, st.none() | st.integers(1, 3600))
def test_whatever_comes_is_one_of_the_known_facts(status: int, body: bytes, wait: int | None) -> None:
    came = Answer(status, body, wait)
    refusals.usable(came)
    failure: AppError = refusals.not_received(came)
    assert isinstance(failure, AnswerLost | AuthorityUnavailable | SignerNotDelegated | SubmissionRefused)
    json.dumps([str(failure.facts), refusals.words_of(came)], ensure_ascii=False).encode()


@given(st.sampled_from([401, 403, 429]), anything)
def test_no_body_makes_the_common_statuses_fail_otherwise(status: int, body: bytes) -> None:
    with suppress(AuthorityTokenRefused, AuthorityUnavailable, SignerNotDelegated):
        refusals.usable(Answer(status, body, None))
        assert status == 403
