"""Signing and verifying: what we sign holds, and nothing but what was signed is ever returned."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from functions.sandbox.authority import CEDULA, Authority, Leaf
from shared.ecf.gate import ForeignXmlRefused, parse
from shared.ecf.signature import (
    Blanks,
    CarriageReturnInText,
    CertificateRefused,
    Key,
    NotSignable,
    SignatureRefused,
    confirm,
    holder_of,
    sign,
    verify,
)
from tests.shared.ecf.peers import ROOTS, unsigned

DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><ECF><Encabezado><Version>1.0</Version>'
    "<NombreItem>Café &amp; té “ñ” 😀 €\u00a0fin</NombreItem><MontoTotal>118.00</MontoTotal></Encabezado>"
    "<FechaHoraFirma>24-11-2026 10:00:00</FechaHoraFirma></ECF>"
).encode()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture(scope="module")
def leaf(authority: Authority) -> Leaf:
    return authority.issue()


@pytest.fixture(scope="module")
def key(leaf: Leaf) -> Key:
    return Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)


@pytest.fixture(scope="module")
def signed(key: Key) -> bytes:
    return sign(DOCUMENT, key).xml


def reason(data: bytes, **options: object) -> str:
    with pytest.raises((SignatureRefused, ForeignXmlRefused)) as caught:
        verify(data, at=None, **options)  # type: ignore[arg-type]
    return caught.value.reason


def test_the_same_bytes_and_key_give_the_same_signature(key: Key) -> None:
    assert sign(DOCUMENT, key) == sign(DOCUMENT, key)


@pytest.mark.parametrize("kind", ROOTS)
def test_our_signature_is_the_one_that_xmlsec_makes(key: Key, leaf: Leaf, kind: str) -> None:
    """Signing is a digest, a canonical SignedInfo and RSA; the library that verifies signs the same template alike."""
    ours = sign(unsigned(kind), key).xml
    root = etree.fromstring(ours)
    for name in ("DigestValue", "SignatureValue"):
        root.find(f".//{{*}}{name}").text = None  # type: ignore[union-attr]
    xmlsec.base64_default_line_size(0)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(leaf.private_key_pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(root[-1])
    assert b'<?xml version="1.0" encoding="utf-8"?>' + etree.tostring(root, encoding="utf-8", xml_declaration=False) == ours


def test_a_signed_document_verifies_and_gives_back_its_content(key: Key) -> None:
    result = sign(DOCUMENT, key)
    verified = verify(result.xml, at=datetime.now(UTC))
    assert verified.root.findtext("Encabezado/NombreItem") == "Café & té “ñ” 😀 €\u00a0fin"
    assert verified.root.find("{*}Signature") is None
    assert not verified.stripped
    assert verified.codigo_seguridad == result.codigo_seguridad
    assert holder_of(verified.certificate) == f"IDCDO-{CEDULA}" == key.holder


def test_the_document_has_dgiis_profile(key: Key) -> None:
    result = sign(DOCUMENT, key)
    assert result.xml.startswith(b'<?xml version="1.0" encoding="utf-8"?><ECF>')
    assert result.xml.endswith(b"</X509Certificate></X509Data></KeyInfo></Signature></ECF>")
    assert b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>' in result.xml
    assert b"\n" not in result.xml
    value = re.search(rb"<SignatureValue>([^<]+)</SignatureValue>", result.xml)
    assert value
    assert value[1][:6].decode() == result.codigo_seguridad
    assert len(base64.b64decode(value[1], validate=True)) == 256


@pytest.mark.parametrize("text", [b"a&#13;b", b"a&#xD;b", b"a&#13;&#10;b"])
def test_a_carriage_return_in_text_is_never_signed(key: Key, text: bytes) -> None:
    with pytest.raises(CarriageReturnInText):
        sign(b"<ECF><NombreItem>" + text + b"</NombreItem></ECF>", key)


def test_text_that_only_spells_the_reference_is_signed(key: Key) -> None:
    result = sign(b"<ECF><NombreItem>&amp;#13;</NombreItem></ECF>", key)
    assert verify(result.xml, at=None).root.findtext("NombreItem") == "&#13;"


def test_a_seed_with_windows_line_ends_and_namespaces_is_signed_without_its_indentation(key: Key) -> None:
    seed = (
        b'<?xml version="1.0" encoding="utf-8"?>\r\n<SemillaModel xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xmlns:xsd="http://www.w3.org/2001/XMLSchema">\r\n  <valor>abc=</valor>\r\n  <fecha>2026-11-24T10:00:00</fecha>'
        b"\r\n</SemillaModel>"
    )
    verified = verify(sign(seed, key).xml, at=None, blanks=Blanks.DROPPED)
    assert [element.text for element in verified.root] == ["abc=", "2026-11-24T10:00:00"]


def test_a_signed_document_is_never_signed_again(key: Key, signed: bytes) -> None:
    with pytest.raises(NotSignable):
        sign(signed, key)


def test_indentation_added_after_signing_is_flagged_or_refused_as_asked(signed: bytes) -> None:
    root = parse(signed)
    etree.indent(root)
    indented = etree.tostring(root, encoding="utf-8")
    assert verify(indented, at=None).stripped
    assert verify(indented, at=None, blanks=Blanks.DROPPED).root.findtext("Encabezado/MontoTotal") == "118.00"
    assert reason(indented, blanks=Blanks.KEPT) == "digest"


@pytest.mark.parametrize("old", [b"118.00", b"Caf", b"<Version>", b"FechaHoraFirma>24"])
def test_any_changed_byte_of_the_content_is_refused(signed: bytes, old: bytes) -> None:
    changed = signed.replace(old, bytes([*old[:-1], old[-1] ^ 1]))
    assert changed != signed
    assert reason(changed) in {"digest", "syntax", "encoding"}


def test_a_changed_signature_value_is_refused(signed: bytes) -> None:
    assert reason(re.sub(rb"(<SignatureValue>)(.)", lambda m: m[1] + (b"B" if m[2] != b"B" else b"C"), signed)) == "value"


def test_another_certificate_of_the_same_authority_is_refused(authority: Authority, signed: bytes, leaf: Leaf) -> None:
    other = authority.issue()
    theirs, ours = (base64.b64encode(x.certificate.public_bytes(_der())) for x in (leaf, other))
    assert reason(signed.replace(theirs, ours)) == "value"


def _der() -> Encoding:
    return Encoding.DER


def test_the_certificate_is_judged_at_the_time_asked(authority: Authority) -> None:
    now = datetime.now(UTC)
    leaf = authority.issue(not_before=now - timedelta(days=2), not_after=now - timedelta(days=1))
    xml = sign(DOCUMENT, Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)).xml
    verify(xml, at=now - timedelta(days=1, hours=1))
    for at, expected in [(now, "certificate-expired"), (now - timedelta(days=3), "certificate-not-yet-valid")]:
        with pytest.raises(SignatureRefused) as caught:
            verify(xml, at=at)
        assert caught.value.reason == expected


def test_only_the_anchors_given_are_trusted(authority: Authority, signed: bytes) -> None:
    now = datetime.now(UTC)
    verify(signed, at=now, anchors=[Authority.create().certificate, authority.certificate])
    for anchors in ([], [Authority.create().certificate]):
        assert reason(signed, anchors=anchors) == "certificate-untrusted"


def test_a_certificate_that_is_not_for_signing_is_refused(authority: Authority) -> None:
    leaf = authority.issue(signing=False)
    xml = sign(DOCUMENT, Key.from_pem(leaf.private_key_pem, leaf.certificate_pem)).xml
    assert reason(xml) == "certificate-usage"


@pytest.mark.parametrize("legacy", [False, True])
def test_pkcs12_files_old_and_new_are_read(leaf: Leaf, key: Key, legacy: bool) -> None:
    assert sign(DOCUMENT, Key.from_p12(leaf.p12("cláve ñ", legacy=legacy), "cláve ñ")) == sign(DOCUMENT, key)


def test_a_wrong_password_and_a_broken_file_are_told_apart(leaf: Leaf) -> None:
    for data, password, expected in [(leaf.p12("a"), "b", "password"), (b"garbage", "a", "unreadable")]:
        with pytest.raises(CertificateRefused) as caught:
            Key.from_p12(data, password)
        assert caught.value.reason == expected


def test_weak_foreign_or_mismatched_keys_are_refused(authority: Authority, leaf: Leaf) -> None:
    weak, elliptic, other = authority.issue(bits=1024), authority.issue(elliptic=True), authority.issue()
    for private_key, certificate, expected in [
        (weak.private_key_pem, weak.certificate_pem, "key-size"),
        (elliptic.private_key_pem, elliptic.certificate_pem, "not-rsa"),
        (other.private_key_pem, leaf.certificate_pem, "key-mismatch"),
        (b"x", leaf.certificate_pem, "unreadable"),
    ]:
        with pytest.raises(CertificateRefused) as caught:
            Key.from_pem(private_key, certificate)
        assert caught.value.reason == expected


def test_our_own_output_is_confirmed_and_a_spoilt_one_is_not(key: Key, authority: Authority) -> None:
    result = sign(DOCUMENT, key)
    confirm(result, key)
    other = authority.issue()
    spoilt = replace(result, xml=result.xml.replace(b"118.00", b"118.01"))
    for wrong, by in ((spoilt, key), (result, Key.from_pem(other.private_key_pem, other.certificate_pem))):
        with pytest.raises(SignatureRefused):
            confirm(wrong, by)


def test_a_key_never_shows_itself(key: Key) -> None:
    assert "PRIVATE" not in repr(key)
