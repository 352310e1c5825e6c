"""INP-01 to INP-05 through billing's real door: validated only, and emitted, signed and stored."""

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.billing import emit_doors
from shared.db.ids import uuid7
from shared.ecf import values
from shared.ecf.gate import parse
from shared.ecf.xml import read
from shared.http import app, routes
from shared.http.routes import BODY_LIMIT
from tests.data.naughty import composed, is_xml, rotation
from tests.functions.billing.bodies import CONSUMO, FACTURA, LINE, altered
from tests.house import House
from tests.shared.ecf.effort import tries

PLACES = [
    "/items/0/nombre_item",
    "/items/0/descripcion_item",
    "/comprador/razon_social_comprador",
    "/comprador/rnc_comprador",
    "/comprador/direccion_comprador",
    "/items/0/precio_unitario_item",
    "/id_doc/tipo_pago",
    "/emisor",
    "/tipo_ecf",
]
PRINTED = ["/items/0/nombre_item", "/items/0/descripcion_item", "/comprador/razon_social_comprador"]


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    return house.company()


def post(house: House, tenant: str, content: Any, *, only: bool = True) -> httpx.Response:
    """The bytes or pieces at the door of emission, `only` to be validated."""
    headers = house.token(tenant) | {"Idempotency-Key": uuid7(), "Content-Type": "application/json"}
    path = "/tenant/emit/ecf" + ("?validate_only=true" if only else "")
    return house.client("billing").post(path, content=content, headers=headers)


def said(body: object) -> bytes:
    return json.dumps(body).encode()


def turns(seed: int, places: list[str], count: int) -> Iterator[tuple[str, str]]:
    texts = rotation(seed)
    return ((places[n % len(places)], texts[n % len(texts)]) for n in range(count))


def refused_by_name(answer: httpx.Response, pointer: str) -> bool:
    return answer.status_code == 422 and pointer in {error["pointer"] for error in answer.json().get("errors", [])}


def value_at(tree: Any, pointer: str) -> Any:
    for step in pointer.strip("/").split("/"):
        tree = tree[int(step) if step.isdigit() else step]
    return tree


def shown_wrong(house: House, tenant: str, count: int) -> tuple[int, list[tuple[str, str, str]]]:
    """How many strings were taken, and (pointer, string, answer) of those that should have been answered otherwise."""
    wrong, kept = [], 0
    for pointer, text in turns(3, PLACES, count):
        answer = post(house, tenant, said(altered(FACTURA, pointer, text)))
        kept += answer.status_code == 200
        shown = answer.status_code == 200 and is_xml(text) and value_at(answer.json()["document"], pointer) == composed(text)
        if not shown and not refused_by_name(answer, pointer):
            wrong.append((pointer, text[:40], answer.text[:200]))
    return kept, wrong


def test_inp_01_a_naughty_string_is_shown_composed_or_refused_by_name_when_validated(house: House, tenant: str) -> None:
    kept, wrong = shown_wrong(house, tenant, tries(90, 2000))
    assert wrong == []
    assert kept >= 10


def test_inp_01_a_door_that_strips_and_one_that_falls_are_seen(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stripping: Any = lambda text, *_: "".join(char for char in text if char.isprintable())  # noqa: E731
    monkeypatch.setattr(values, "cleaned", stripping)
    assert shown_wrong(house, tenant, 90)[1]
    monkeypatch.setattr(values, "cleaned", lambda text, *_: text.encode("ascii").decode())
    assert any("urn:getupnet:internal" in answer for *_, answer in shown_wrong(house, tenant, 90)[1])


def test_inp_01_a_naughty_string_that_is_emitted_stands_in_the_signed_xml(house: House, tenant: str) -> None:
    wrong, kept = [], 0
    for pointer, text in turns(4, PRINTED, tries(36, 600)):
        answer = post(house, tenant, said(altered(FACTURA, pointer, text)), only=False)
        if answer.status_code != 201:
            if not refused_by_name(answer, pointer):
                wrong.append((pointer, text[:40], answer.text[:200]))
            continue
        signed = house.client("billing").get(answer.headers["location"] + "/xml", headers=house.token(tenant))
        kept += 1
        if value_at(read(parse(signed.content)).tree, pointer) != composed(text):
            wrong.append((pointer, text[:40], signed.text[:200]))
    assert wrong == []
    assert kept >= 10


NO_JSON: dict[str, bytes] = {
    "nothing": b"",
    "a blank": b" ",
    "no object: null": b"null",
    "no object: list": b"[]",
    "no object: text": b'"x"',
    "no object: number": b"5",
    "no object: true": b"true",
    "trailing comma": b'{"a": 1,}',
    "trailing junk": said(FACTURA) + b"x",
    "two bodies": said(FACTURA) * 2,
    "trailing bracket": said(FACTURA) + b"}",
    "a null behind": said(FACTURA) + b"\x00",
    "open object": b'{"a": 1',
    "open text": b'{"a": "x',
    "open list": b'{"a": [1',
    "a comment": b'{"a": 1 /* x */}',
    "single quotes": b"{'a': 1}",
    "bare name": b"{a: 1}",
    "number as name": b"{1: 1}",
    "no colon": b'{"a" 1}',
    "double colon": b'{"a":: 1}',
    "no comma": b'{"a": 1 "b": 2}',
    "leading comma": b'{, "a": 1}',
    "bad escape": b'{"a": "\\x41"}',
    "bad unicode escape": b'{"a": "\\u00g0"}',
    "short unicode escape": b'{"a": "\\u12"}',
    "a bare backslash": b'{"a": "\\"}',
    "a raw line end": b'{"a": "x\ny"}',
    "a raw tab": b'{"a": "x\ty"}',
    "a raw null": b'{"a": "x\x00y"}',
    "a byte order mark": b"\xef\xbb\xbf" + said(FACTURA),
    "utf-16": json.dumps(FACTURA).encode("utf-16"),
    "utf-32": json.dumps(FACTURA).encode("utf-32"),
    "latin": '{"a": "é"}'.encode("latin-1"),
    "overlong": b'{"a": "\xc0\xaf"}',
    "surrogates in utf-8": b'{"a": "\xed\xa0\x80"}',
    "cut utf-8": b'{"a": "\xe2\x82"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "plus one": b'{"a": +1}',
    "leading zero": b'{"a": 01}',
    "no fraction": b'{"a": 1.}',
    "no integer": b'{"a": .5}',
    "no exponent": b'{"a": 1e}',
    "hexadecimal": b'{"a": 0x10}',
    "grouped digits": b'{"a": 1_000}',
    "True": b'{"a": True}',
    "41 digits": b'{"a": ' + b"1" * 41 + b"}",
    "an exponent beyond all": b'{"a": 1e99999999999999999999}',
    "a no-break space": '{"a":\u00a01}'.encode(),
    "deep lists": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and open": b'{"items":[' * 100_000,
    "half a surrogate as a name": said(FACTURA)[:-1] + b', "\\ud800": 1}',
    "half a surrogate as a value": said(altered(FACTURA, "/items/0/nombre_item", "\ud800")),
    "a field twice": said(FACTURA)[:-1] + b', "items": ' + said([LINE]) + b"}",
    "a field twice, once escaped": said(FACTURA)[:-1] + b', "\\u0069tems": ' + said([LINE]) + b"}",
    "a field twice below": said(FACTURA).replace(b'"cantidad_item"', b'"cantidad_item": "1", "cantidad_item"'),
}


def let_through(house: House, tenant: str, only: bool = True) -> dict[str, int]:
    """Status by class of what is not refused as it should be: a field twice with 422, anything else with 4xx in words."""
    found = {}
    for name, body in NO_JSON.items():
        answer = post(house, tenant, body, only=only)
        expected = {422} if name.startswith("a field twice") else range(400, 500)
        if answer.status_code not in expected or not answer.json()["detail"]:
            found[name] = answer.status_code
    return found


@pytest.mark.parametrize("only", [True, False], ids=["validated", "emitted"])
def test_inp_02_no_class_of_broken_json_is_answered_with_anything_but_a_refusal(house: House, tenant: str, only: bool) -> None:
    assert let_through(house, tenant, only) == {}


def test_inp_02_a_door_that_reads_with_the_standard_library_is_seen(
    house: House, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emit_doors, "parse_json", json.loads)
    assert {"a field twice", "open object", "cut utf-8", "deep lists"} <= set(let_through(house, tenant))


@pytest.mark.parametrize("depth", [60, 500, *range(700, 1010, 15)])
def test_inp_02_no_depth_between_what_is_read_and_what_is_not_breaks_anything(house: House, tenant: str, depth: int) -> None:
    for before, after in (("[", "]"), ('{"a":', "}")):
        body = said(FACTURA)[:-1] + f', "x": {before * depth}1{after * depth}}}'.encode()
        assert {post(house, tenant, body, only=only).status_code for only in (True, False)} <= {400, 422}


def padded(size: int) -> bytes:
    """A good body with blanks before it, so long."""
    return said(FACTURA).rjust(size)


def test_inp_03_a_body_of_the_limit_is_taken_and_one_byte_more_is_not(house: House, tenant: str) -> None:
    sizes = {0: 400, 1: 400, BODY_LIMIT - 1: 200, BODY_LIMIT: 200, BODY_LIMIT + 1: 413}
    sent = {size: padded(size) if size > 1 else b"{"[:size] for size in sizes}
    assert {size: post(house, tenant, body).status_code for size, body in sent.items()} == sizes


def grown_by(house: House, tenant: str) -> tuple[int, int]:
    """(status, growth of this process at its highest in MiB) when 100 MiB come in pieces that do not say their sum."""
    address, headers = house.address("billing"), house.token(tenant) | {"Content-Type": "application/json"}
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
    pieces = (b" " * 65_536 for _ in range(1600))
    answer = httpx.post(f"{address}/tenant/emit/ecf?validate_only=true", content=pieces, headers=headers, timeout=60)
    return answer.status_code, memory("VmHWM") - before


def memory(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith(name))


def test_inp_03_a_body_that_does_not_say_its_length_is_not_kept_beyond_the_limit(house: House, tenant: str) -> None:
    status, growth = grown_by(house, tenant)
    assert (status, growth <= 50) == (413, True), growth


def test_inp_03_a_door_that_keeps_all_it_is_sent_is_seen(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.Limited, "__call__", lambda self, *asgi: self._app(*asgi))
    monkeypatch.setattr(routes, "BODY_LIMIT", 2**30)
    status, growth = grown_by(house, tenant)
    assert (status, growth > 50) == (400, True), growth


MANY: dict[str, object] = {
    "keys": FACTURA | {f"k{n}": 1 for n in range(100_000)},
    "keys below": altered(FACTURA, "/items/0", LINE | {f"k{n}": 1 for n in range(100_000)}),
    "items": altered(FACTURA, "/items", [LINE] * 10_000),
    "empty items": altered(CONSUMO, "/items", [{}] * 10_000),
    "marks": altered(FACTURA, "/items/0/nombre_item", "a" + "\u0316\u0301" * 80_000),
    "digits": altered(FACTURA, "/items/0/cantidad_item", "9" * 2_000_000),
}


@pytest.mark.parametrize("name", MANY)
def test_inp_03_too_many_of_anything_is_refused_at_little_cost(house: House, tenant: str, name: str) -> None:
    body = said(MANY[name])
    began = time.process_time()
    answer = post(house, tenant, body)
    assert answer.status_code in (413, 422)
    assert len(answer.json().get("errors", [])) <= 501
    assert time.process_time() - began < 1.0  # both ends of the call, and whatever else this process does


NO_AMOUNTS = [
    *(b"500", b"500.00", b"1e400", b"-0", b"0.1", b"true", b"null", b'"1e400"', b'"NaN"', b'"-0"', b'"0.1+0.2"', b'"1_000"'),
    *(
        b'"' + b"9" * 40 + b'"',
        '"１２"'.encode(),
        '"١٢"'.encode(),
        b'"0x10"',
        b'"1,000.00"',
        b'" 1 "',
        b'"1\\n"',
        b'""',
        b"[]",
        b"{}",
    ),
]


def taken(house: House, tenant: str, field: str) -> dict[bytes, str]:
    """The forms that the field is not refused for, with the answer."""
    template = said(altered(FACTURA, f"/items/0/{field}", "the amount"))
    answers = {held: post(house, tenant, template.replace(said("the amount"), held)) for held in NO_AMOUNTS}
    return {held: answer.text for held, answer in answers.items() if not refused_by_name(answer, f"/items/0/{field}")}


@pytest.mark.parametrize("field", ["cantidad_item", "precio_unitario_item", "monto_item"])
def test_inp_05_an_amount_in_any_other_form_is_refused_by_name_at_the_door(house: House, tenant: str, field: str) -> None:
    assert taken(house, tenant, field) == {}


def test_inp_05_a_door_that_takes_what_decimal_takes_is_seen(house: House, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_number", lambda type_, given, *_: str(Decimal(given)))
    assert {b'"NaN"', b'"1_000"', b'" 1 "', b'"-0"'} <= set(taken(house, tenant, "precio_unitario_item"))
