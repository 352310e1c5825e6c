"""DG-01, DG-11, DG-13, DG-14: no answer of a bare socket takes more time or memory than it may, or a token elsewhere."""

import gzip
import ipaddress
import json
import os
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from functions.sandbox.authority import Authority, Leaf
from shared.dgii import exchange
from shared.dgii.client import Dgii
from shared.dgii.environments import Hosts
from shared.dgii.exchange import http_client
from shared.dgii.failures import AnswerLost, AuthorityUnavailable
from shared.ecf.types import Environment
from tests.shared.dgii.socket_server import (
    Script,
    answering,
    request_of,
    reset_in_the_header,
    serving,
    silent,
    trickling_header,
)

OK = "HTTP/1.1 200 OK\nContent-Type: application/json"
MEGABYTE = 1024 * 1024


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three limits in tenths of a second instead of seconds."""
    monkeypatch.setattr(exchange, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.5)
    monkeypatch.setattr(exchange, "TOTAL_SECONDS", 1.0)


def dgii(address: str) -> Dgii:
    return Dgii(http_client(), Hosts(address, address), Environment.TESTECF)


def send(address: str) -> str:
    return dgii(address).send_ecf("secret-token", "a.xml", b"<ECF/>").track_id


def memory() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_dg01_the_limits_are_five_thirty_and_sixty_seconds() -> None:
    timeout = http_client().timeout
    assert (timeout.connect, timeout.read, exchange.TOTAL_SECONDS) == (5.0, 30.0, 60.0)


@pytest.mark.usefixtures("short")
def test_dg01_nobody_there_is_not_reached_and_what_is_cut_off_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(AuthorityUnavailable):
        send(free)
    with serving(reset_in_the_header) as (address, _), pytest.raises(AnswerLost):
        send(address)
    began = time.monotonic()
    with serving(silent(5)) as (address, _), pytest.raises(AnswerLost):
        send(address)
    assert time.monotonic() - began < 2


@pytest.mark.usefixtures("short")
def test_dg01_a_host_that_swallows_connections_is_left_after_the_connect_limit() -> None:
    # A full backlog: the kernel answers no further SYN.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        crowd = [socket.socket() for _ in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(address)
        time.sleep(0.1)
        began = time.monotonic()
        with pytest.raises(AuthorityUnavailable):
            send(f"http://127.0.0.1:{address[1]}")
        assert time.monotonic() - began < 2
        for one in crowd:
            one.close()


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "script",
    [
        answering(f"{OK}\nContent-Length: 1000", b"x", repeat=100, pause=0.05),
        trickling_header(8),
    ],
    ids=["body", "header"],
)
def test_dg11_a_trickle_ends_with_the_deadline(script: Script) -> None:
    """Each byte comes in time, so that only the deadline of the whole can end it."""
    began = time.monotonic()
    with serving(script) as (address, _), pytest.raises(AnswerLost):
        send(address)
    assert 0.9 < time.monotonic() - began < 2


def test_dg11_without_the_deadline_the_header_would_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: the same trickle, and nothing but the limit of each read."""
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.5)
    began = time.monotonic()
    with serving(trickling_header(2)) as (address, _), pytest.raises(AnswerLost):
        send(address)
    assert time.monotonic() - began > 1.8


BOMB = gzip.compress(bytes(100 * MEGABYTE))


@pytest.mark.parametrize(
    ("head", "body", "repeat"),
    [
        (f"{OK}\nContent-Length: {100 * MEGABYTE}", bytes(MEGABYTE), 100),
        (f"{OK}\nContent-Encoding: gzip\nContent-Length: {len(BOMB)}", BOMB, 1),
        (f"{OK}\nContent-Encoding: br\nContent-Length: 4", b"none", 1),
        (f"{OK}\nContent-Encoding: gzip\nContent-Length: 40", gzip.compress(bytes(5000))[:20] + b"x" * 20, 1),
        (f"{OK}\nContent-Length: 20", b'{"trackId": "ab', 1),
        (f"{OK}\nContent-Length: 15", b'{"trackId": "ab', 1),
        (f"{OK}\nContent-Length: 21", b"<html>hola</html>....", 1),
        (f"{OK}\nContent-Length: 60000", b"[" * 60000, 1),
    ],
    ids=["100 MB", "bomb", "unknown packing", "broken packing", "cut", "truncated JSON", "HTML", "deep"],
)
def test_dg11_what_cannot_be_read_is_a_lost_answer_in_bounded_memory(head: str, body: bytes, repeat: int) -> None:
    with serving(answering(head, body, repeat=repeat)) as (address, _):
        before = memory()
        with pytest.raises(AnswerLost):
            send(address)
        grown = memory() - before
    assert grown <= 20 * MEGABYTE, f"{grown / MEGABYTE:.1f} MB"


def test_dg11_xml_where_json_was_asked_is_read() -> None:
    body = b"<RespuestaRecepcion><trackId>abc</trackId><error /><mensaje /></RespuestaRecepcion>"
    with serving(answering(f"{OK}\nContent-Length: {len(body)}", body)) as (address, _):
        assert send(address) == "abc"
    packed = gzip.compress(json.dumps({"trackId": "abc"}).encode())
    head = f"{OK}\nContent-Encoding: gzip\nContent-Length: {len(packed)}"
    with serving(answering(head, packed)) as (address, _):
        assert send(address) == "abc"


def test_dg11_what_follows_the_end_of_a_packed_answer_is_not_read() -> None:
    """A hundred megabytes of it cost neither memory nor time."""
    packed = gzip.compress(json.dumps({"trackId": "abc"}).encode())
    head = f"{OK}\nContent-Encoding: gzip\nContent-Length: {len(packed) + 100 * MEGABYTE}"
    with serving(answering(head, packed + bytes(MEGABYTE), repeat=100)) as (address, _):
        before, began = memory(), time.thread_time()
        assert send(address) == "abc"
        spent, grown = time.thread_time() - began, memory() - before
    assert grown <= 20 * MEGABYTE, f"{grown / MEGABYTE:.1f} MB"
    assert spent < 1


NOON = "Tue, 24 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("3601", 3600),
        (str(10**15), 3600),
        ("9" * 5000, 3600),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
        ("Tuesday, 24-Nov-26 12:00:30 GMT", 30),
        ("Tue Nov 24 12:00:30 2026", 30),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Tue, 99 Nov 2026 12:00:30 GMT", None),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dg05_retry_after_is_read_in_all_its_forms_and_bounded(said: str, seconds: int | None) -> None:
    answer = httpx.Response(429, stream=httpx.ByteStream(b""), headers={"Retry-After": said.encode(), "Date": NOON})
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    assert exchange.exchange(client, exchange.Call("GET", "https://x")).retry_after == seconds


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Authority:
    """An authority that this process trusts as it trusts those of the web."""
    authority = Authority.create()
    bundle = tmp_path / "roots.pem"
    bundle.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setattr(certifi, "where", lambda: str(bundle))
    return authority


def server_leaf(authority: Authority, *, names: list[x509.GeneralName], days: tuple[int, int]) -> Leaf:
    key, now = authority.issue().private_key, datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dgii.example")]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.private_key, hashes.SHA256())
    )
    return Leaf(key, certificate, authority.certificate)


def tls(leaf: Leaf, tmp_path: Path) -> ssl.SSLContext:
    file = tmp_path / "server.pem"
    file.write_bytes(leaf.certificate_pem + leaf.private_key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


LOOPBACK: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
RECEIPT = answering(f"{OK}\nContent-Length: 18", b'{"trackId": "abc"}')


def test_dg13_only_a_server_that_proves_who_it_is_gets_anything(trusted: Authority, tmp_path: Path) -> None:
    good = server_leaf(trusted, names=LOOPBACK, days=(-1, 1))
    with serving(RECEIPT, tls=tls(good, tmp_path)) as (address, _):
        assert send(address) == "abc", "the other half: a good server is served"
    bad = {
        "expired": server_leaf(trusted, names=LOOPBACK, days=(-9, -1)),
        "another host": server_leaf(trusted, names=[x509.DNSName("dgii.example")], days=(-1, 1)),
        "self-signed": server_leaf(Authority.create(), names=LOOPBACK, days=(-1, 1)),
    }
    for name, leaf in bad.items():
        with serving(RECEIPT, tls=tls(leaf, tmp_path)) as (address, seen), pytest.raises(AuthorityUnavailable):
            send(address)
        assert b"handshake" not in seen, name


def test_dg13_an_old_tls_is_not_spoken(trusted: Authority, tmp_path: Path) -> None:
    context = tls(server_leaf(trusted, names=LOOPBACK, days=(-1, 1)), tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with serving(RECEIPT, tls=context) as (address, seen), pytest.raises(AuthorityUnavailable):
        send(address)
    assert b"handshake" not in seen


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    """A host that a redirect names, and what it was asked."""
    asked: list[bytes] = []

    def script(connection: socket.socket) -> None:
        asked.append(request_of(connection))

    with serving(script) as (address, _):
        yield address, asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_dg14_a_redirect_is_not_followed_and_the_token_stays(elsewhere: tuple[str, list[bytes]], status: int) -> None:
    target, asked = elsewhere
    with serving(answering(f"HTTP/1.1 {status} Moved\nLocation: {target}/\nContent-Length: 0")) as (address, _):
        with pytest.raises(AnswerLost):
            send(address)
        with pytest.raises(AuthorityUnavailable):
            dgii(address).result("secret-token", "t")
    assert asked == []


def test_dg14_a_client_that_follows_would_be_seen(elsewhere: tuple[str, list[bytes]]) -> None:
    """The mutant: the zero above is not zero for a client that follows."""
    target, asked = elsewhere
    with serving(answering(f"HTTP/1.1 302 Moved\nLocation: {target}/\nContent-Length: 0")) as (address, _):
        client = httpx.Client(follow_redirects=True, trust_env=False, timeout=1)
        with pytest.raises(httpx.HTTPError):
            client.get(address, headers={"Authorization": "Bearer secret-token"})
    assert len(asked) == 1
