"""Manifests written for one test, and the command of the small function that they run."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

FUNCTION = Path(__file__).with_name("function.py")


def command(name: str) -> Sequence[str]:
    return (sys.executable, str(FUNCTION), name)


def service(name: str, *, announces: bool = False, env: Sequence[dict[str, Any]] = (), spec: dict[str, Any] | None = None,
            **annotations: str) -> dict[str, Any]:  # fmt: skip
    notes = {f"autoscaling.knative.dev/{key.replace('_', '-')}": value for key, value in annotations.items()}
    container = {
        "image": f"getupnet/{name}",
        "env": [{"name": "THREADS", "value": "2"}, *env],
        "readinessProbe": {"httpGet": {"path": "/readyz"}},
    }
    labels = {"networking.knative.dev/visibility": "cluster-local", **({"getupnet.do/announces": "true"} if announces else {})}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "getupnet-app", "labels": labels},
        "spec": {
            "template": {
                "metadata": {"annotations": notes},
                "spec": {"containerConcurrency": 2, "timeoutSeconds": 60, "containers": [container], **(spec or {})},
            }
        },
    }


def trigger(name: str, function: str, *filters: dict[str, Any], retry: int = 3, delay: str = "PT0.05S",
            policy: str = "exponential", timeout: str = "PT5S", order: str = "unordered") -> dict[str, Any]:  # fmt: skip
    def sink(target: str, uri: str) -> dict[str, Any]:
        return {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": target}, "uri": uri}

    delivery = {
        "retry": retry,
        "backoffPolicy": policy,
        "backoffDelay": delay,
        "timeout": timeout,
        "deadLetterSink": sink("relay", "/dead-letters"),
    }
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": {"name": name, "annotations": {"kafka.eventing.knative.dev/delivery.order": order}},
        "spec": {
            "broker": "default",
            "filters": list(filters),
            "subscriber": sink(function, "/events"),
            "delivery": delivery,
        },
    }


def ping(name: str, schedule: str, function: str = "") -> dict[str, Any]:
    broker = {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}}
    service = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": function}, "uri": "/events"}
    return {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "PingSource",
        "metadata": {"name": name},
        "spec": {
            "schedule": schedule,
            "timezone": "America/Santo_Domingo",
            "contentType": "application/json",
            "data": '{"job":"sweep"}',
            "ceOverrides": {"extensions": {"jobname": name}},
            "sink": service if function else broker,
        },
    }


BROKER = {
    "apiVersion": "eventing.knative.dev/v1",
    "kind": "Broker",
    "metadata": {"name": "default", "annotations": {"eventing.knative.dev/broker.class": "Kafka"}},
}


BINDING = {
    "apiVersion": "sources.knative.dev/v1",
    "kind": "SinkBinding",
    "metadata": {"name": "announcers"},
    "spec": {
        "subject": {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "selector": {"matchLabels": {"getupnet.do/announces": "true"}},
        },
        "sink": {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}},
    },
}


def write(root: Path, *documents: dict[str, Any], routes: Sequence[tuple[str, str]] = ()) -> Path:
    """Write manifests as a project folder and answer it."""
    homes = {
        "Service": "knative/services",
        "Trigger": "eventing/triggers",
        "PingSource": "eventing/sources",
        "SinkBinding": "eventing/sources",
    }
    for folder in homes.values():
        (root / folder).mkdir(parents=True, exist_ok=True)
    for document in (BROKER, BINDING, *documents):
        file = root / homes.get(document["kind"], "eventing") / f"{document['metadata']['name']}.yaml"
        file.write_text(yaml.safe_dump(document))
    table = {"routes": [{"prefix": prefix, "function": function} for prefix, function in routes]}
    (root / "knative/routes.yaml").write_text(yaml.safe_dump(table))
    return root
