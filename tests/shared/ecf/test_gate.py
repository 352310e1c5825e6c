"""The gate: what foreign XML may look like, and that refusing is cheap and touches nothing."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from shared.ecf.gate import ANSWER, ECF, NOTE, OTHER, RFCE, ForeignXmlRefused, Limits, limits_of, limits_of_ecf, open_foreign
from tests.shared.ecf.hostile import REFUSED, attributes, namespaces

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def reason(text: str | bytes, kind: Limits = OTHER) -> str | None:
    try:
        open_foreign(text.encode() if isinstance(text, str) else text, kind=kind)
    except ForeignXmlRefused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("case", REFUSED)
def test_XML_01_to_04_what_is_no_plain_document_is_refused_by_name(case: str) -> None:
    text, expected = REFUSED[case]
    assert reason(text) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_XML_01_02_a_refusal_costs_little(case: str) -> None:
    """Ten milliseconds of processor for a DOCTYPE, fifty for the rest; the best of three keeps a busy machine out of it."""
    text, _ = REFUSED[case]
    data = text.encode() if isinstance(text, str) else text
    assert min(cpu_seconds(lambda: reason(data)) for _ in range(3)) < (0.01 if case.startswith("XML-01") else 0.05)


def cpu_seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def crowded(elements: int, kind: Limits) -> bytes:
    """As many namespaces, attributes and levels as the gate lets in, over that many elements."""
    more = " ".join(f'b{n}="{n}"' for n in range(kind.attributes - 3))
    one = f'<p0:a p0:x="1" p3:y="2" p7:z="3" {more}>1</p0:a>'
    count = min(elements // 2, kind.bytes // 2 // len(one))
    levels = kind.depth - 2
    lines = one * count + "<a>12345</a>" * (elements // 2)
    return f"<E {namespaces(kind.namespaces)}>{'<b>' * levels}{lines}{'</b>' * levels}</E>".replace("xmlns:a", "xmlns:p").encode()


@pytest.mark.parametrize("exclusive", [False, True])
def test_XML_02_canonicalising_anything_accepted_is_cheap_and_linear(exclusive: bool) -> None:
    """Fifty milliseconds for the small kinds; a large document costs what its bytes cost, not more."""

    def cost(data: bytes, kind: Limits) -> float:
        root = open_foreign(data, kind=kind)
        return min(cpu_seconds(lambda: etree.tostring(root, method="c14n", exclusive=exclusive)) for _ in range(3))

    small, large = crowded(9_000, OTHER), crowded(300_000, NOTE)
    dear = cost(small, OTHER)
    assert dear <= 0.05
    assert cost(large, NOTE) / len(large) <= 4 * dear / len(small)


def test_XML_02_without_its_limits_the_same_document_would_cost_seconds() -> None:
    """What the limit on namespaces is for: inclusive canonicalisation is cubic in them."""
    costs = []
    for count in (100, 400):
        root = etree.fromstring(f"<E {namespaces(count)}>{'<a>1</a>' * 3}</E>")
        costs.append(min(cpu_seconds(lambda root=root: etree.tostring(root, method="c14n")) for _ in range(3)))  # type: ignore[misc]
        assert reason(etree.tostring(root)) == "namespaces"
    assert costs[1] > 6 * costs[0]


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
        (f"<E {attributes(32)}>1</E>", OTHER),
        (f"<E {namespaces(8)}>1</E>", OTHER),
        (f"<E>{'x' * 65_536}</E>", OTHER),
    ],
)
def test_XML_02_03_a_plain_document_at_every_limit_passes(text: str, kind: Limits) -> None:
    assert reason(text, kind) is None


def test_empty_signature_parts_are_no_empty_elements() -> None:
    xml = '<E><a>1</a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Transform Algorithm="urn:x"/></Signature></E>'
    assert reason(xml, ECF) is None


def test_XML_02_the_size_follows_the_kind() -> None:
    lines = "<E><TipoeCF>{}</TipoeCF>" + "<a>1</a>" * 50_000 + "</E>"
    note, invoice = lines.format(34).encode(), lines.format(31).encode()
    assert limits_of_ecf(note) is NOTE
    assert limits_of_ecf(invoice) is ECF
    assert limits_of(b"\xef\xbb\xbf<?xml version='1.0'?> <ECF><TipoeCF>33</TipoeCF>") is NOTE
    assert [limits_of(f"<{root} a='1'>".encode()) for root in ("ECF", "RFCE", "p:RFCE", "ARECF", "")] == [
        ECF,
        RFCE,
        RFCE,
        OTHER,
        OTHER,
    ]
    assert reason(note, limits_of_ecf(note)) is None
    assert reason(invoice, limits_of_ecf(invoice)) == "elements"


def test_XML_02_a_note_may_hold_sixteen_megabytes() -> None:
    text = "<E>" + ("<a>" + "x" * 60_000 + "</a>") * 270 + "</E>"
    assert reason(text, NOTE) is None
    assert reason(text, ECF) == "bytes"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="<>/?!-[]&;#xE'\" =aA1\n\u00f1", max_size=80).map(str.encode))
def test_XML_06_bytes_of_any_kind_are_refused_or_parsed_never_anything_else(data: bytes) -> None:
    reason(data, ANSWER)
