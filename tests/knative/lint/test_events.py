"""Every mistake in Trigger, Broker and PingSource that loses, floods or never fires is named."""

from typing import Any

import pytest

from knative.lint.check import one
from tests.knative.lint.project import Change, changed, documents, good

TRIGGER, BROKER, PING = good("eventing/triggers/dgii.yaml"), good("eventing/broker.yaml"), good("eventing/sources/relay-wake.yaml")


def _delivery(value: Any) -> Any:
    return value["spec"]["delivery"]


def _filters(*entries: object) -> Change:
    return lambda value: value["spec"].update(filters=list(entries))


def _annotate(value: Any, key: str, note: str) -> None:
    value["metadata"]["annotations"][key] = note


OF_TRIGGERS: dict[str, tuple[str, Change]] = {
    "filters as a mapping": ("spec.filters", lambda v: v["spec"].update(filters={"exact": {"type": "x"}})),
    "no filters": ("spec.filters", lambda v: v["spec"].pop("filters")),
    "misspelt dialect": ("exacts", _filters({"exacts": {"type": "x"}})),
    "two dialects": ("spec.filters[0]", _filters({"exact": {"type": "x"}, "prefix": {"type": "y"}})),
    "attribute in capitals": ("tenantId", _filters({"exact": {"type": "x", "tenantId": "y"}})),
    "empty value": ("exact.type", _filters({"exact": {"type": ""}})),
    "number": ("exact.seq", _filters({"exact": {"type": "x", "seq": 5}})),
    "empty list": ("any", _filters({"exact": {"type": "x"}}, {"any": []})),
    "empty inside": ("any[0].exact", _filters({"exact": {"type": "x"}}, {"any": [{"exact": {}}]})),
    "CESQL": ("cesql", _filters({"exact": {"type": "x"}}, {"cesql": "type = 'a'"})),
    "no exact type": ("spec.filters", _filters({"prefix": {"type": "do."}})),
    "no Broker": ("spec", lambda v: v["spec"].pop("broker")),
    "misspelt reference": ("subscriber.ref", lambda v: v["spec"]["subscriber"]["ref"].update(nmae="x")),
    "back-off policy": ("backoffPolicy", lambda v: _delivery(v).update(backoffPolicy="expo")),
    "delay not ISO": ("backoffDelay", lambda v: _delivery(v).update(backoffDelay="500ms")),
    "time limit zero": ("timeout", lambda v: _delivery(v).update(timeout="PT0S")),
    "retry as text": ("retry", lambda v: _delivery(v).update(retry="ten")),
    "no retry": ("delivery", lambda v: _delivery(v).pop("retry")),
    "retry for ever": ("retry", lambda v: _delivery(v).update(retry=100)),
    "waits for hours": ("retry", lambda v: _delivery(v).update(retry=10, backoffDelay="PT10S")),
    "misspelt retry": ("retries", lambda v: _delivery(v).update(retries=5)),
    "field behind a flag": ("retryAfterMax", lambda v: _delivery(v).update(retryAfterMax="PT30S")),
    "dead letters nowhere": ("delivery", lambda v: _delivery(v).pop("deadLetterSink")),
}  # fmt: skip
OF_PINGS: dict[str, tuple[str, Change]] = {
    "minute 61": ("schedule", lambda v: v["spec"].update(schedule="61 * * * *")),
    "@every": ("schedule", lambda v: v["spec"].update(schedule="@every 1m")),
    "each minute": ("schedule", lambda v: v["spec"].update(schedule="* * * * *")),
    "each second": ("schedule", lambda v: v["spec"].update(schedule="* */5 * * * *")),
    "every two minutes": ("schedule", lambda v: v["spec"].update(schedule="*/2 * * * *")),
    "minutes too near": ("schedule", lambda v: v["spec"].update(schedule="0,58 * * * *")),
    "zone": ("timezone", lambda v: v["spec"].update(timezone="America/SantoDomingo")),
    "broken JSON": ("data", lambda v: v["spec"].update(data='{"job":')),
    "JSON list": ("data", lambda v: v["spec"].update(data="[1,2]")),
    "old field": ("jsonData", lambda v: v["spec"].update(jsonData="{}")),
    "both forms of data": ("dataBase64", lambda v: v["spec"].update(dataBase64="e30=")),
    "no sink": ("sink", lambda v: v["spec"].pop("sink")),
    "function without a path": ("sink.uri", lambda v: v["spec"]["sink"].pop("uri")),
    "extension name": ("job-name", lambda v: v["spec"].update(ceOverrides={"extensions": {"job-name": "x"}})),
}  # fmt: skip
OF_BROKERS: dict[str, tuple[str, Change]] = {
    "asynchronous Kafka": ("annotations", lambda v: _annotate(v, "messaging.knative.dev/async-handler", "true")),
    "synchronous memory": ("annotations", lambda v: _annotate(v, "eventing.knative.dev/broker.class", "MTChannelBasedBroker")),
    "unknown class": ("broker.class", lambda v: _annotate(v, "eventing.knative.dev/broker.class", "kafka")),
    "partial delivery": ("delivery", lambda v: _delivery(v).pop("timeout")),
}  # fmt: skip


@pytest.mark.parametrize("number", range(len(documents())))
def test_our_manifests_have_no_fault(number: int) -> None:
    assert [str(fault) for fault in one(documents()[number])] == []


@pytest.mark.parametrize("mistake", OF_TRIGGERS)
def test_a_mistake_in_a_trigger_is_named(mistake: str) -> None:
    _expect(TRIGGER, *OF_TRIGGERS[mistake])


@pytest.mark.parametrize("mistake", OF_PINGS)
def test_a_mistake_in_a_ping_source_is_named(mistake: str) -> None:
    _expect(PING, *OF_PINGS[mistake])


def test_a_binding_of_others_than_announcers_is_named() -> None:
    def others(value: Any) -> None:
        value["spec"]["subject"]["selector"]["matchLabels"] = {"a": "b"}

    _expect(good("eventing/sources/announcers.yaml"), "matchLabels", others)


@pytest.mark.parametrize("mistake", OF_BROKERS)
def test_a_mistake_in_the_broker_is_named(mistake: str) -> None:
    _expect(BROKER, *OF_BROKERS[mistake])


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "0 6 * * 1-5", "0,30 * * * *", "@daily", "0 */10 * * * *"])
def test_schedules_of_five_minutes_and_more_pass(schedule: str) -> None:
    assert not [f for f in one(changed(PING, lambda v: v["spec"].update(schedule=schedule))) if "schedule" in f.path]


def _expect(document: Any, place: str, change: Change) -> None:
    found = list(one(changed(document, change)))
    assert any(place in fault.path for fault in found), [str(fault) for fault in found]
