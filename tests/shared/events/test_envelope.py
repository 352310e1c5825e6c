"""The envelope: what goes out comes back, also as a broker rewrites it; whatever was touched is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.catalogue import ChargeRecorded
from shared.events.envelope import Envelope, EventRefused, open_envelope, parse_time
from shared.events.event import EVERY_DOOR, Event
from shared.events.keys import FunctionKey, PublicKeys
from tests.data.facts import KINDS, delivered, example, signed
from tests.house import _public, _seed

KEYS = {name: FunctionKey(name, _seed()) for name in ("admin", "auth", "billing", "client", "dgii", "plans", "relay")}
PUBLIC = PublicKeys(json.dumps({name: _public(key) for name, key in KEYS.items()}))


def envelope(**given: object) -> Envelope:
    made = signed(KEYS["plans"], example(ChargeRecorded), tenant="a-tenant", subject="a-subject", sequence=7)
    return replace(made, **given)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_fact_comes_back_as_it_went(kind: type[Event]) -> None:
    fact = example(kind)
    sent = signed(KEYS["plans" if kind.emitter == EVERY_DOOR else kind.emitter], fact, tenant="a-tenant")
    assert open_envelope(*delivered(sent), PUBLIC) == (sent, fact)


WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='%"'), min_size=1, max_size=60)


@given(
    subject=WORDS,
    sequence=st.integers(0, 2**31 - 1),
    text=st.text(st.characters(exclude_categories=["Cs"])),
    dataref=st.none() | WORDS,
)
def test_any_subject_number_and_text_come_back(subject: str, sequence: int, text: str, dataref: str | None) -> None:
    fact = example(ChargeRecorded, plan=text)
    sent = replace(signed(KEYS["plans"], fact, tenant="t", subject=subject, sequence=sequence), dataref=dataref)
    assert open_envelope(*delivered(sent), PUBLIC) == (sent, fact)


@given(st.integers(1_577_836_800_000_000, 4_102_444_800_000_000), st.integers(-14, 14), st.integers(6, 9))
def test_an_instant_is_the_same_however_a_broker_spells_it(micros: int, hours: int, digits: int) -> None:
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    local = when.astimezone(timezone(timedelta(hours=hours)))
    whole, zone = f"{local:%Y-%m-%dT%H:%M:%S}", f"{local:%z}"
    spelt = [f"{whole}.{local.microsecond:06d}{'0' * (digits - 6)}{zone[:3]}:{zone[3:]}"]
    trimmed = f"{local.microsecond:06d}".rstrip("0")
    spelt.append(f"{whole}{'.' + trimmed if trimmed else ''}{zone[:3]}:{zone[3:]}")
    spelt.append(f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond:06d}Z")
    assert {parse_time(text) for text in spelt} == {when}
    one = envelope()
    assert len({replace(one, time=parse_time(text)).message() for text in spelt}) == 1


def test_a_broker_that_rewrites_the_time_keeps_the_signature() -> None:
    unsigned = envelope(time=datetime(2026, 11, 24, 12, 0, 0, 120000, UTC), sig="")
    sent = replace(unsigned, sig=KEYS["plans"].sign(unsigned.message()))
    headers, body = delivered(sent)
    for text in ("2026-11-24T12:00:00.12Z", "2026-11-24T08:00:00.120000000-04:00"):
        assert open_envelope(headers | {"ce-time": text}, body, PUBLIC)[0] == sent
    with pytest.raises(EventRefused):
        open_envelope(headers | {"ce-time": "2026-11-24T12:00:00.13Z"}, body, PUBLIC)


NEEDED = ("id", "type", "source", "subject", "time", "tenantid", "sequence", "partitionkey", "traceparent", "sig", "specversion")


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_attribute_is_refused_not_invented(name: str) -> None:
    headers, body = delivered(envelope())
    del headers[f"ce-{name}"]
    with pytest.raises(EventRefused, match=name):
        open_envelope(headers, body, PUBLIC)


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", ["", " ", "a b", "ñ", "a%20b", "a\tb"])
def test_an_attribute_that_is_empty_or_not_plain_ascii_is_refused(name: str, value: str) -> None:
    headers, body = delivered(envelope())
    with pytest.raises(EventRefused):
        open_envelope(headers | {f"ce-{name}": value}, body, PUBLIC)


FORGED = {
    "id": "another",
    "type": "do.getupnet.charge.recorded.v2",
    "source": "/functions/admin",
    "subject": "another",
    "tenantid": "another",
    "sequence": "8",
    "time": "2026-11-24T12:00:00Z",
    "sig": "AAAA",
    "specversion": "0.3",
}


@pytest.mark.parametrize(("name", "value"), FORGED.items())
def test_a_forged_attribute_is_refused(name: str, value: str) -> None:
    headers, body = delivered(envelope())
    with pytest.raises(EventRefused):
        open_envelope(headers | {f"ce-{name}": value}, body, PUBLIC)


@pytest.mark.parametrize("sequence", ["-1", "1.0", "0x1", "x", "12345678901", "٣"])
def test_a_sequence_that_is_no_number_is_refused(sequence: str) -> None:
    headers, body = delivered(envelope())
    with pytest.raises(EventRefused):
        open_envelope(headers | {"ce-sequence": sequence}, body, PUBLIC)


@pytest.mark.parametrize("change", [lambda b: b + b" ", lambda b: b.replace(b"2.00", b"3.00"), lambda b: b"", lambda b: b"\xff"])
def test_touched_data_is_refused(change: object) -> None:
    headers, body = delivered(envelope())
    assert change(body) != body  # type: ignore[operator]
    with pytest.raises(EventRefused):
        open_envelope(headers, change(body), PUBLIC)  # type: ignore[operator]


def test_another_functions_signature_is_refused_even_over_the_right_words() -> None:
    unsigned = envelope(sig="")
    for key in (KEYS["billing"], FunctionKey("plans", _seed())):
        with pytest.raises(EventRefused, match="signature"):
            open_envelope(*delivered(replace(unsigned, sig=key.sign(unsigned.message()))), PUBLIC)


def test_who_has_no_key_is_not_believed() -> None:
    with pytest.raises(EventRefused, match="signature"):
        open_envelope(*delivered(envelope()), PublicKeys("{}"))


@pytest.mark.parametrize("kind", ["", "text/plain", "application/cloudevents+json", "application/jsonx"])
def test_only_binary_mode_with_json_is_taken(kind: str) -> None:
    headers, body = delivered(envelope())
    with pytest.raises(EventRefused):
        open_envelope(headers | {"content-type": kind}, body, PUBLIC)
    assert open_envelope(headers | {"content-type": "Application/JSON; charset=utf-8"}, body, PUBLIC)


def with_data(data: str) -> Envelope:
    unsigned = envelope(data=data, sig="")
    return replace(unsigned, sig=KEYS["plans"].sign(unsigned.message()))


def test_a_consumer_ignores_fields_it_does_not_know_and_misses_those_it_needs() -> None:
    fields = json.loads(envelope().data)
    _, event = open_envelope(*delivered(with_data(json.dumps(fields | {"new_in_v1": 1}))), PUBLIC)
    assert event.model_dump() == fields
    for broken in ("[]", "{}", "not json", json.dumps(fields | {"fee": 2})):
        with pytest.raises(EventRefused, match="payload"):
            open_envelope(*delivered(with_data(broken)), PUBLIC)


def test_extensions_of_brokers_pass_and_malformed_names_do_not() -> None:
    headers, body = delivered(envelope())
    assert open_envelope(headers | {"ce-knativearrivaltime": "2026-11-24T12:00:00Z", "kn-namespace": "x"}, body, PUBLIC)
    with pytest.raises(EventRefused, match="name"):
        open_envelope(headers | {"ce-not_a_name": "x"}, body, PUBLIC)


@pytest.mark.parametrize("text", ["2026-11-24", "2026-11-24T12:00:00", "2026-11-24 12:00:00Z", "2026-13-24T12:00:00Z", "now"])
def test_a_time_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)
