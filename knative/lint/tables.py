"""The allow list of the kinds that only a cluster knows; what functions and events may say is the stand-in's own list."""

import re
from typing import Any  # the tables are recursive and heterogeneous; readers go through `faults`

from knative.local.features import KINDS, LABELS, PATH, TEXT

_SPACE = {"getupnet-app", "getupnet-data", "kourier-system"}
_META = {"name!": TEXT, "namespace!": _SPACE, "labels": LABELS}
_CLUSTER_META = {"name!": TEXT, "labels": LABELS}
_PORT = {"port!": int, "protocol": {"TCP", "UDP"}, "name": TEXT, "targetPort": int}
_KEY_REF = {"name!": TEXT, "key!": TEXT, "optional": bool}
_SELECTOR = {"matchLabels": LABELS, "matchExpressions": [{"key!": TEXT, "operator!": {"In", "Exists"}, "values": [TEXT]}]}
_PROBE = {"httpGet": {"path!": PATH, "port!": int}, "tcpSocket": {"port!": int}}
_POD = {
    "metadata!": {"labels!": LABELS},
    "spec!": {
        "restartPolicy": {"Never", "Always"},
        "serviceAccountName": TEXT,
        "automountServiceAccountToken!": {False},
        "enableServiceLinks!": {False},
        "containers!": [
            {
                "name!": TEXT,
                "image!": TEXT,
                "command": [str],
                "args": [str],
                "ports": [{"name": TEXT, "containerPort!": int}],
                "env": [{"name!": TEXT, "value": str, "valueFrom": {"secretKeyRef": _KEY_REF, "configMapKeyRef": _KEY_REF}}],
                "readinessProbe": _PROBE,
                "resources!": {"requests!": {"cpu!": TEXT, "memory!": TEXT}, "limits": {"memory": TEXT}},
                "securityContext": {
                    **dict.fromkeys(("allowPrivilegeEscalation", "readOnlyRootFilesystem", "runAsNonRoot"), bool),
                    "runAsUser": int,
                    "capabilities": {"drop": [{"ALL"}]},
                    "seccompProfile": {"type": {"RuntimeDefault"}},
                },
                "volumeMounts": [{"name!": TEXT, "mountPath!": PATH, "readOnly": bool}],
            }
        ],
        "volumes": [
            {"name!": TEXT, "emptyDir": {"sizeLimit": TEXT}, "configMap": {"name!": TEXT}, "secret": {"secretName!": TEXT}}
        ],
    },
}
_PEER = {
    "namespaceSelector": _SELECTOR,
    "podSelector": _SELECTOR,
    "ipBlock": {"cidr!": re.compile(r"[0-9.]+/[0-9]+"), "except": [TEXT]},
}
_GATEWAY = {"gateway.networking.k8s.io/v1"}
_PREFIX_MATCH = {"path!": {"type!": {"PathPrefix"}, "value!": PATH}}
_REWRITE = {"type!": {"URLRewrite"}, "urlRewrite!": {"hostname!": TEXT}}
_BACKEND = {"name!": TEXT, "namespace!": TEXT, "port!": int}

TABLES: dict[tuple[str, str], dict[str, Any]] = {
    ("serving.knative.dev", "Service"): KINDS["Service"],
    ("eventing.knative.dev", "Trigger"): KINDS["Trigger"],
    ("eventing.knative.dev", "Broker"): KINDS["Broker"],
    ("sources.knative.dev", "PingSource"): KINDS["PingSource"],
    ("sources.knative.dev", "SinkBinding"): KINDS["SinkBinding"],
    ("", "Namespace"): {"apiVersion!": {"v1"}, "kind!": TEXT, "metadata!": _CLUSTER_META},
    ("", "ServiceAccount"): {"apiVersion!": {"v1"}, "kind!": TEXT, "metadata!": _META, "automountServiceAccountToken!": {False}},
    ("", "ConfigMap"): {"apiVersion!": {"v1"}, "kind!": TEXT, "metadata!": _META, "data!": {"*": str}},
    ("", "Service"): {
        "apiVersion!": {"v1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {"selector!": LABELS, "ports!": [_PORT]},
    },
    ("apps", "Deployment"): {
        "apiVersion!": {"apps/v1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {"replicas!": int, "strategy": {"type": TEXT}, "selector!": _SELECTOR, "template!": _POD},
    },
    ("batch", "Job"): {
        "apiVersion!": {"batch/v1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {"backoffLimit!": int, "template!": _POD},
    },
    ("networking.k8s.io", "NetworkPolicy"): {
        "apiVersion!": {"networking.k8s.io/v1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {
            "podSelector!": _SELECTOR,
            "policyTypes!": [{"Ingress", "Egress"}],
            "ingress": [{"from!": [_PEER], "ports!": [_PORT]}],
            "egress": [{"to!": [_PEER], "ports!": [_PORT]}],
        },
    },
    ("gateway.networking.k8s.io", "HTTPRoute"): {
        "apiVersion!": _GATEWAY,
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {
            "parentRefs!": [{"name!": TEXT}],
            "rules!": [{"matches!": [_PREFIX_MATCH], "filters!": [_REWRITE], "backendRefs!": [_BACKEND]}],
        },
    },
    ("gateway.networking.k8s.io", "Gateway"): {
        "apiVersion!": _GATEWAY,
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {
            "gatewayClassName!": TEXT,
            "listeners!": [
                {
                    "name!": TEXT,
                    "hostname": TEXT,
                    "port!": {443},
                    "protocol!": {"HTTPS"},
                    "tls!": {"mode!": {"Terminate"}, "certificateRefs!": [{"name!": TEXT}]},
                    "allowedRoutes!": {"namespaces!": {"from!": {"Same"}}},
                }
            ],
        },
    },
    ("gateway.networking.k8s.io", "ReferenceGrant"): {
        "apiVersion!": {"gateway.networking.k8s.io/v1beta1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {
            "from!": [{"group!": TEXT, "kind!": TEXT, "namespace!": TEXT}],
            "to!": [{"group!": str, "kind!": TEXT, "name": TEXT}],
        },
    },
    ("external-secrets.io", "ExternalSecret"): {
        "apiVersion!": {"external-secrets.io/v1"},
        "kind!": TEXT,
        "metadata!": _META,
        "spec!": {
            "refreshInterval!": TEXT,
            "secretStoreRef!": {"kind!": {"ClusterSecretStore"}, "name!": TEXT},
            "target!": {"name!": TEXT, "creationPolicy!": {"Owner"}},
            "data!": [{"secretKey!": TEXT, "remoteRef!": {"key!": TEXT, "property!": TEXT}}],
        },
    },
    ("kustomize.config.k8s.io", "Kustomization"): {
        "apiVersion!": {"kustomize.config.k8s.io/v1beta1"},
        "kind!": TEXT,
        "resources!": [TEXT],
        "configMapGenerator": [{"name!": TEXT, "namespace!": {"getupnet-app"}, "files!": [TEXT]}],
        "images": [{"name!": TEXT, "newName": TEXT, "newTag": TEXT, "digest": re.compile(r"sha256:[0-9a-f]{64}")}],
        "patches": [{"target": {"group": TEXT, "kind!": TEXT, "name": TEXT}, "patch!": TEXT}],
    },
}
"""(API group, kind) → what it may say."""
