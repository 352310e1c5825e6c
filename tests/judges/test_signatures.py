"""The client that Dominican developers use accepts what we sign, reads the same code and refuses every change; ours agrees.

The JDK and xmlsec1 judge in test_sig_01.py.
"""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.sandbox.authority import Authority
from shared.ecf.gate import OWN, ForeignXmlRefused
from shared.ecf.signature import Blanks, Key, SignatureRefused, Signed, sign, verify
from tests.data.documents import invoice, summary
from tests.judges import judge

pytestmark = pytest.mark.judge

TEXTS = [
    "Ñandú & cía <S.R.L.> «a» \"b\" 'c'",
    "tab\tdentro",
    "línea\nnueva",
    "espacio\u00a0duro",
    "é combinada e\u0301",
    "emoji 😀 y plano 𐐷",
    "© € ®",
    "]]> no es CDATA",
    "&amp; escrito",
    "中文 العربية",
    " orillas ",
    "a" * 80,
]
TYPES = [31, 32, 33, 34, 41, 43, 44, 45, 46, 47]


def escaped(text: str, *, numeric: bool) -> bytes:
    if numeric:
        return "".join(f"&#{ord(c)};" if ord(c) > 126 or c in "&<>\"'" else c for c in text).encode()
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def unsigned_documents() -> list[bytes]:
    made = []
    for number, (text, tipo, numeric) in enumerate(itertools.product(TEXTS, TYPES, (False, True)), start=1):
        xml = invoice(f"E{tipo}{number:010d}").replace(b"Servicio de prueba", escaped(text, numeric=numeric))
        made.append(xml)
    made.append(summary("E320000000999", "aB/d+1"))
    made.append(
        b'<SemillaModel xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        b"\r\n  <valor>YWJj</valor>\r\n  <fecha>2026-11-24T10:00:00.123-04:00</fecha>\r\n</SemillaModel>"
    )
    for root in ("ARECF", "ACECF", "ANECF"):
        made.append(f'<{root} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Version>1.0</Version></{root}>'.encode())
    return made


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture(scope="module")
def key(authority: Authority) -> Key:
    leaf = authority.issue()
    return Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)


@pytest.fixture(scope="module")
def signed(key: Key, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Signed]:
    folder = tmp_path_factory.mktemp("signed")
    made = {}
    for number, xml in enumerate(unsigned_documents()):
        path = folder / f"{number}.xml"
        made[path] = sign(xml, key)
        path.write_bytes(made[path].xml)
    return made


@pytest.fixture(scope="module")
def altered(signed: dict[Path, Signed], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One changed byte of content in every kind of place, each in a document of its own."""
    folder = tmp_path_factory.mktemp("altered")
    changes = [(b"1180.00<", b"1180.01<"), (b"prueba", b"prueva"), (b"131880738", b"131880739"), (b"<TipoPago>1", b"<TipoPago>2")]
    changes += [(b"</Encabezado>", b"<a>1</a></Encabezado>"), (b"CALLE", b"calle"), (b"Calle 1", b"Calle  1"), (b"PRUEBA SRL", b"")]
    made = []
    for number, (path, result) in enumerate(list(signed.items())[::11]):
        old, new = changes[number % len(changes)]
        changed = result.xml.replace(old, new, 1)
        if changed != result.xml:
            made.append(folder / path.name)
            made[-1].write_bytes(changed)
    assert len(made) > 10
    return made


def ours(data: bytes) -> bool:
    try:
        verify(data, at=datetime.now(UTC), kind=OWN, blanks=Blanks.KEPT)
    except (SignatureRefused, ForeignXmlRefused):
        return False
    return True


def test_our_own_engine_accepts_all_and_refuses_every_change(signed: dict[Path, Signed], altered: list[Path]) -> None:
    assert len(signed) > 200
    assert [path for path, result in signed.items() if not ours(result.xml)] == []
    assert [path for path in altered if ours(path.read_bytes())] == []


def test_the_npm_client_accepts_all_reads_the_same_code_and_refuses_every_change(
    signed: dict[Path, Signed], altered: list[Path]
) -> None:
    judge.require_client()
    codes = judge.client(list(signed))
    assert {path: code for path, code in codes.items() if code != signed[path].codigo_seguridad} == {}
    assert [p for p, code in judge.client(altered).items() if code is not None] == []


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_single_changed_byte_of_a_signed_document_is_refused_or_changes_nothing(key: Key, data: st.DataObject) -> None:
    xml = sign(invoice("E310000000001"), key).xml
    content = verify(xml, at=None).xml
    place = data.draw(st.integers(0, len(xml) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != xml[place]))
    try:
        seen = verify(xml[:place] + bytes([value]) + xml[place + 1 :], at=None, blanks=Blanks.KEPT).xml
    except (SignatureRefused, ForeignXmlRefused):
        return
    assert seen == content
