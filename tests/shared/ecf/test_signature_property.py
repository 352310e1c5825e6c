"""Any change of text, names, attributes, SignedInfo, SignatureValue or certificate of a signed document is refused."""

from copy import deepcopy
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from functions.sandbox.authority import Leaf
from shared.ecf import dsig
from tests.shared.ecf.effort import tries
from tests.shared.ecf.peers import C14N, DSIG, ENVELOPED, EXCLUSIVE, ROOTS, Shape, leaf, refusal, sign_as, unsigned

SHAPES = (Shape(), Shape(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)), Shape(transforms=(ENVELOPED, C14N)))
ACTS = ("replace", "insert", "delete", "rename", "attribute", "remove", "double", "swap", "namespace", "add")
LETTERS = "AZaz09+/=.- ñ€"


@cache
def self_signed() -> Leaf:
    """Its certificate vouches for itself, so that its own bytes are covered without any anchor."""
    key = leaf().private_key
    name = leaf().certificate.subject
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    dated = builder.not_valid_before(leaf().certificate.not_valid_before_utc).not_valid_after(
        leaf().certificate.not_valid_after_utc
    )
    certificate = dated.sign(key, hashes.SHA256())  # type: ignore[arg-type]
    return Leaf(key, certificate, certificate)


@cache
def signed(kind: str, shape: int) -> bytes:
    return sign_as(unsigned(kind), self_signed(), SHAPES[shape])


def changed(xml: bytes, data: st.DataObject) -> bytes | None:
    """One change of one element or attribute; None when it changed nothing."""
    root = etree.fromstring(xml)
    elements = list(root.iter())
    element = elements[data.draw(st.integers(0, len(elements) - 1))]
    act = data.draw(st.sampled_from(ACTS))
    parent = element.getparent()
    text = element.text or ""
    at = data.draw(st.integers(0, max(len(text) - 1, 0)))
    letter = data.draw(st.sampled_from(LETTERS))
    if act in ("replace", "insert", "delete"):
        element.text = text[:at] + ("" if act == "delete" else letter) + text[at + (act != "insert") :]
        if not len(element) and not text:
            return None
        if len(element) and not element.text.strip():
            return None  # blanks between elements are forgiven, and marked
    elif act == "rename":
        element.tag = f"{element.tag!s}x"
    elif act == "namespace":
        element.tag = f"{{urn:x}}{etree.QName(element).localname}"
    elif act == "attribute" and element.attrib:
        name = data.draw(st.sampled_from(sorted(element.attrib)))
        element.set(name, str(element.get(name)) + letter)
    elif act == "attribute":
        element.set("a", letter)
    elif act == "add":
        etree.SubElement(element, "x").text = "1"
    elif parent is None:
        return None
    elif act == "remove":
        parent.remove(element)
    elif act == "double":
        element.addnext(deepcopy(element))
    elif (sibling := element.getnext()) is not None:
        sibling.addnext(element)
    new = etree.tostring(root, encoding="utf-8")
    return new if etree.tostring(root, method="c14n") != etree.tostring(etree.fromstring(xml), method="c14n") else None


@settings(max_examples=tries(600, 10_000), deadline=None)
@given(st.sampled_from(ROOTS), st.integers(0, len(SHAPES) - 1), st.data())
def test_any_change_of_a_signed_document_is_refused(kind: str, shape: int, data: st.DataObject) -> None:
    xml = signed(kind, shape)
    assert refusal(xml) is None
    new = changed(xml, data)
    if new is not None:
        assert refusal(new) is not None


def test_without_the_strict_reading_of_base64_the_property_would_not_hold() -> None:
    """A blank in SignatureValue is the change that no signature covers."""
    root = etree.fromstring(signed("31", 0))
    (value,) = root.iter(f"{{{DSIG}}}SignatureValue")
    text = value.text or ""
    value.text = f"{text[:9]} {text[9:]}"
    xml = etree.tostring(root)
    assert refusal(xml) == "base64"
    original = dsig._unwrapped
    try:
        dsig._unwrapped = lambda text: "".join(text.split())
        assert refusal(xml) is None
    finally:
        dsig._unwrapped = original
