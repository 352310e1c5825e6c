"""SIG-01: three engines accept what we sign, over all types and hard texts and spelt otherwise, and refuse any changed byte."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from shared.ecf.fields import KINDS
from shared.ecf.gate import ForeignXmlRefused
from shared.ecf.signature import Blanks, CarriageReturnInText, Key, SignatureRefused, sign, verify
from tests.judges import judge
from tests.shared.ecf.peers import C14N, ENVELOPED, EXCLUSIVE, ROOTS, Shape, authority, leaf, sign_as, unsigned

pytestmark = pytest.mark.judge

TEXTS = [
    "Ñandú &amp; cía &lt;S.R.L.&gt; «a» &quot;b&quot; &apos;c&apos;",
    "tab\tdentro y &#9; referido",
    "línea\r\nde Windows",
    "línea&#10;referida",
    "espacio\u00a0duro y &#160;",
    "e\u0301 combinada, é junta",
    "emoji 😀, plano 𐐷, &#x1F600;",
    "© € ® ™ – —",
    "]]&gt; no es CDATA",
    "&amp;amp; y &amp;#13; escritos",
    "中文 العربية עברית ไทย",
    " orillas ",
    "&#65;&#x42;C",
    "\u2028 separador \u200d unido",
    "a" * 80,
]


def documents() -> list[bytes]:
    """Each of the fifteen kinds with each text in its first element of text."""
    made = []
    for kind in KINDS:
        for text in TEXTS:
            document = unsigned(kind)
            place = re.search(rb">(Abc de|ventas@[^<]*|131880681|E320000000001)<", document)
            assert place
            made.append(document[: place.start(1)] + text.encode() + document[place.end(1) :])
    return made


@pytest.fixture(scope="module")
def signed() -> list[bytes]:
    key = Key.from_pem(leaf().private_key_pem, leaf().certificate_pem)
    made = [sign(document, key).xml for document in documents()]
    assert len(made) >= 200
    return made


def with_references(form: str) -> Callable[[bytes], bytes]:
    return lambda xml: "".join(form.format(ord(char)) if ord(char) > 126 else char for char in xml.decode()).encode()


RECODED: dict[str, Callable[[bytes], bytes]] = {
    "decimal references": with_references("&#{};"),
    "hexadecimal references": with_references("&#x{:X};"),
    "no declaration": lambda xml: xml[xml.index(b"?>") + 2 :],
    "apostrophes around attributes": lambda xml: re.sub(rb'(\w)="([^"\']*)"', rb"\1='\2'", xml),
    "blanks in tags": lambda xml: re.sub(rb"<(/?)(MontoTotal|Version|valor|Encabezado)>", rb"<\1\2 >", xml),
    "long empty tags": lambda xml: re.sub(rb"<(\w+Method|Transform)( [^>]*)/>", rb"<\1\2></\1>", xml),
    "a line at the end": lambda xml: xml + b"\r\n",
    "letters as references": lambda xml: xml.replace(b">1.0<", b">&#49;&#x2e;0<"),
}


def ours(data: bytes) -> bool:
    try:
        verify(data, at=datetime.now(UTC), blanks=Blanks.KEPT)
    except (SignatureRefused, ForeignXmlRefused):
        return False
    return True


def verdicts(documents: list[bytes], folder: Path) -> dict[str, list[bool]]:
    """Of our engine, the JDK and xmlsec1, for each document."""
    judge.require_jdk()
    judge.require_xmlsec1()
    folder.mkdir()
    pem = folder / "authority.pem"
    pem.write_bytes(authority().certificate.public_bytes(Encoding.PEM))
    files = [folder / f"{number}.xml" for number in range(len(documents))]
    for path, data in zip(files, documents, strict=True):
        path.write_bytes(data)
    jdk, xmlsec1 = judge.jdk(files), judge.xmlsec1(files, pem)
    return {"ours": list(map(ours, documents)), "jdk": [jdk[f] for f in files], "xmlsec1": [xmlsec1[f] for f in files]}


def test_SIG_01_three_engines_accept_what_we_sign(signed: list[bytes], tmp_path: Path) -> None:
    for engine, said in verdicts(signed, tmp_path / "signed").items():
        assert said.count(False) == 0, engine


def test_SIG_01_three_engines_accept_it_spelt_another_way(signed: list[bytes], tmp_path: Path) -> None:
    chance = random.Random(20261124)
    recoded = []
    for name, change in RECODED.items():
        for xml in chance.sample(signed, 30):
            recoded.append(change(xml))
            assert etree.tostring(etree.fromstring(recoded[-1]), method="c14n") == etree.tostring(
                etree.fromstring(xml), method="c14n"
            ), name
    assert sum(new not in signed for new in recoded) > 200
    for engine, said in verdicts(recoded, tmp_path / "recoded").items():
        assert said.count(False) == 0, engine


def changed(xml: bytes, chance: random.Random) -> bytes:
    """One byte of the content (not of declaration and signature) replaced, so that the document says something else."""
    begin, end = xml.index(b"?>") + 2, xml.index(b"<Signature ")
    before = etree.tostring(etree.fromstring(xml), method="c14n")
    while True:
        at, byte = chance.randrange(begin, end), chance.randrange(256)
        new = xml[:at] + bytes([byte]) + xml[at + 1 :]
        try:
            if etree.tostring(etree.fromstring(new), method="c14n") != before:
                return new
        except (etree.XMLSyntaxError, etree.C14NError):
            if chance.random() < 0.1:  # most changes shall reach the signature
                return new


def test_SIG_01_three_engines_refuse_any_changed_byte_of_the_content(signed: list[bytes], tmp_path: Path) -> None:
    chance = random.Random(1)
    spoilt = [changed(xml, chance) for xml in signed]
    for engine, said in verdicts(spoilt, tmp_path / "spoilt").items():
        assert said.count(True) == 0, engine


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_01_no_changed_byte_anywhere_reads_as_something_else(signed: list[bytes], kind: str) -> None:
    """Every byte of one document: refused, or the same content by the same certificate."""
    xml = next(
        one
        for one, document in zip(signed, documents(), strict=True)
        if f"<{etree.fromstring(unsigned(kind)).tag}".encode() in document
    )
    content = verify(xml, at=None).xml
    chance = random.Random(2)
    other = []
    for at in range(0, len(xml), 2):
        new = xml[:at] + bytes([xml[at] ^ (1 << chance.randrange(8))]) + xml[at + 1 :]
        try:
            verified = verify(new, at=None, blanks=Blanks.KEPT, anchors=[authority().certificate])
        except (SignatureRefused, ForeignXmlRefused):
            continue
        if verified.xml != content or verified.certificate != leaf().certificate:
            other.append(at)
    assert other == []


def test_SIG_01_a_carriage_return_in_text_is_accepted_from_others_and_never_signed(tmp_path: Path) -> None:
    key = Key.from_pem(leaf().private_key_pem, leaf().certificate_pem)
    foreign = []
    for text in (b"a&#13;b", b"a&#xD;&#10;b", b"a&#13;\nb"):
        document = unsigned("31").replace(b"Abc de", text)
        with pytest.raises(CarriageReturnInText):
            sign(document, key)
        foreign += [sign_as(document, leaf(), shape) for shape in SHAPES.values()]
    for engine, said in verdicts(foreign, tmp_path / "foreign").items():
        assert said.count(False) == 0, engine


SHAPES = {
    "inclusive": Shape(),
    "inclusive by name": Shape(transforms=(ENVELOPED, C14N)),
    "exclusive": Shape(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)),
    "exclusive content": Shape(transforms=(ENVELOPED, EXCLUSIVE)),
    "exclusive SignedInfo": Shape(c14n=EXCLUSIVE),
    "Java's lines": Shape(width=76, line_end="&#13;\n", between="\n"),
    ".NET's lines": Shape(width=76, line_end="\r\n"),
    "xmlsec's lines": Shape(width=64),
}


def test_SIG_01_the_engines_agree_about_every_shape_a_peer_signs(tmp_path: Path) -> None:
    """What keeps the signer of our tests honest: the documents of SIG-02 to SIG-09 start from these."""
    made = [sign_as(unsigned(kind), leaf(), shape) for kind in ROOTS for shape in SHAPES.values()]
    for engine, said in verdicts(made, tmp_path / "peers").items():
        assert said.count(False) == 0, engine
