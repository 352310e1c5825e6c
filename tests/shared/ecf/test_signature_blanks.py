"""SIG-09: indented documents of .NET peers, signed before or after the indentation; SIG-10: only what was signed is read."""

import dataclasses
from collections.abc import Callable

import pytest
from lxml import etree

from shared.ecf.signature import NOT_VERIFIABLE, Blanks, Verified, verify
from tests.shared.ecf.peers import C14N, ENVELOPED, EXCLUSIVE, ROOTS, Shape, leaf, refusal, sign_as, unsigned

SHAPES = {
    "inclusive": Shape(),
    "inclusive by name": Shape(transforms=(ENVELOPED, C14N)),
    "exclusive": Shape(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)),
    "exclusive content": Shape(transforms=(ENVELOPED, EXCLUSIVE)),
    "exclusive SignedInfo": Shape(c14n=EXCLUSIVE),
    "broken base64": Shape(width=76, line_end="&#13;\n"),
}


def indented(xml: bytes, line_end: bytes = b"\r\n") -> bytes:
    """As XmlDocument.Save writes it: two blanks a level, CRLF."""
    root = etree.fromstring(xml)
    etree.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>' + line_end + etree.tostring(root, encoding="utf-8").replace(b"\n", line_end)


def dense(xml: bytes) -> bytes:
    return etree.tostring(etree.fromstring(xml, etree.XMLParser(remove_blank_text=True)), encoding="utf-8")


def values(xml: bytes) -> list[tuple[str, str]]:
    return [(str(element.tag), (element.text or "").strip()) for element in etree.fromstring(xml).iter()]


# How a .NET program may work: what it loads and keeps, and what it saves.
WAYS: dict[str, tuple[Callable[[bytes, Shape], bytes], str]] = {
    "dense, signed, saved as it is": (lambda xml, shape: sign_as(xml, leaf(), shape), "as it stands"),
    "indented, whitespace kept, signed, saved as it is": (lambda xml, shape: sign_as(indented(xml), leaf(), shape), "as it stands"),
    "whitespace dropped, signed, saved indented": (lambda xml, shape: indented(sign_as(xml, leaf(), shape)), "stripped"),
    "whitespace dropped, signed, saved indented with LF": (
        lambda xml, shape: indented(sign_as(xml, leaf(), shape), b"\n"),
        "stripped",
    ),
    "with a byte order mark": (lambda xml, shape: b"\xef\xbb\xbf" + sign_as(xml, leaf(), shape), "as it stands"),
    "indented, whitespace kept, signed, saved dense": (
        lambda xml, shape: dense(sign_as(indented(xml), leaf(), shape)),
        "never",
    ),
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_SIG_09_what_a_net_peer_signs_is_read_strictly_or_by_the_marked_path(way: str, shape: str, kind: str) -> None:
    make, expected = WAYS[way]
    xml = make(unsigned(kind), SHAPES[shape])
    received = bytes(xml)
    strict = refusal(xml, blanks=Blanks.KEPT)
    assert (strict is None) == (expected == "as it stands")
    if expected == "never":
        assert refusal(xml) == "digest"
        return
    verified = verify(xml, at=None)
    assert verified.mark == (NOT_VERIFIABLE if expected == "stripped" else None)
    assert verified.stripped == (expected == "stripped")
    assert xml == received, "the bytes a caller keeps are never touched"
    assert values(verified.xml) == values(unsigned(kind))


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_09_dgiis_own_reading_takes_indentation_after_and_refuses_one_before_signing(kind: str) -> None:
    assert refusal(indented(sign_as(unsigned(kind), leaf())), blanks=Blanks.DROPPED) is None
    assert refusal(sign_as(indented(unsigned(kind)), leaf()), blanks=Blanks.DROPPED) == "digest"


@pytest.mark.parametrize("blank", [b" ", b"\t", b"\n", b"\r\n", b"  "])
def test_SIG_09_dropping_blanks_forgives_nothing_inside_a_text(blank: bytes) -> None:
    for old in (b"Abc de", b"5.00"):
        for new in (blank + old, old + blank):
            xml = sign_as(unsigned("31"), leaf())
            assert refusal(xml.replace(old, new, 1)) == "digest"


def test_SIG_10_a_caller_gets_only_what_was_read_again_from_the_signed_bytes() -> None:
    xml = sign_as(unsigned("31"), leaf())
    verified = verify(xml, at=None)
    assert [f.name for f in dataclasses.fields(Verified)] == ["xml", "root", "certificate", "codigo_seguridad", "stripped"]
    assert (
        etree.tostring(verified.root, method="c14n")
        == verified.xml
        == etree.tostring(etree.fromstring(unsigned("31")), method="c14n")
    )
    assert verified.root.getroottree().getroot() is verified.root, "no way up to a tree that was received"
    assert verified.root.find(".//{*}Signature") is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        verified.root = etree.fromstring("<ECF>1</ECF>")  # type: ignore[misc]


def test_SIG_10_the_received_tree_cannot_be_swapped_between_verifying_and_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to the parsed document after its digest was taken, the caller reads the bytes of that digest."""
    from shared.ecf import dsig

    original = dsig.Structure.content
    seen: list[bytes] = []

    def recorded(self: dsig.Structure) -> bytes:
        content = original(self)
        seen.append(content)
        return content

    monkeypatch.setattr(dsig.Structure, "content", recorded)
    verified = verify(sign_as(unsigned("31"), leaf()), at=None)
    assert verified.xml == seen[-1]
    assert len(set(seen)) == 1
