"""XML that the gate must refuse, by the row of the catalogue it belongs to, each with the reason."""

import gzip


def attributes(count: int) -> str:
    return " ".join(f'a{n}="1"' for n in range(count))


def namespaces(count: int) -> str:
    return " ".join(f'xmlns:a{n}="urn:{n}"' for n in range(count))


BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
ROWS: dict[str, dict[str, tuple[str | bytes, str]]] = {
    "XML-01": {
        "doctype": ("<!DOCTYPE E><E>1</E>", "doctype"),
        "internal entity": ('<!DOCTYPE E [<!ENTITY a "b">]><E>&a;</E>', "doctype"),
        "file entity": ('<!DOCTYPE E [<!ENTITY a SYSTEM "file:///etc/hostname">]><E>&a;</E>', "doctype"),
        "network entity": ('<!DOCTYPE E [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]><E>&a;</E>', "doctype"),
        "parameter entity": ('<!DOCTYPE E [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]><E>1</E>', "doctype"),
        "external subset": ('<!DOCTYPE E SYSTEM "file:///etc/hostname"><E>1</E>', "doctype"),
        "default attributes": ('<!DOCTYPE E [<!ATTLIST E a CDATA "1">]><E>1</E>', "doctype"),
        "billion laughs": (f'<!DOCTYPE E [<!ENTITY e0 "x">{BOMB}]><E>&e9;</E>', "doctype"),
        "quadratic blow-up": (f'<!DOCTYPE E [<!ENTITY a "{"x" * 50_000}">]><E>{"&a;" * 2000}</E>', "doctype"),
    },
    "XML-03": {
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
        "utf-16 without mark": ("<E>1</E>".encode("utf-16-le"), "syntax"),
        "utf-32": ("<E>1</E>".encode("utf-32"), "encoding"),
        "declared utf-16 in utf-8": ('<?xml version="1.0" encoding="utf-16"?><E>1</E>', "encoding"),
        "declaration behind a blank": (' <?xml version="1.0"?><E>1</E>', "syntax"),
        "surrogates as utf-8": (b"<E>\xed\xa0\x80\xed\xb0\x80</E>", "encoding"),
        "overlong utf-8": (b"<E>\xc0\xbc</E>", "encoding"),
        "no character of XML": ("<E>\ufffe</E>", "syntax"),
        "its reference": ("<E>&#xFFFE;</E>", "syntax"),
        "a reference to nothing": ("<E>&#0;</E>", "syntax"),
        "a prefix of nothing": ("<a:E>1</a:E>", "syntax"),
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
    },
    "XML-04": {
        "empty element": ("<E><a/></E>", "empty-element"),
        "empty pair": ("<E><a></a></E>", "empty-element"),
        "blank element": ("<E><a> \n\t</a></E>", "empty-element"),
        "empty root": ("<E/>", "empty-element"),
    },
    "XML-02": {
        "too deep": ("<a>" * 65 + "1" + "</a>" * 65, "depth"),
        "too many elements": ("<E>" + "<a>1</a>" * 10_001 + "</E>", "elements"),
        "too many attributes": (f"<E {attributes(33)}>1</E>", "attributes"),
        "too many namespaces": (f"<E {namespaces(9)}>1</E>", "namespaces"),
        "namespaces spread over elements": ("<E>" + '<a xmlns="urn:x">1</a>' * 9 + "</E>", "namespaces"),
        "too much text": (f"<E>{'x' * 65_537}</E>", "text"),
        "too much text in pieces": (f"<E>{'x&amp;' * 40_000}</E>", "text"),
        "too long an attribute": (f'<E a="{"x" * 65_537}">1</E>', "text"),
        "too many bytes": ("<E>" + ("<a>" + "x" * 60_000 + "</a>") * 9 + "</E>", "bytes"),
    },
}
REFUSED = {f"{row} {case}": found for row, cases in ROWS.items() for case, found in cases.items()}
