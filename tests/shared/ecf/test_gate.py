"""The gate: what foreign XML may look like, and that refusing is cheap and touches nothing."""

import gzip
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.gate import ANSWER, ECF, NOTE, OTHER, RFCE, ForeignXmlRefused, Limits, limits_of_ecf, open_foreign

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def reason(text: str | bytes, kind: Limits = OTHER) -> str | None:
    try:
        open_foreign(text.encode() if isinstance(text, str) else text, kind=kind)
    except ForeignXmlRefused as refused:
        return refused.reason
    return None


def _attributes(count: int) -> str:
    return " ".join(f'a{n}="1"' for n in range(count))


def _namespaces(count: int) -> str:
    return " ".join(f'xmlns:a{n}="urn:{n}"' for n in range(count))


BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
REFUSED = {
    "doctype": ("<!DOCTYPE E><E>1</E>", "doctype"),
    "internal entity": ('<!DOCTYPE E [<!ENTITY a "b">]><E>&a;</E>', "doctype"),
    "file entity": ('<!DOCTYPE E [<!ENTITY a SYSTEM "file:///etc/hostname">]><E>&a;</E>', "doctype"),
    "network entity": ('<!DOCTYPE E [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]><E>&a;</E>', "doctype"),
    "parameter entity": ('<!DOCTYPE E [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]><E>1</E>', "doctype"),
    "external subset": ('<!DOCTYPE E SYSTEM "file:///etc/hostname"><E>1</E>', "doctype"),
    "default attributes": ('<!DOCTYPE E [<!ATTLIST E a CDATA "1">]><E>1</E>', "doctype"),
    "billion laughs": (f'<!DOCTYPE E [<!ENTITY e0 "x">{BOMB}]><E>&e9;</E>', "doctype"),
    "quadratic blow-up": (f'<!DOCTYPE E [<!ENTITY a "{"x" * 50_000}">]><E>{"&a;" * 2000}</E>', "doctype"),
    "undeclared entity": ("<E>&a;</E>", "syntax"),
    "comment": ("<E>1<!-- --></E>", "comment"),
    "comment before the root": ("<!-- --><E>1</E>", "comment"),
    "processing instruction": ("<E>1<?a b?></E>", "processing-instruction"),
    "style sheet": ('<?xml-stylesheet href="http://127.0.0.1:9/"?><E>1</E>', "processing-instruction"),
    "cdata": ("<E><![CDATA[1]]></E>", "cdata"),
    "xml attribute": ('<E xml:base="http://127.0.0.1:9/">1</E>', "xml-attribute"),
    "xinclude": ('<E xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/hostname"/></E>', "xinclude"),
    "relative namespace": ('<E xmlns="a/b">1</E>', "relative-namespace"),
    "version 1.1": ('<?xml version="1.1"?><E>1</E>', "version"),
    "declared latin": ('<?xml version="1.0" encoding="ISO-8859-1"?><E>1</E>', "encoding"),
    "latin bytes": ("<E>é</E>".encode("latin-1"), "encoding"),
    "utf-16": ("<E>1</E>".encode("utf-16"), "encoding"),
    "utf-7": ('<?xml version="1.0" encoding="utf-7"?><E>1</E>', "encoding"),
    "ebcdic": ("<E>1</E>".encode("cp500"), "encoding"),
    "byte order mark": ("\ufeff<E>1</E>", "byte-order-mark"),
    "trailing junk": ("<E>1</E>junk", "syntax"),
    "two roots": ("<E>1</E><E>1</E>", "syntax"),
    "gzip": (gzip.compress(b"<E>1</E>"), "encoding"),
    "nothing": ("", "syntax"),
    "no xml": ("<html><br></html>", "syntax"),
    "null": ("<E>\x00</E>", "syntax"),
    "duplicate attribute": ('<E a="1" a="2">1</E>', "syntax"),
    "empty element": ("<E><a/></E>", "empty-element"),
    "empty pair": ("<E><a></a></E>", "empty-element"),
    "blank element": ("<E><a> \n\t</a></E>", "empty-element"),
    "empty root": ("<E/>", "empty-element"),
    "too deep": ("<a>" * 65 + "1" + "</a>" * 65, "depth"),
    "too many elements": ("<E>" + "<a>1</a>" * 10_001 + "</E>", "elements"),
    "too many attributes": (f"<E {_attributes(33)}>1</E>", "attributes"),
    "too many namespaces": (f"<E {_namespaces(9)}>1</E>", "namespaces"),
    "namespaces spread over elements": ("<E>" + '<a xmlns="urn:x">1</a>' * 9 + "</E>", "namespaces"),
    "too much text": (f"<E>{'x' * 65_537}</E>", "text"),
    "too much text in pieces": (f"<E>{'x&amp;' * 40_000}</E>", "text"),
    "too long an attribute": (f'<E a="{"x" * 65_537}">1</E>', "text"),
    "too many bytes": ("<E>" + ("<a>" + "x" * 60_000 + "</a>") * 9 + "</E>", "bytes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_plain_document_is_refused_by_name(case: str) -> None:
    text, expected = REFUSED[case]
    assert reason(text) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_costs_little(case: str) -> None:
    """Fifty milliseconds of processor are the limit (XML-02); the best of three keeps a busy machine out of it."""
    text, _ = REFUSED[case]
    data = text.encode() if isinstance(text, str) else text
    costs = []
    for _ in range(3):
        start = time.process_time()
        reason(data)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.05


def test_a_refused_document_opens_nothing() -> None:
    seen: list[str] = []
    listening = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event in {"open", "socket.connect", "socket.getaddrinfo"}:
            seen.append(f"{event} {arguments}")

    sys.addaudithook(hook)
    for text, _ in REFUSED.values():
        reason(text)
    opened_by_refusals = list(seen)
    Path(os.devnull).open().close()
    listening = False
    assert opened_by_refusals == []
    assert seen, "the hook saw nothing at all, so it proves nothing"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (HEAD + "<E>1</E>", OTHER),
        ('<?xml version="1.0"?><E>1</E>', OTHER),
        ("<E>1</E>\n", OTHER),
        ('<E xmlns:a="urn:a"><b a:c="d">ñ 😀 &#65; &amp;</b></E>', OTHER),
        ("<E><a/></E>", ANSWER),
        ("<RFCE><Comprador/><MontoTotal>1.00</MontoTotal></RFCE>", RFCE),
        ("<a>" * 64 + "1" + "</a>" * 64, OTHER),
        (f"<E {_attributes(32)}>1</E>", OTHER),
        (f"<E {_namespaces(8)}>1</E>", OTHER),
        (f"<E>{'x' * 65_536}</E>", OTHER),
    ],
)
def test_a_plain_document_passes(text: str, kind: Limits) -> None:
    assert reason(text, kind) is None


def test_empty_signature_parts_are_no_empty_elements() -> None:
    xml = '<E><a>1</a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Transform Algorithm="urn:x"/></Signature></E>'
    assert reason(xml, ECF) is None


def test_the_size_follows_the_kind() -> None:
    lines = "<E><TipoeCF>{}</TipoeCF>" + "<a>1</a>" * 50_000 + "</E>"
    note, invoice = lines.format(34).encode(), lines.format(31).encode()
    assert limits_of_ecf(note) is NOTE
    assert limits_of_ecf(invoice) is ECF
    assert reason(note, limits_of_ecf(note)) is None
    assert reason(invoice, limits_of_ecf(invoice)) == "elements"


def test_a_note_may_hold_sixteen_megabytes() -> None:
    text = "<E>" + ("<a>" + "x" * 60_000 + "</a>") * 270 + "</E>"
    assert reason(text, NOTE) is None
    assert reason(text, ECF) == "bytes"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="<>/?!-[]&;#xE'\" =aA1\n\u00f1", max_size=80).map(str.encode))
def test_bytes_of_any_kind_are_refused_or_parsed_never_anything_else(data: bytes) -> None:
    reason(data, ANSWER)
