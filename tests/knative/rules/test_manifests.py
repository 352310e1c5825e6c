"""What is read from manifests, and that everything beyond the allow list is refused by name."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from knative.embedded.state import Reference
from knative.rules.manifests import ManifestRefused, read, seconds
from tests.knative.local.builders import BINDING, ping, service, trigger, write

BILLING = service("billing", announces=True, min_scale="1", max_scale="4", window="90s")
RELAY = service("relay")
WANTED = trigger("billing-accepted", "billing", {"exact": {"type": "do.x", "subject": "billing"}}, retry=5)
PING = ping("sweep", "*/5 * * * *")


def test_everything_the_manifests_say_is_read(tmp_path: Path) -> None:
    env = [
        {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "billing", "key": "database-url"}}},
        {"name": "USER_KEYS", "valueFrom": {"configMapKeyRef": {"name": "user-keys", "key": "keys.json"}}},
    ]
    billing = service("billing", announces=True, env=env, min_scale="1", max_scale="4", window="90s", target="1")
    topology = read(write(tmp_path, billing, RELAY, WANTED, PING, routes=[("/tenant", "billing"), ("/tenant/emit", "billing")]))
    found = topology.services["billing"]
    assert (found.minimum, found.maximum, found.window, found.concurrency, found.timeout) == (1, 4, 90, 2, 60)
    assert found.target == pytest.approx(0.7)
    assert found.probe == "/readyz"
    assert topology.references() == [
        Reference("Secret", "billing", "database-url"),
        Reference("ConfigMap", "user-keys", "keys.json"),
    ]
    assert topology.bound == {"billing"}
    (accepted,) = topology.triggers
    assert (accepted.function, accepted.path, accepted.delivery.retry, accepted.delivery.delay) == ("billing", "/events", 5, 0.05)
    assert (accepted.delivery.sink, accepted.delivery.sink_path) == ("relay", "/dead-letters")
    assert [prefix for prefix, _ in topology.routes] == ["/tenant/emit", "/tenant"]
    assert topology.pings[0].extensions == (("jobname", "sweep"),)


def at(document: dict[str, Any], path: str) -> tuple[Any, str]:
    *parents, last = path.split("/")
    for name in parents:
        document = document[int(name)] if name.isdigit() else document[name]  # type: ignore[index]
    return document, last


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(document)
    parent, last = at(document, path)
    parent[last] = value
    return document


def without(document: dict[str, Any], path: str) -> dict[str, Any]:
    document = copy.deepcopy(document)
    parent, last = at(document, path)
    del parent[last]
    return document


CONTAINER = "spec/template/spec/containers/0"
NOTES = "spec/template/metadata/annotations"


@pytest.mark.parametrize(
    ("document", "path", "value"),
    [
        (RELAY, "metadata/labels/networking.knative.dev~visibility", "cluster-locale"),
        (BILLING, f"{NOTES}/autoscaling.knative.dev~min-scal", "1"),
        (BILLING, f"{NOTES}/autoscaling.knative.dev~minScale", "1"),
        (BILLING, f"{NOTES}/autoscaling.knative.dev~window", "1 minute"),
        (BILLING, f"{NOTES}/autoscaling.knative.dev~min-scale", "9"),
        (BILLING, f"{NOTES}/autoscaling.knative.dev~metric", "rps"),
        (BILLING, "metadata/annotations", {"autoscaling.knative.dev/min-scale": "1"}),
        (BILLING, f"{CONTAINER}/env/0/valueFrom", {"fieldRef": {"fieldPath": "metadata.name"}}),
        (BILLING, f"{CONTAINER}/env/0/valueFrom", {"secretKeyRef": {"name": "a", "key": "b"}}),
        (BILLING, f"{CONTAINER}/readinessProbe/periodSeconds", 1),
        (BILLING, f"{CONTAINER}/resources", {"limits": {"cpu": "1"}}),
        (BILLING, f"{CONTAINER}/command", ["sh"]),
        (BILLING, f"{CONTAINER}/ports", [{"name": "h2c", "containerPort": 8080}]),
        (BILLING, "spec/template/spec/initContainers", []),
        (BILLING, "spec/template/spec/timeoutSeconds", "60"),
        (BILLING, "spec/template/spec/volumes", [{"name": "x", "hostPath": {"path": "/"}}]),
        (BILLING, "spec/traffic", [{"latestRevision": True, "percent": 90}]),
        (BILLING, "metadata/namespace", "default"),
        (BILLING, "apiVersion", "serving.knative.dev/v1beta1"),
        (WANTED, "spec/filters", []),
        (WANTED, "spec/filters", [{}]),
        (WANTED, "spec/filters", [{"exact": {}}]),
        (WANTED, "spec/filters", [{"exact": {"subject": ""}}]),
        (WANTED, "spec/filters", [{"any": []}]),
        (WANTED, "spec/filters", [{"exact": {"Type": "x"}}]),
        (WANTED, "spec/filters", [{"exact": {"type": "x"}, "prefix": {"type": "x"}}]),
        (WANTED, "spec/filters", [{"cesql": "EXISTS tenantid"}]),
        (WANTED, "spec/filter", {"attributes": {"type": "x"}}),
        (WANTED, "spec/broker", "other"),
        (WANTED, "spec/subscriber/ref/name", "nobody"),
        (WANTED, "spec/subscriber/ref/kind", "Channel"),
        (WANTED, "spec/delivery/deadLetterSink/ref/name", "nobody"),
        (WANTED, "spec/delivery/backoffDelay", "500ms"),
        (WANTED, "spec/delivery/retryAfterMax", "PT1S"),
        (WANTED, "spec/delivery/format", "json"),
        (WANTED, "spec/delivery/retry", True),
        (PING, "spec/contentType", "text/plain"),
        (PING, "spec/dataBase64", "e30="),
        (PING, "spec/sink", {"uri": "http://example.org"}),
        (PING, "spec/sink", ping("x", "@daily", "nobody")["spec"]["sink"]),
        (PING, "kind", "ApiServerSource"),
        (BINDING, "spec/subject/selector/matchLabels", {}),
        (BINDING, "spec/ceOverrides", {"extensions": {"a": "b"}}),
    ],
)
def test_what_is_beyond_the_allow_list_is_refused(tmp_path: Path, document: dict[str, Any], path: str, value: object) -> None:
    mutant = changed(document, path, value) if "~" not in path else _annotated(document, path, value)
    documents = [mutant if other is document else other for other in (BILLING, RELAY, WANTED, PING, BINDING)]
    with pytest.raises(ManifestRefused) as refusal:
        read(write(tmp_path, *documents))
    assert refusal.value.file.name == f"{document['metadata']['name']}.yaml"
    assert refusal.value.path


def _annotated(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    parent, _, key = path.rpartition("/")
    document = copy.deepcopy(document)
    holder, last = at(document, parent)
    holder[last][key.replace("~", "/")] = value
    return document


@pytest.mark.parametrize("field", ["retry", "backoffPolicy", "backoffDelay", "timeout", "deadLetterSink"])
def test_an_incomplete_delivery_is_refused(tmp_path: Path, field: str) -> None:
    with pytest.raises(ManifestRefused, match=f"lacks {field}"):
        read(write(tmp_path, BILLING, RELAY, without(WANTED, f"spec/delivery/{field}")))


def test_a_route_leads_to_a_service(tmp_path: Path) -> None:
    with pytest.raises(ManifestRefused, match=r"routes\[0\]"):
        read(write(tmp_path, BILLING, RELAY, routes=[("/x", "nobody")]))


def test_the_refusal_names_file_path_and_value(tmp_path: Path) -> None:
    root = write(tmp_path, changed(BILLING, f"{CONTAINER}/stdin", True), RELAY)
    with pytest.raises(ManifestRefused, match=r"billing\.yaml: spec\.template\.spec\.containers\[0\]\.stdin = True is beyond"):
        read(root)


def test_kustomizations_and_service_accounts_may_stand_among_them(tmp_path: Path) -> None:
    root = write(tmp_path, BILLING, RELAY, routes=[("/tenant", "billing")])
    (root / "knative/services/kustomization.yaml").write_text(yaml.safe_dump({"kind": "Kustomization", "resources": ["x"]}))
    assert set(read(root).services) == {"billing", "relay"}


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("1m30s", 90), ("250ms", 0.25), ("PT1.5S", 1.5), ("PT1H2M", 3720)])
def test_both_forms_of_duration_are_seconds(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)
