"""SIG-03: nothing but text in content and signature values, every part of the signature once and in its place; SIG-08."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest
from lxml import etree

from tests.shared.ecf.peers import DSIG, ROOTS, Shape, certificate_of, leaf, refusal, sign_as, signed, unsigned

PARTS = (
    "SignedInfo",
    "CanonicalizationMethod",
    "SignatureMethod",
    "Reference",
    "Transforms",
    "Transform",
    "DigestMethod",
    "DigestValue",
    "SignatureValue",
    "KeyInfo",
    "X509Data",
    "X509Certificate",
)
VALUES = ("DigestValue", "SignatureValue", "X509Certificate")


def inside(name: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """A change of the text of one element."""
    pattern = re.compile(rb"(<" + name.encode() + rb">)([^<]+)")
    return lambda xml: pattern.sub(lambda m: m[1] + change(m[2]), xml, count=1)


def split(noise: bytes, at: int = 4) -> Callable[[bytes], bytes]:
    return lambda text: text[:at] + noise + text[at:]


NOISE = {
    "comment": b"<!-- -->",
    "instruction": b"<?a b?>",
    "cdata": b"<![CDATA[]]>",
    "element": b"<a>1</a>",
    "entity": b"&a;",
}
SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "a blank": split(b" "),
    "a tab": split(b"\t"),
    "a line break out of step": split(b"\n"),
    "a line break near the end": split(b"\n", -4),
    "a leading blank": lambda text: b" " + text,
    "a trailing blank": lambda text: text + b" ",
    "a hard blank": split("\u00a0".encode()),
    "a zero-width blank": split("\u200b".encode()),
    "a letter that is none": split(b"!"),
    "a hyphen of the URL alphabet": lambda text: b"-" + text[1:],
    "a fullwidth letter": lambda text: "Ａ".encode() + text[1:],
    "no padding": lambda text: text.rstrip(b"="),
    "more padding": lambda text: text + b"=",
    "padding in the middle": split(b"==="),
    "nothing": lambda text: b"",
    "doubled": lambda text: text + text,
    "cut": lambda text: text[:-4],
    "behind the end": lambda text: text + b"AAAA",
    "hexadecimal": lambda text: b"".join(f"{byte:02x}".encode() for byte in text[:32]),
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("noise", NOISE)
def test_SIG_03_anything_but_text_in_content_or_a_value_is_refused(noise: str, kind: str) -> None:
    found = {name: refusal(inside(name, split(NOISE[noise]))(signed(kind))) for name in VALUES}
    leaf_name = re.search(rb"<(\w+)>[^<]{2,}</\1>", signed(kind))
    assert leaf_name
    found["content"] = refusal(inside(leaf_name[1].decode(), split(NOISE[noise], 1))(signed(kind)))
    expected = {"comment", "processing-instruction", "cdata", "structure", "syntax", "digest"}
    assert set(found.values()) <= expected, found


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", VALUES)
def test_SIG_03_a_value_has_one_spelling(name: str, spelling: str) -> None:
    for kind in ROOTS:
        changed = inside(name, SPELLINGS[spelling])(signed(kind))
        if spelling == "no padding" and changed == signed(kind):
            continue  # a certificate whose length is a multiple of three has none
        assert changed != signed(kind)
        expected = {"base64", "structure", "value", "digest", "certificate-unreadable", "empty-element"}
        assert refusal(changed) in expected, kind


def last_letters(text: bytes) -> Iterator[bytes]:
    """The same bytes in base64 whose unused bits are not zero."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip(b"=")
    unused = {1: 4, 2: 16}.get(len(text) - len(body), 1)
    for step in range(1, unused):
        yield body[:-1] + bytes([alphabet[alphabet.index(body[-1]) + step]]) + text[len(body) :]


@pytest.mark.parametrize("name", ["DigestValue", "SignatureValue"])
def test_SIG_03_base64_with_bits_to_spare_is_refused(name: str) -> None:
    text = re.search(rf"<{name}>([^<]+)".encode(), signed("31"))
    assert text
    others = list(last_letters(text[1]))
    assert len(others) == {"DigestValue": 3, "SignatureValue": 15}[name]
    assert {refusal(inside(name, lambda _, other=other: other)(signed("31"))) for other in others} == {"base64"}


def wraps(shape: Shape, kind: str = "31") -> bytes:
    return sign_as(unsigned(kind), leaf(), shape)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "&#13;\n", "&#xD;\n", "\n      "])
@pytest.mark.parametrize("width", [64, 76])
def test_SIG_03_the_line_breaks_that_net_java_and_xmlsec_write_are_no_noise(width: int, line_end: str) -> None:
    xml = wraps(Shape(width=width, line_end=line_end))
    assert refusal(xml) is None
    around = inside("SignatureValue", lambda text: b"\n" + text + b"\n    ")(xml)
    assert refusal(inside("X509Certificate", lambda text: b"\r\n" + text + b"\r\n")(around)) is None


def variants(xml: bytes) -> Iterator[tuple[str, bytes]]:
    """Each part of a signature missing, twice, moved, nested, renamed, in another namespace, and with an attribute more."""
    for name in PARTS:
        for act in ("missing", "twice", "moved to the root", "first in the signature", "nested", "renamed", "foreign", "attribute"):
            root = etree.fromstring(xml)
            (part,) = root.iter(f"{{{DSIG}}}{name}")
            parent = part.getparent()
            (signature,) = root.iter(f"{{{DSIG}}}Signature")
            assert parent is not None
            if act == "missing":
                parent.remove(part)
            elif act == "twice":
                part.addnext(deepcopy(part))
            elif act == "moved to the root":
                root.append(part)
            elif act == "first in the signature":
                if name == "SignedInfo":
                    continue
                signature.insert(0, part)
            elif act == "nested":
                part.append(deepcopy(part))
            elif act == "renamed":
                part.tag = f"{{{DSIG}}}{name.lower()}"
            elif act == "foreign":
                part.tag = f"{{urn:x}}{name}"
            else:
                part.set("Id", "x")
            yield f"{name} {act}", etree.tostring(root)


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_03_every_part_of_a_signature_stands_once_and_in_its_place(kind: str) -> None:
    verdicts = {name: refusal(xml) for name, xml in variants(signed(kind))}
    assert len(verdicts) == len(PARTS) * 8 - 1
    assert [name for name, reason in verdicts.items() if reason is None] == []
    shapes = {"structure", "reference", "transforms", "key-info", "canonicalization", "signature-algorithm", "digest-algorithm"}
    assert set(verdicts.values()) <= shapes | {"misplaced-signature", "base64", "empty-element", "certificate-unreadable"}


ADDED = ("Object", "Manifest", "SignatureProperties", "KeyValue", "Signature", "X509Data", "Algo")


@pytest.mark.parametrize("parent", ["Signature", *PARTS])
def test_SIG_03_nothing_may_be_added_to_a_signature(parent: str) -> None:
    for added in ADDED:
        for place in (0, 99):
            root = etree.fromstring(signed("31"))
            (node,) = root.iter(f"{{{DSIG}}}{parent}")
            node.insert(place, etree.Element(f"{{{DSIG}}}{added}"))
            assert refusal(etree.tostring(root)) is not None, (added, place)
    for name in VALUES:
        blank = re.sub(rf"<{name}>[^<]+</{name}>".encode(), f"<{name}/>".encode(), signed("31"))
        assert refusal(blank) == "base64"


@pytest.mark.parametrize("space", ["a/b", "../a", "//host/a", "#a", "?a", "a", "http://a b", "a:%zz", "http://[a"])
@pytest.mark.parametrize("prefix", ["", ":p"])
def test_SIG_08_a_relative_namespace_is_refused(prefix: str, space: str) -> None:
    tag = f' xmlns{prefix}="urn:a"'.encode()
    document = re.sub(rb"<(ECF|DetallesItems)>", lambda m: b"<" + m[1] + tag + b">", unsigned("31"), count=1)
    xml = sign_as(document, leaf())
    assert refusal(xml) is None
    assert refusal(xml.replace(b'"urn:a"', f'"{space}"'.encode())) in {"relative-namespace", "syntax"}


def test_the_certificate_in_these_documents_is_the_signers() -> None:
    assert certificate_of(leaf()).encode() in signed("31")
