"""Names that nothing bears, facts that nobody hears and dead letters that turn in a circle are found across files."""

from typing import Any

import pytest

from knative.lint.events import ANNOUNCES
from knative.lint.references import Topology
from knative.lint.tree import name
from tests.knative.lint.project import Change, changed, container, documents, entry, pod


def _exact(value: Any) -> Any:
    return value["spec"]["filters"][0]["exact"]


def _subscriber(value: Any) -> Any:
    return value["spec"]["subscriber"]


def _dead(value: Any) -> Any:
    return value["spec"]["delivery"]["deadLetterSink"]


def _retype(noun: str) -> Change:
    return lambda value: _exact(value).update(type=f"do.getupnet.{noun}.v1")


MISTAKES: dict[str, tuple[str, str, Change]] = {
    "unknown Broker": ("dgii-ecf-signed", "no Broker", lambda v: v["spec"].update(broker="other")),
    "unknown subscriber": ("dgii-ecf-signed", "no Service", lambda v: _subscriber(v)["ref"].update(name="nobody")),
    "unknown dead letter sink": ("dgii-ecf-signed", "no Service", lambda v: _dead(v)["ref"].update(name="dlq")),
    "unknown ping target": ("relay-wake", "no Service", lambda v: v["spec"]["sink"]["ref"].update(name="nobody")),
    "unknown binding target": ("announcers", "no Broker", lambda v: v["spec"]["sink"]["ref"].update(name="other")),
    "uncatalogued type": ("dgii-ecf-signed", "is not in shared/events/catalogue.py", _retype("ecf.signd")),
    "fact without listener": ("billing-ecf-submitted", "is heard by nobody", _retype("ecf.rejected")),
    "listener of the unheard": ("ri-ecf-signed", "has a reason to be unheard, and a Trigger", _retype("charge.recorded")),
    "the same fact twice": ("ri-ecf-signed", "twice", _retype("ecf.accepted")),
    "wake-up without a subject": ("dgii-work-due", "subject", lambda v: _exact(v).pop("subject")),
    "another's wake-up": ("dgii-work-due", "subject", lambda v: _exact(v).update(subject="billing")),
    "a fact filtered by subject": ("dgii-ecf-signed", "subject", lambda v: _exact(v).update(subject="dgii")),
    "circle": ("dgii-ecf-signed", "circle", lambda v: _dead(v).update(_subscriber(v))),
    "circle through another": ("dgii-ecf-signed", "circle", lambda v: _subscriber(v).update(_dead(v))),
    "delivery outlives the function": ("sign", "timeoutSeconds", lambda v: pod(v).update(timeoutSeconds=45)),
    "announces unlabelled": ("billing", ANNOUNCES, lambda v: v["metadata"]["labels"].pop(ANNOUNCES)),
    "labelled but silent": ("sign", ANNOUNCES, lambda v: v["metadata"]["labels"].update({ANNOUNCES: "true"})),
    "announces without a key": ("billing", "no FUNCTION_KEY to", lambda v: container(v)["env"].remove(entry(v, "FUNCTION_KEY"))),
    "consumes without keys": ("sign", "no FUNCTION_KEYS", lambda v: container(v)["env"].remove(entry(v, "FUNCTION_KEYS"))),
    "emitter without Service": ("plans", "has no Service", lambda v: v["metadata"].update(name="fees")),
}  # fmt: skip


def test_our_manifests_agree_with_each_other() -> None:
    assert [str(fault) for fault in Topology(documents()).faults()] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_broken_reference_is_named(mistake: str) -> None:
    target, message, change = MISTAKES[mistake]
    spoiled = [changed(d, change) if name(d.value) == target and _is(d.value) else d for d in documents()]
    found = [str(fault) for fault in Topology(spoiled).faults()]
    assert any(message in fault for fault in found), found


def _is(value: Any) -> bool:
    return value["kind"] in {"Service", "Trigger", "PingSource", "SinkBinding"}
