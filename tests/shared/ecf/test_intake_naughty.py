"""INP-01, INP-04 and INP-05 on the way from a body to its XML: the corpus in every field of every type.

In the short form every string and every field has its turn, by a seeded rotation; FULL_FIGURES=1 tries all with all.
"""

import random
import time
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from shared.ecf import values, xml
from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.encf import ENCF
from shared.ecf.fields import Node, model
from shared.ecf.gate import parse as let_in
from shared.ecf.rules import check
from shared.ecf.types import TipoECF
from shared.errors import FieldError, InvalidInput
from tests.data.naughty import NAUGHTY, composed, is_xml, rotation
from tests.shared.ecf.any_body import any_body
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, changed, refusals
from tests.shared.ecf.effort import FULL

NO_NUMBERS: list[object] = [
    *("1e400", "-1e400", "NaN", "sNaN", "Infinity", "-Infinity", "-0", "-0.00", "0.1+0.2", "9" * 40, "0." + "1" * 40, "1_000"),
    *("１２", "١٢", "१२", "0x10", "1,000.00", "1.000,00", "1,5", " 1 ", "1 ", "1\n", "\u00a01", "+1", "1.", ".5", "1e3", "²", "½"),
    *(True, False, 1.5, 10**40, Decimal("1.5"), Decimal("1E+400"), float("inf"), float("nan")),
]
NO_TEXTS: list[object] = [
    *(f"a{chr(code)}b" for code in (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))),
    *(f"a{char}b" for char in "\u2028\u2029\u200b\u200d\ufeff\ufffe\uffff\ufdd0\ud800\udfff"),
    *(f"a{char}b" for char in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
    *("a" + "\u0301" * 10_000, "a\u0316\u0301" * 10_000, 5, True, Decimal("1.5")),
]


def walk(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Pointer and node of every value that a caller may give; of lists the first entry."""
    for name, child in node.members.items():
        here = f"{path}/{name}/0" if child.repeats else f"{path}/{name}"
        if child.origin != "us" and here not in ("/id_doc/tipo_ecf", "/emisor/rnc_emisor"):
            if child.type is not None:
                yield here, child
            yield from walk(child, here)


FIELDS = {f"{tipo:d}": list(walk(model(f"{tipo:d}"), "")) for tipo in TipoECF}
WHOLE = {kind: any_body(kind, random.Random(1), 1.0) for kind in FIELDS}


def place(body: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the value at a pointer, and under which name."""
    *way, last = (int(step) if step.isdigit() else step for step in pointer.strip("/").split("/"))
    for step in way:
        body = body[step]
    return body, last


def travelled(body: object) -> Document:
    """The document of a body as its XML has it: read, computed, checked, numbered, written, let in and read again."""
    document, _ = compute(parse(body, emisor=EMISOR, today=HOY))
    check(document, today=HOY)
    number = ENCF(TipoECF(int(document.kind)), 5)
    return xml.read(let_in(xml.write(document.numbered(number, vencimiento=VENCIMIENTO, firma=FIRMA))))


def wrong_with(kind: str, pointer: str, text: str) -> str:
    """What one string in one field of the body that has every field does and should not; empty when all is well."""
    holder, last = place(WHOLE[kind], pointer)
    kept, holder[last] = holder[last], text
    try:
        holder_read, _ = place(travelled(WHOLE[kind]).tree, pointer)
    except InvalidInput as refused:
        return "" if pointer in {one.pointer for one in refused.errors} else f"refused elsewhere: {refused!r}"
    except Exception as error:  # noqa: BLE001 - a crash is what is looked for
        return repr(error)
    finally:
        holder[last] = kept
    if not is_xml(text):
        return "taken, and no XML can hold it"
    return "" if holder_read[last] == composed(text) else f"reads as {holder_read[last]!r}"


def turns() -> Iterator[tuple[str, str, str]]:
    """(type, pointer, string): all with all, or every string and every field at least once."""
    places = [(kind, pointer) for kind, found in FIELDS.items() for pointer, _ in found]
    if FULL:
        yield from ((*where, text) for where in places for text in NAUGHTY)
        return
    random.Random(2).shuffle(places)
    texts = rotation(1)
    yield from ((*where, texts[n % len(texts)]) for n, where in enumerate(places))


def faults() -> list[tuple[str, str, str, str]]:
    return [(*turn[:2], turn[2][:40], wrong) for turn in turns() if (wrong := wrong_with(*turn))]


def test_inp_01_every_naughty_string_is_kept_composed_or_refused_by_name_in_every_field() -> None:
    tried = list(turns())
    assert len(set(NAUGHTY)) >= 515
    assert {text for *_, text in tried} == set(NAUGHTY)
    assert len({where[:2] for where in tried}) == sum(map(len, FIELDS.values()))
    assert faults() == []


def test_inp_01_every_naughty_string_is_kept_or_refused_in_the_free_text_of_a_line() -> None:
    assert [(text[:40], wrong) for text in NAUGHTY if (wrong := wrong_with("31", "/items/0/descripcion_item", text))] == []
    taken = [text for text in NAUGHTY if not refusals(changed("/items/0/descripcion_item", text))]
    assert len(taken) > 300


def test_inp_01_a_guard_that_strips_a_text_in_silence_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def stripping(text: str, *_: object) -> str:
        return "".join(char for char in text if char.isprintable()) or "x"

    monkeypatch.setattr(values, "cleaned", stripping)
    assert any("no XML" in wrong for *_, wrong in faults())
    assert any("reads as" in wrong for *_, wrong in faults())


def test_inp_01_a_writer_that_escapes_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_REFERENCES", {})
    assert any("foreign-xml-refused" in wrong for *_, wrong in faults())


def taken_by(kinds: tuple[str, ...], helds: list[object]) -> list[tuple[str, str, object]]:
    """(type, pointer, value) wherever a field of these kinds of value is not among the faults of a body full of it."""
    found = []
    for tipo, fields in FIELDS.items():
        pointers = [pointer for pointer, node in fields if node.type is not None and node.type.kind in kinds]
        assert pointers
        body = deepcopy(WHOLE[tipo])
        for held in helds:
            for pointer in pointers:
                holder, last = place(body, pointer)
                holder[last] = held
            found += [(tipo, pointer, held) for pointer in sorted(set(pointers) - set(refusals(body)))]
    return found


def test_inp_04_no_text_field_takes_controls_marks_directions_or_what_is_no_text() -> None:
    assert taken_by(("text",), NO_TEXTS) == []


def test_inp_05_no_number_field_takes_a_number_in_any_other_form() -> None:
    assert taken_by(("decimal", "integer"), NO_NUMBERS) == []


def test_inp_05_no_amount_is_taken_as_a_json_number() -> None:
    assert taken_by(("decimal",), [0, 1, -1, 500]) == []


def test_inp_04_a_guard_that_is_away_is_seen_in_every_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "cleaned", lambda text, *_: text)
    assert {tipo for tipo, *_ in taken_by(("text",), ["a\u202eb"])} == set(FIELDS)


def test_inp_05_a_reader_that_takes_what_decimal_takes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def lax(type_: object, given: str, name: str, pointer: str) -> str | FieldError:
        return str(Decimal(given))

    monkeypatch.setattr(values, "_number", lax)
    seen = {held for *_, held in taken_by(("decimal",), ["NaN", "1_000", " 1 ", "١٢", "1e400", "+1"])}
    assert len(seen) == 6


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({"nombre_item": "a" + "\u0316\u0301" * 400_000}, id="marks"),
        pytest.param({"nombre_item": "Ã©" * 500_000}, id="broken"),
        pytest.param({"cantidad_item": "9" * 2_000_000}, id="digits"),
        pytest.param({f"k{n}": 1 for n in range(100_000)}, id="keys"),
    ],
)
def test_inp_03_a_flood_in_one_line_is_refused_at_little_cost(held: dict[str, object]) -> None:
    body = changed("/items/0", held)
    began = time.process_time()
    found = refusals(body)
    assert found
    assert time.process_time() - began < 0.2
