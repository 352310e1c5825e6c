"""What goes wrong on the way to DGII becomes one of a few facts, and the difference between them is kept."""

import gzip
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from shared.dgii import exchange
from shared.dgii.answers import Estado
from shared.dgii.client import Dgii
from shared.dgii.environments import Hosts
from shared.dgii.exchange import http_client
from shared.dgii.failures import (
    AnswerLost,
    AuthorityTokenRefused,
    AuthorityUnavailable,
    CertificateRefused,
    SeedRefused,
    SeedUnusable,
    SignerNotDelegated,
    SubmissionRefused,
)
from shared.ecf.types import Environment

SEED = b"<SemillaModel><valor>YQ==</valor><fecha>2026-11-24T10:00:00</fecha></SemillaModel>"
Reply = Callable[[httpx.Request], httpx.Response]


def dgii(reply: Reply) -> Dgii:
    http = httpx.Client(transport=httpx.MockTransport(reply))
    return Dgii(http, Hosts("https://ecf.example/", "https://fc.example"), Environment.TESTECF)


def said(status: int, body: object = b"", **headers: str) -> httpx.Response:
    """An answer as it comes off a connection: bytes that nobody has read."""
    plain = body if isinstance(body, bytes | str) else json.dumps(body)
    data = plain if isinstance(plain, bytes) else plain.encode()
    return httpx.Response(status, stream=httpx.ByteStream(data), headers=headers)


def always(status: int, body: object = b"", **headers: str) -> Reply:
    return lambda _: said(status, body, **headers)


def failing(error: Exception) -> Reply:
    def reply(_: httpx.Request) -> httpx.Response:
        raise error

    return reply


def send(reply: Reply) -> str:
    return dgii(reply).send_ecf("token", "a.xml", b"<ECF/>").track_id


def test_a_document_travels_as_one_part_with_its_length_and_token() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return said(200, {"trackId": "t", "error": None, "mensaje": None})

    assert dgii(reply).send_ecf("abc", "131880738E310000000001.xml", b"<ECF>1</ECF>").track_id == "t"
    (request,) = seen
    assert str(request.url) == "https://ecf.example/testecf/recepcion/api/facturaselectronicas"
    assert request.headers["authorization"] == "Bearer abc"
    assert int(request.headers["content-length"]) == len(request.content)
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert f"GetUpNet/{project['version']}" in request.headers["user-agent"]
    assert b'name="xml"; filename="131880738E310000000001.xml"\r\nContent-Type: text/xml\r\n\r\n<ECF>1</ECF>' in request.content


def test_a_security_code_survives_the_query() -> None:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return said(200, {"codigo": "1", "estado": "Aceptado"})

    dgii(reply).rfce("abc", "131880738", "E320000000001", "aB/d+=")
    assert seen[0].startswith("https://fc.example/testecf/consultarfce/api/Consultas/Consulta?RNC_Emisor=131880738")
    assert seen[0].endswith("Cod_Seguridad_eCF=aB%2Fd%2B%3D")


@pytest.mark.parametrize(
    ("reply", "fact"),
    [
        (failing(httpx.ConnectError("refused")), AuthorityUnavailable),
        (failing(httpx.ConnectTimeout("slow")), AuthorityUnavailable),
        (always(429, b"", **{"Retry-After": "7"}), AuthorityUnavailable),
        (failing(httpx.ReadTimeout("slow")), AnswerLost),
        (failing(httpx.WriteError("reset")), AnswerLost),
        (failing(httpx.RemoteProtocolError("reset")), AnswerLost),
        (always(502, b"<html>Bad Gateway</html>"), AnswerLost),
        (always(500, b'"error"'), AnswerLost),
        (always(400, b"Bad Request"), AnswerLost),
        (always(400, b""), AnswerLost),
        (always(200, b"<html>mantenimiento</html>"), AnswerLost),
        (always(200, b'{"trackId": "", "mensaje": null}'), AnswerLost),
        (always(200, b'{"trackId": "t"'), AnswerLost),
        (always(302, b"", Location="http://127.0.0.1:1/"), AnswerLost),
        (always(200, b"x" * (exchange.ANSWER_LIMIT + 1)), AnswerLost),
        (always(200, gzip.compress(b"x" * 50_000_000), **{"Content-Encoding": "gzip"}), AnswerLost),
        (always(200, b"no gzip", **{"Content-Encoding": "gzip"}), AnswerLost),
        (always(400, '"La firma del XML no es válida"'), SubmissionRefused),
        (always(400, "Multipart cannot be empty"), AuthorityUnavailable),
        (always(404, "404 page not found"), AnswerLost),
        (always(200, b"Service overloaded"), AnswerLost),
        (always(403, b"<html>Request blocked</html>"), AnswerLost),
        (always(200, '{"trackId": null, "mensaje": "La firma del XML no es válida"}'), SubmissionRefused),
        (always(400, '"El RNC del certificado no está delegado para realizar transacciones para el RNC: 1"'), SignerNotDelegated),
        (always(403, b""), SignerNotDelegated),
        (always(401, b""), AuthorityTokenRefused),
    ],
)
def test_a_reception_that_gives_no_receipt_says_which_kind_of_no_it_is(reply: Reply, fact: type[Exception]) -> None:
    with pytest.raises(fact):
        send(reply)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_authority_says_when_to_come_back(status: int) -> None:
    busy = always(status, b"", **{"Retry-After": "7"})
    for ask in (send, lambda reply: dgii(reply).result("t", "1"), lambda reply: dgii(reply).authenticate(lambda seed: seed)):
        with pytest.raises((AuthorityUnavailable, AnswerLost)) as caught:
            ask(busy)
        assert caught.value.facts == {"status": status, "retry_after": 7}
    with pytest.raises(AuthorityUnavailable) as caught:
        dgii(authentication(busy(httpx.Request("GET", "https://x")))).authenticate(lambda seed: seed)
    assert caught.value.facts["retry_after"] == 7


def test_a_firewall_before_a_consulta_is_not_taken_for_a_missing_delegation() -> None:
    with pytest.raises(AuthorityUnavailable):
        dgii(always(403, b"<html>Request blocked</html>")).result("t", "1")
    with pytest.raises(SignerNotDelegated):
        dgii(always(403)).result("t", "1")


def test_a_number_that_dgii_does_not_know_has_no_submissions() -> None:
    body = [{"trackId": None, "estado": "No encontrado"}]
    found = dgii(always(200, body)).track_ids("t", "131880738", "E310000000001")
    assert (found.rows, json.loads(found.raw)) == ((), body)


def test_a_refusal_keeps_the_codes_and_a_lost_answer_what_came() -> None:
    used = {"mensajes": [{"valor": "Este número de secuencia ya ha sido utilizado.", "codigo": 1209}]}
    with pytest.raises(SubmissionRefused) as refused:
        send(always(400, used))
    assert refused.value.outcome.number_was_used
    assert [m.codigo for m in refused.value.outcome.mensajes] == ["1209"]
    with pytest.raises(AnswerLost) as lost:
        send(always(502, b"<html>Bad Gateway</html>"))
    assert lost.value.raw == "<html>Bad Gateway</html>"


@pytest.mark.parametrize("reply", [failing(httpx.ReadTimeout("slow")), always(502), always(200, b"<html>x</html>")])
def test_a_consulta_without_answer_is_only_unavailable(reply: Reply) -> None:
    asked: list[Callable[[Dgii], object]] = [
        lambda d: d.result("t", "1"),
        lambda d: d.state("t", "1", "2", "", ""),
        lambda d: d.track_ids("t", "1", "2"),
        lambda d: d.rfce("t", "1", "2", "3"),
    ]
    for ask in asked:
        with pytest.raises(AuthorityUnavailable):
            ask(dgii(reply))


@pytest.mark.parametrize("status", [404, 500])
def test_a_verdict_with_the_status_of_a_failure_is_none(status: int) -> None:
    with pytest.raises(AnswerLost):
        dgii(always(status, '{"codigo": "2", "estado": "Rechazado"}')).send_rfce("t", "a.xml", b"<RFCE/>")


@pytest.mark.parametrize("status", [200, 400])
def test_the_verdict_of_a_summary_counts_whatever_status_it_comes_with(status: int) -> None:
    body = '{"codigo": "2", "estado": "Rechazado", "mensajes": [{"codigo": "3205", "valor": "x"}], "secuenciaUtilizada": true}'
    outcome = dgii(always(status, body)).send_rfce("t", "a.xml", b"<RFCE/>")
    assert (outcome.estado, outcome.secuencia_utilizada) == (Estado.RECHAZADO, True)


def authentication(answer: httpx.Response, seed: bytes = SEED) -> Reply:
    return lambda request: said(200, seed) if request.method == "GET" else answer


def test_the_seed_is_signed_by_the_caller_and_becomes_a_token() -> None:
    body = {"token": "abc", "expedido": "2026-11-24T10:00:00Z", "expira": "2026-11-24T11:00:00Z"}
    signed: list[bytes] = []

    def sign(seed: bytes) -> bytes:
        signed.append(seed)
        return seed

    assert dgii(authentication(said(200, body))).authenticate(sign).value == "abc"
    assert signed == [SEED]


@pytest.mark.parametrize(
    ("status", "body", "fact"),
    [
        (400, '"Firma del certificado invalida"', SeedRefused),
        (400, '"El RNC 1 del certificado no está delegado para realizar transacciones."', SignerNotDelegated),
        (400, '"One or more errors occurred. (A connection attempt failed because …)"', AuthorityUnavailable),
        (400, '"El certificado se encuentra revocado."', CertificateRefused),
        (400, '"One or more errors occurred. (A task was canceled.)"', AuthorityUnavailable),
        (403, '"El RNC 1 del certificado no está delegado para realizar transacciones."', SignerNotDelegated),
        (403, "<html>Request blocked</html>", AuthorityUnavailable),
        (400, "<html>x</html>", AuthorityUnavailable),
        (503, "", AuthorityUnavailable),
        (200, "{}", AuthorityUnavailable),
    ],
)
def test_a_refused_seed_an_undelegated_signer_and_an_outage_are_told_apart(status: int, body: str, fact: type[Exception]) -> None:
    with pytest.raises(fact):
        dgii(authentication(said(status, body))).authenticate(lambda seed: seed)


@pytest.mark.parametrize(
    "seed",
    [
        b"",
        b"<html>x</html>",
        b"<SemillaModel><valor/><fecha>x</fecha></SemillaModel>",
        b"<SemillaModel><fecha>x</fecha></SemillaModel>",
        b"<Otro><valor>YQ==</valor></Otro>",
        b'<!DOCTYPE S [<!ENTITY a SYSTEM "file:///etc/hostname">]><SemillaModel><valor>&a;</valor></SemillaModel>',
        b"<SemillaModel><valor>" + b"x" * 600_000 + b"</valor></SemillaModel>",
    ],
)
def test_what_is_no_seed_is_never_signed(seed: bytes) -> None:
    def never(_: bytes) -> bytes:
        raise AssertionError("signed")

    with pytest.raises(SeedUnusable):
        dgii(authentication(said(200), seed)).authenticate(never)


def test_a_slow_trickle_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TOTAL_SECONDS", -1.0)

    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from (b"x" for _ in range(1000))

    with pytest.raises(AnswerLost):
        send(lambda _: httpx.Response(200, stream=Trickle()))


def test_the_client_follows_nothing_and_trusts_no_environment() -> None:
    http = http_client()
    assert not http.follow_redirects
    assert not http.trust_env
    assert (http.timeout.connect, http.timeout.read) == (5.0, 30.0)
