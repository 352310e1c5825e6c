"""The allow list: what a manifest may say so that the stand-in, the linter and Knative itself read it alike.

A table is a tree: a key ending in `!` is required, `*` stands for any key, `+` refuses emptiness, a tuple holds alternatives,
a leaf is a type, a set of values or a pattern that the whole text must match. What no table lists is refused, never ignored.
"""

import re
from typing import Any  # the tables are recursive and heterogeneous; readers go through `faults`

TEXT = re.compile(r"(?s).+")
COUNT = re.compile(r"[0-9]+")
GO_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+")
ISO_DURATION = re.compile(r"PT(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?")
ATTRIBUTE = re.compile(r"[a-z][a-z0-9]*")
PATH = re.compile(r"/[^\s?#]*")
LABELS = {"*": str}

SCALING = {
    "autoscaling.knative.dev/min-scale": COUNT,
    "autoscaling.knative.dev/max-scale": COUNT,
    "autoscaling.knative.dev/target": re.compile(r"[0-9]+(?:\.[0-9]+)?"),
    "autoscaling.knative.dev/target-utilization-percentage": COUNT,
    "autoscaling.knative.dev/metric": {"concurrency"},
    "autoscaling.knative.dev/window": GO_DURATION,
    "autoscaling.knative.dev/scale-to-zero-pod-retention-period": GO_DURATION,
}
"""Annotations of the revision template that steer the stand-in."""

CLUSTER_ONLY = {
    "autoscaling.knative.dev/initial-scale": COUNT,
    "autoscaling.knative.dev/scale-down-delay": GO_DURATION,
    "autoscaling.knative.dev/target-burst-capacity": re.compile(r"-1|[0-9]+"),
    "autoscaling.knative.dev/panic-window-percentage": str,
    "autoscaling.knative.dev/panic-threshold-percentage": str,
    "queue.sidecar.serving.knative.dev/cpu-resource-request": str,
    "queue.sidecar.serving.knative.dev/memory-resource-request": str,
}
"""Annotations of the revision template that say something about nodes and pods: one machine has neither."""

VISIBILITY = "networking.knative.dev/visibility"
ORDER = "kafka.eventing.knative.dev/delivery.order"
WITHOUT_EFFECT = {"Kustomization", "ServiceAccount"}
"""Kinds that may stand among the manifests and mean nothing on one machine."""

_META = {"name!": TEXT, "namespace": {"getupnet-app"}, "labels": LABELS}
_KEY_REF = {"name!": TEXT, "key!": TEXT, "optional": bool}
_PROBE = {"httpGet!": {"path!": PATH, "port": {8080}}}
_PERIODS = ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold")
_QUANTITIES = {"cpu": object, "memory": object, "ephemeral-storage": object}
_SECURITY = {
    **dict.fromkeys(("allowPrivilegeEscalation", "readOnlyRootFilesystem", "runAsNonRoot"), bool),
    **dict.fromkeys(("runAsUser", "runAsGroup"), int),
    "capabilities": {"drop": [{"ALL"}]},
    "seccompProfile": {"type": {"RuntimeDefault"}},
}
_ENV = {
    "name!": re.compile(r"[A-Z][A-Z0-9_]*"),
    "value": str,
    "valueFrom": {"secretKeyRef": _KEY_REF, "configMapKeyRef": _KEY_REF},
}
_CONTAINER = {
    "name": TEXT,
    "image!": TEXT,
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "ports": [{"name": {"http1"}, "containerPort!": {8080}, "protocol": {"TCP"}}],
    "env": [_ENV],
    "readinessProbe!": _PROBE,
    "livenessProbe": {**_PROBE, **dict.fromkeys(_PERIODS, int)},
    "resources": {"requests": _QUANTITIES, "limits": {"memory": object, "ephemeral-storage": object}},
    "securityContext": _SECURITY,
    "volumeMounts": [{"name!": TEXT, "mountPath!": PATH, "readOnly": bool}],
}
_EMPTY_DIR = {"sizeLimit": str, "medium": {"", "Memory"}}
_VOLUME = {"name!": TEXT, "emptyDir": _EMPTY_DIR}
SERVICE: dict[str, Any] = {
    "apiVersion!": {"serving.knative.dev/v1"},
    "kind!": {"Service"},
    "metadata!": {
        **_META,
        "labels": {**LABELS, VISIBILITY: {"cluster-local"}},
        "annotations": {"serving.knative.dev/rollout-duration": GO_DURATION},
    },
    "spec!": {
        "template!": {
            "metadata": {"labels": LABELS, "annotations": {**SCALING, **CLUSTER_ONLY}},
            "spec!": {
                "containers!": [_CONTAINER],
                "volumes": [_VOLUME],
                "containerConcurrency": int,
                "timeoutSeconds": int,
                "responseStartTimeoutSeconds": int,
                "serviceAccountName": TEXT,
                "automountServiceAccountToken": bool,
                "enableServiceLinks": {False},
            },
        },
        "traffic": [{"latestRevision!": {True}, "percent!": {100}}],
    },
}
_SPACE = {"namespace": {"getupnet-app"}}
_SERVICE_REF = {"apiVersion!": {"serving.knative.dev/v1"}, "kind!": {"Service"}, "name!": TEXT, **_SPACE}
_BROKER_REF = {"apiVersion!": {"eventing.knative.dev/v1"}, "kind!": {"Broker"}, "name!": {"default"}, **_SPACE}
_SERVICE_SINK = {"ref!": _SERVICE_REF, "uri!": PATH}
DELIVERY = {
    "retry!": int,
    "backoffPolicy!": {"exponential", "linear"},
    "backoffDelay!": ISO_DURATION,
    "timeout!": ISO_DURATION,
    "deadLetterSink!": _SERVICE_SINK,
}
"""Complete or refused: Knative's brokers fill a partial one each in its own way (R34)."""

FILTER: dict[str, Any] = {dialect: {"*": TEXT, "+": True} for dialect in ("exact", "prefix", "suffix")}
FILTER |= {"+": True, "all": [FILTER], "any": [FILTER], "not": FILTER}
TRIGGER: dict[str, Any] = {
    "apiVersion!": {"eventing.knative.dev/v1"},
    "kind!": {"Trigger"},
    "metadata!": {**_META, "annotations": {ORDER: {"ordered", "unordered"}}},
    "spec!": {"broker!": {"default"}, "filters!": [FILTER], "subscriber!": _SERVICE_SINK, "delivery!": DELIVERY},
}
BROKER: dict[str, Any] = {
    "apiVersion!": {"eventing.knative.dev/v1"},
    "kind!": {"Broker"},
    "metadata!": {
        **_META,
        "name!": {"default"},
        "annotations": {
            "eventing.knative.dev/broker.class": {"Kafka", "MTChannelBasedBroker"},
            "messaging.knative.dev/async-handler": {"true"},
        },
    },
    "spec": {
        "config": {"apiVersion": {"v1"}, "kind": {"ConfigMap"}, "name": TEXT, "namespace": TEXT},
        "delivery": DELIVERY,
    },
}
PINGSOURCE: dict[str, Any] = {
    "apiVersion!": {"sources.knative.dev/v1"},
    "kind!": {"PingSource"},
    "metadata!": _META,
    "spec!": {
        "schedule!": TEXT,
        "timezone": TEXT,
        "contentType": {"application/json"},
        "data": TEXT,
        "ceOverrides": {"extensions": {"*": str}},
        "sink!": ({"ref!": _BROKER_REF}, _SERVICE_SINK),
    },
}
SINKBINDING: dict[str, Any] = {
    "apiVersion!": {"sources.knative.dev/v1"},
    "kind!": {"SinkBinding"},
    "metadata!": _META,
    "spec!": {
        "subject!": {
            "apiVersion!": {"serving.knative.dev/v1"},
            "kind!": {"Service"},
            **_SPACE,
            "selector!": {"matchLabels!": {**LABELS, "+": True}},
        },
        "sink!": {"ref!": _BROKER_REF},
    },
}
KINDS = {"Service": SERVICE, "Trigger": TRIGGER, "Broker": BROKER, "PingSource": PINGSOURCE, "SinkBinding": SINKBINDING}
ROUTES: dict[str, Any] = {"routes!": [{"prefix!": PATH, "function!": TEXT}]}


def faults(value: object, node: Any, path: str = "") -> list[tuple[str, object, str]]:
    """(path, value, what is wrong) of everything in `value` that `node` does not allow; empty when all is allowed."""
    if isinstance(node, dict):
        if not isinstance(value, dict) or ("+" in node and not value):
            return [(path, value, "must be a mapping with something in it")]
        allowed = {key.rstrip("!"): child for key, child in node.items() if key != "+"}
        required = [key[:-1] for key in node if key.endswith("!")]
        found: list[tuple[str, object, str]] = [(path, value, f"lacks {key}") for key in required if key not in value]
        for key, item in value.items():
            child = allowed.get(key, allowed.get("*"))
            here = f"{path}.{key}".lstrip(".")
            found += [(here, item, "is beyond the allow list")] if child is None else faults(item, child, here)
        return found
    if isinstance(node, tuple):
        return min((faults(value, either, path) for either in node), key=len)
    if isinstance(node, list):
        if not isinstance(value, list) or not value:
            return [(path, value, "must be a list with something in it")]
        return [fault for n, item in enumerate(value) for fault in faults(item, node[0], f"{path}[{n}]")]
    if isinstance(node, re.Pattern):
        fits, rule = isinstance(value, str) and bool(node.fullmatch(value)), f"must be text like {node.pattern}"
    elif isinstance(node, type):
        fits, rule = isinstance(value, node) and (node is not int or type(value) is int), f"must be {node.__name__}"
    else:
        fits, rule = type(value) in {type(v) for v in node} and value in node, f"must be one of {sorted(node)}"
    return [] if fits else [(path, value, rule)]
