"""The one XML part of a multipart body, in every spelling real senders use."""

import pytest

from shared.dgii.multipart import XmlPart, read_xml_part

XML = "<E>\r\nñ\u0085</E>".encode()


def body(disposition: str, kind: str = "Content-Type: text/xml\r\n", *, eol: bytes = b"\r\n", data: bytes = XML) -> bytes:
    head = f"Content-Disposition: form-data; {disposition}\r\n{kind}\r\n".encode().replace(b"\r\n", eol)
    return b"--b" + eol + head + data + eol + b"--b--" + eol


@pytest.mark.parametrize(
    "sent",
    [
        body('name="xml"; filename="a.xml"'),
        body("name=xml; filename=a.xml; filename*=utf-8''a.xml"),
        body('name="xml"; filename="a.xml"', "Content-Type: multipart/form-data\r\n"),
        body('name="xml"; filename="a.xml"', ""),
        body('name="xml"; filename="a.xml"', "Content-Type: application/octet-stream\r\n"),
        body('name="other"; filename="a.xml"'),
        body('name="xml"; filename="a.xml"', eol=b"\n"),
    ],
)
def test_the_part_is_found_and_its_bytes_are_untouched(sent: bytes) -> None:
    assert read_xml_part("multipart/form-data; boundary=b", sent) == XmlPart("a.xml", XML)


def test_who_is_strict_takes_a_part_of_that_name_alone() -> None:
    assert read_xml_part("multipart/form-data; boundary=b", body('name="other"; filename="a.xml"'), named_only=True) is None
    assert read_xml_part("multipart/form-data; boundary=b", body('name="xml"; filename="a.xml"'), named_only=True) is not None


def test_the_part_named_xml_wins_over_other_files() -> None:
    sent = body('name="a"; filename="1.xml"', data=b"<A/>").removesuffix(b"--b--\r\n") + body('name="xml"; filename="2.xml"')
    assert read_xml_part('Multipart/Form-Data; boundary="b"', sent) == XmlPart("2.xml", XML)


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"garbage"),
        ("multipart/form-data", body('name="xml"; filename="a.xml"')),
        ("text/xml", XML),
        ("", b""),
        ("multipart/form-data; boundary=b", body('name="xml"; filename="a.xml"', data=b"")),
        ("multipart/form-data; boundary=b", body('name="other"')),
    ],
)
def test_without_such_a_part_there_is_nothing(content_type: str, sent: bytes) -> None:
    assert read_xml_part(content_type, sent) is None
