"""SIG-04 and SIG-05: algorithms, transforms and targets outside the allow list, each signed properly by the right key."""

import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.shared.ecf.peers import (
    C14N,
    DSIG,
    ENVELOPED,
    EXCLUSIVE,
    MORE,
    ROOTS,
    RSA_SHA256,
    SHA256,
    Shape,
    leaf,
    refusal,
    sign_as,
    unsigned,
)
from tests.shared.ecf.watched import watch

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x:stylesheet version="1.0" '
    'xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/"><x:copy-of select="document(\'{target}\')"/>'
    "</x:template></x:stylesheet></Transform>"
)
LEAVES_THE_TOTAL_OUT = f'<Transform Algorithm="{XPATH}"><XPath>not(ancestor-or-self::MontoTotal)</XPath></Transform>'
FILTER = (
    '<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><XPath xmlns="http://www.w3.org/2002/06/xmldsig-filter2" '
    'Filter="subtract">//MontoTotal</XPath></Transform>'
)
TRANSFORMS: dict[str, tuple[str, ...]] = {
    "none": (),
    "only a canonicalisation": (C14N,),
    "canonicalisation first": (C14N, ENVELOPED),
    "enveloped twice": (ENVELOPED, ENVELOPED),
    "two canonicalisations": (ENVELOPED, C14N, EXCLUSIVE),
    "many": (ENVELOPED, *[C14N] * 200),
    "with comments": (ENVELOPED, f"{C14N}#WithComments"),
    "exclusive with comments": (ENVELOPED, f"{EXCLUSIVE}WithComments"),
    "canonicalisation 1.1": (ENVELOPED, "http://www.w3.org/2006/12/xml-c14n11"),
    "canonicalisation 2.0": (ENVELOPED, "http://www.w3.org/2010/xml-c14n2"),
    "exclusive with a prefix list": (
        ENVELOPED,
        f'<Transform Algorithm="{EXCLUSIVE}"><InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="xsi"/></Transform>',
    ),
    "base64": (ENVELOPED, f"{DSIG}base64"),
    "xpath": (ENVELOPED, LEAVES_THE_TOTAL_OUT),
    "xpath filter": (ENVELOPED, FILTER),
    "xpath instead": (LEAVES_THE_TOTAL_OUT,),
    "xpath of great cost": (ENVELOPED, f'<Transform Algorithm="{XPATH}"><XPath>{"//*[" * 40}1{"]" * 40}</XPath></Transform>'),
    "xslt": (ENVELOPED, XSLT.format(target="")),
    "unknown": (ENVELOPED, "urn:x"),
    "empty name": (ENVELOPED, ""),
    "decryption": (ENVELOPED, "http://www.w3.org/2002/07/decrypt#XML"),
    "relationship": (ENVELOPED, "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"),
}
METHODS = {
    "comments in SignedInfo": f"{C14N}#WithComments",
    "exclusive with comments": f"{EXCLUSIVE}WithComments",
    "1.1": "http://www.w3.org/2006/12/xml-c14n11",
    "xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "none": "",
    "unknown": "urn:x",
    "in capitals": C14N.upper(),
    "with a blank": f"{C14N} ",
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_SIG_04_a_transform_outside_the_list_is_refused(name: str, kind: str) -> None:
    assert refusal(sign_as(unsigned(kind), leaf(), Shape(transforms=TRANSFORMS[name]))) in {"transforms", "structure"}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("name", METHODS)
def test_SIG_04_another_canonicalisation_is_refused(name: str, kind: str) -> None:
    assert refusal(sign_as(unsigned(kind), leaf(), Shape(c14n=METHODS[name]))) == "canonicalization"


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_SIG_04_no_target_but_the_document_is_ever_opened(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    """Files, a pipe that would hang a reader for ever, the network; in References, KeyInfo, transforms, schemas and entities."""
    base, asked = listener
    pipe, file = tmp_path / "pipe", tmp_path / "file.xml"
    os.mkfifo(pipe)
    file.write_bytes(b"<a>1</a>")
    targets = [
        f"file://{file}",
        str(file),
        f"file://{pipe}",
        str(pipe),
        f"{base}/x",
        "/dev/zero",
        "#x",
        "#xpointer(/)",
        "a.xml",
        "%",
    ]
    xml: list[bytes] = []
    for target in targets:
        shapes = [
            Shape(uri=target),
            Shape(uri=target, transforms=()),
            Shape(transforms=(ENVELOPED, XSLT.format(target=target))),
            Shape(key_info=f'<RetrievalMethod URI="{target}" Type="http://www.w3.org/2000/09/xmldsig#X509Data"/>'),
            Shape(extra=f'<Object><Manifest><Reference URI="{target}"/></Manifest></Object>'),
        ]
        xml += [sign_as(unsigned("31"), leaf(), shape) for shape in shapes]
        hint = f'<ECF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{target}"'
        xml.append(sign_as(unsigned("31"), leaf()).replace(b"<ECF", hint.encode()))
        xml.append(f'<!DOCTYPE ECF SYSTEM "{target}"><ECF>1</ECF>'.encode())
        xml.append(f'<?xml-stylesheet href="{target}"?><ECF><a>1</a></ECF>'.encode())
        xml.append(f'<ECF xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{target}"/></ECF>'.encode())
    files = [tmp_path / f"{number}.xml" for number in range(len(xml))]
    for path, data in zip(files, xml, strict=True):
        path.write_bytes(data)
    seen = watch(files, tmp_path)
    assert len(seen.verdicts) == len(targets) * 9
    assert None not in seen.verdicts.values()
    assert seen.opened == []
    assert asked == []
    assert seen.control, "the watchers saw nothing at all, so they prove nothing"


@pytest.mark.parametrize("uri", [None, "#", "#x", "#xpointer(/)", "#xpointer(id('x'))", " ", "?", "./", "http://127.0.0.1:9/"])
def test_SIG_04_only_the_whole_document_is_a_target(uri: str | None) -> None:
    assert refusal(sign_as(unsigned("31"), leaf(), Shape(uri=uri))) == "reference"


DIGESTS = [f"{DSIG}sha1", f"{MORE}md5", f"{MORE}sha224", f"{MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"]
DIGESTS += ["http://www.w3.org/2001/04/xmlenc#ripemd160", "", "urn:x", SHA256.upper(), f"{SHA256} ", SHA256.replace("04", "4")]
SIGNATURES = [f"{DSIG}rsa-sha1", f"{MORE}rsa-md5", f"{MORE}rsa-sha384", f"{MORE}rsa-sha512", f"{MORE}rsa-ripemd160"]
SIGNATURES += ["http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "", "none", "urn:x", RSA_SHA256.upper(), f" {RSA_SHA256}"]
# The slips of the sample printed in DGII's own paper.
SIGNATURES += ["http://www.w3.org/2001/04/xmldsig-more#rsa- sha256", "http://www.w3.org/2001/04/xmldsigmore#rsa-sha256"]


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("algorithm", DIGESTS)
def test_SIG_05_another_digest_is_refused(algorithm: str, kind: str) -> None:
    assert refusal(sign_as(unsigned(kind), leaf(), Shape(digest=algorithm))) == "digest-algorithm"


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("algorithm", SIGNATURES)
def test_SIG_05_another_signature_algorithm_is_refused(algorithm: str, kind: str) -> None:
    assert refusal(sign_as(unsigned(kind), leaf(), Shape(method=algorithm))) == "signature-algorithm"


def secrets() -> list[bytes]:
    """What an attacker knows and a confused verifier would take as the key of an HMAC."""
    certificate = leaf().certificate
    spki = [certificate.public_key().public_bytes(form, PublicFormat.SubjectPublicKeyInfo) for form in (Encoding.DER, Encoding.PEM)]
    return [certificate.public_bytes(Encoding.DER), certificate.public_bytes(Encoding.PEM), *spki, b"\0"]


@pytest.mark.parametrize("algorithm", [f"{DSIG}hmac-sha1", f"{MORE}hmac-sha256"])
def test_SIG_05_a_mac_keyed_with_what_everybody_knows_is_refused(algorithm: str) -> None:
    for secret in secrets():
        shape = Shape(method=algorithm, secret=secret)
        assert refusal(sign_as(unsigned("31"), leaf(), shape)) == "signature-algorithm"
        assert refusal(sign_as(unsigned("31"), leaf(), replace(shape, method=RSA_SHA256))) == "value"
        short = f'<SignatureMethod Algorithm="{algorithm}"><HMACOutputLength>8</HMACOutputLength></SignatureMethod>'
        assert refusal(sign_as(unsigned("31"), leaf(), replace(shape, method=short))) == "signature-algorithm"


def test_SIG_05_a_key_of_another_kind_is_refused() -> None:
    elliptic, digital = ec.generate_private_key(ec.SECP256R1()), dsa.generate_private_key(2048)
    for method, key in ((f"{MORE}ecdsa-sha256", elliptic), (f"{DSIG}dsa-sha1", digital), (f"{DSIG[:-1]}11#dsa-sha256", digital)):
        assert refusal(sign_as(unsigned("31"), leaf(), Shape(method=method, private_key=key))) == "signature-algorithm"
        assert refusal(sign_as(unsigned("31"), leaf(), Shape(private_key=key))) == "value"


def test_SIG_05_parameters_of_an_allowed_algorithm_are_refused() -> None:
    method = f'<SignatureMethod Algorithm="{RSA_SHA256}"><a xmlns="urn:a">1</a></SignatureMethod>'
    assert refusal(sign_as(unsigned("31"), leaf(), Shape(method=method))) == "signature-algorithm"
