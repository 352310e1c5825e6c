"""SIG-02: signature wrapping. What verifies must be what is read, so the signed part may not move, nest or be copied."""

import base64
import re
from collections.abc import Callable

import pytest
import xmlsec
from lxml import etree

from tests.shared.ecf.peers import DSIG, ROOTS, Shape, leaf, refusal, sign_as, signed, unsigned

_SIGNATURE = re.compile(rb"<Signature .*</Signature>", re.DOTALL)


class Parts:
    """A signed document taken apart."""

    def __init__(self, xml: bytes) -> None:
        body = re.sub(rb"<\?xml[^>]*\?>", b"", xml)
        found = _SIGNATURE.search(body)
        assert found
        self.signature = found[0]
        self.whole = body
        self.bare = body.replace(self.signature, b"")
        self.name = re.match(rb"<(\w+)", body)[1]  # type: ignore[index]
        self.open = re.match(rb"<[^>]*>", body)[0]  # type: ignore[index]
        self.close = b"</" + self.name + b">"
        self.inside = self.bare[len(self.open) : -len(self.close)]
        self.evil = self.inside.replace(b"5.00", b"1.00").replace(b"Abc", b"Evil") + b"<Evil>1</Evil>"

    def root(self, *content: bytes) -> bytes:
        return self.open + b"".join(content) + self.close

    def signature_with(self, content: bytes, *, where: bytes = b"</Signature>") -> bytes:
        return self.signature.replace(where, content + where, 1)


ATTACKS: dict[str, Callable[[Parts], bytes]] = {
    "original inside a new root, signature last in the new one": lambda p: p.root(p.evil, p.bare, p.signature),
    "original with its signature inside a new root": lambda p: p.root(p.evil, p.whole),
    "original with its signature first in a new root": lambda p: p.root(p.whole, p.evil),
    "original in an Object of the signature": lambda p: p.root(p.evil, p.signature_with(b"<Object>" + p.bare + b"</Object>")),
    "original with signature in an Object of a second one": lambda p: p.root(
        p.evil, p.signature_with(b"<Object>" + p.whole + b"</Object>")
    ),
    "original in KeyInfo": lambda p: p.root(p.evil, p.signature_with(p.bare, where=b"</KeyInfo>")),
    "original in SignatureValue": lambda p: p.root(p.evil, p.signature_with(p.bare, where=b"</SignatureValue>")),
    "original in the Reference": lambda p: p.root(p.evil, p.signature_with(p.bare, where=b"</Reference>")),
    "original in a transform": lambda p: p.root(p.evil, p.signature_with(p.bare, where=b"</Transforms>")),
    "evil content in an Object": lambda p: p.root(p.inside, p.signature_with(b"<Object>" + p.evil + b"</Object>")),
    "evil content at the end of the signature": lambda p: p.root(p.inside, p.signature_with(p.evil)),
    "evil sibling before": lambda p: p.root(p.evil, p.inside, p.signature),
    "evil sibling after": lambda p: p.root(p.inside, p.evil, p.signature),
    "evil content behind the signature": lambda p: p.root(p.inside, p.signature, p.evil),
    "signature first": lambda p: p.root(p.signature, p.inside),
    "text behind the signature": lambda p: p.root(p.inside, p.signature, b"1.00"),
    "content twice": lambda p: p.root(p.inside, p.inside, p.signature),
    "two signatures": lambda p: p.root(p.evil, p.signature, p.signature),
    "a signature in a signature": lambda p: p.root(p.evil, p.signature_with(p.signature)),
    "a broken signature in front": lambda p: p.root(
        p.evil, p.signature.replace(b"<DigestValue>", b"<DigestValue>AAAA"), p.signature
    ),
    "nothing but the signature": lambda p: p.root(p.signature),
    "the signature as the root": lambda p: p.signature_with(p.evil),
    "original beside a wrapper": lambda p: b"<Wrapper>" + p.root(p.evil) + p.bare + p.signature + b"</Wrapper>",
    "original below a wrapper": lambda p: b"<Wrapper>" + p.whole + b"</Wrapper>",
    "evil content only": lambda p: p.root(p.evil, p.signature),
    "another root name": lambda p: b"<Otro>" + p.inside + p.signature + b"</Otro>",
    "a prefix that hides the root": lambda p: (
        b"<e:" + p.name + b' xmlns:e="urn:e">' + p.inside + p.signature + b"</e:" + p.name + b">"
    ),
    "a default namespace over it": lambda p: p.whole.replace(p.open, p.open[:-1] + b' xmlns="urn:e">', 1),
    "an attribute on the root": lambda p: p.whole.replace(p.open, p.open[:-1] + b' a="1">', 1),
}


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_02_the_document_itself_is_accepted(kind: str) -> None:
    assert refusal(signed(kind)) is None


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_SIG_02_a_moved_nested_or_copied_content_is_refused(attack: str, kind: str) -> None:
    changed = ATTACKS[attack](Parts(signed(kind)))
    etree.fromstring(changed)
    assert refusal(changed) in {
        "misplaced-signature",
        "several-signatures",
        "structure",
        "key-info",
        "base64",
        "digest",
        "transforms",
    }


# The same family as other profiles know it: the reference names an Id, and the element with that Id moves away.
BY_ID: dict[str, Callable[[Parts], bytes]] = {
    "as signed": lambda p: p.whole,
    "the named one as a child": lambda p: p.root(p.evil, p.bare, p.signature).replace(b' Id="d"', b"", 1),
    "the named one in an Object": lambda p: p.root(p.evil, p.signature_with(b"<Object>" + p.bare + b"</Object>")).replace(
        b' Id="d"', b"", 1
    ),
    "the Id twice": lambda p: p.root(p.evil, p.bare, p.signature),
    "the named one in a header": lambda p: p.root(b"<Header>" + p.bare + b"</Header>", p.evil, p.signature),
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("attack", BY_ID)
def test_SIG_02_a_reference_by_id_is_refused_wherever_the_element_stands(attack: str, kind: str) -> None:
    assert refusal(BY_ID[attack](Parts(by_id(kind)))) in {"reference", "structure"}


def by_id(kind: str) -> bytes:
    root = etree.fromstring(unsigned(kind))
    document = unsigned(kind).replace(b"<" + str(root.tag).encode(), b"<" + str(root.tag).encode() + b' Id="d"', 1)
    return sign_as(document, leaf(), Shape(uri="#d"))


def naive(xml: bytes) -> bool:
    """What a verifier without a gate does: the first Signature anywhere, given to xmlsec with the certificate inside it."""
    root = etree.fromstring(xml)
    xmlsec.tree.add_ids(root, ["Id"])
    node = next(root.iter(f"{{{DSIG}}}Signature"))
    certificate = base64.b64decode(node.findtext(f".//{{{DSIG}}}X509Certificate") or "")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
    try:
        context.verify(node)
    except xmlsec.Error:
        return False
    return True


@pytest.mark.parametrize("kind", ROOTS)
def test_SIG_02_the_attacks_have_teeth_because_a_verifier_without_a_gate_takes_some(kind: str) -> None:
    taken = [name for name, change in ATTACKS.items() if naive(change(Parts(signed(kind))))]
    taken += [name for name, change in list(BY_ID.items())[1:] if naive(change(Parts(by_id(kind))))]
    assert len(taken) >= 3, taken
