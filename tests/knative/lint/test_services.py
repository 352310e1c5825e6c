"""Every mistake in a function's Service that Knative refuses, or takes and misreads, is named."""

from typing import Any

import pytest

from knative.lint.check import one
from knative.local.features import VISIBILITY
from tests.knative.lint.project import ROOT, Change, changed, container, entry, good, notes, pod

A = "autoscaling.knative.dev/"
BILLING = good("knative/services/billing.yaml")
FUNCTIONS = sorted(file.stem for file in (ROOT / "knative/services").glob("*.yaml") if file.stem != "kustomization")


def _volume(value: Any, **source: object) -> None:
    pod(value)["volumes"][0] = {"name": "tmp", **source}


def _environment(service: Any, name: str, **source: object) -> None:
    container(service)["env"].append({"name": name, **source})


def _rename(mapping: Any, old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


MISTAKES: dict[str, tuple[str, Change]] = {
    "misspelt field": ("containerConcurency", lambda v: _rename(pod(v), "containerConcurrency", "containerConcurency")),
    "misspelt annotation": ("minscale", lambda v: _rename(notes(v), A + "min-scale", A + "minscale")),
    "annotation on the Service": ("metadata.annotations", lambda v: v["metadata"].update(annotations={A + "min-scale": "1"})),
    "annotation as a number": (A + "min-scale", lambda v: notes(v).update({A + "min-scale": 0})),
    "minimum above maximum": (A + "min-scale", lambda v: notes(v).update({A + "min-scale": "50"})),
    "no maximum": (A + "max-scale", lambda v: notes(v).pop(A + "max-scale")),
    "initial scale zero": (A + "initial-scale", lambda v: notes(v).update({A + "initial-scale": "0"})),
    "initial above maximum": (A + "initial-scale", lambda v: notes(v).update({A + "initial-scale": "99"})),
    "burst capacity": (A + "target-burst-capacity", lambda v: notes(v).update({A + "target-burst-capacity": "-2"})),
    "duration unit": (A + "scale-down-delay", lambda v: notes(v).update({A + "scale-down-delay": "5min"})),
    "duration not whole": (A + "scale-down-delay", lambda v: notes(v).update({A + "scale-down-delay": "1500ms"})),
    "window too short": (A + "window", lambda v: notes(v).update({A + "window": "5s"})),
    "visibility misspelt": ("visibility", lambda v: v["metadata"]["labels"].update({VISIBILITY: "cluster-locale"})),
    "visibility missing": ("visibility", lambda v: v["metadata"]["labels"].pop(VISIBILITY)),
    "old version": ("apiVersion", lambda v: v.update(apiVersion="serving.knative.dev/v1beta1")),
    "kind unknown": ("kind", lambda v: v.update(kind="Services")),
    "time limit as text": ("timeoutSeconds", lambda v: pod(v).update(timeoutSeconds="abc")),
    "time limit too long": ("timeoutSeconds", lambda v: pod(v).update(timeoutSeconds=1200)),
    "time limit too short to drain": ("timeoutSeconds", lambda v: pod(v).update(timeoutSeconds=30)),
    "first byte after the limit": ("responseStartTimeoutSeconds", lambda v: pod(v).update(responseStartTimeoutSeconds=91)),
    "no concurrency limit": ("containerConcurrency", lambda v: pod(v).update(containerConcurrency=0)),
    "threads differ": ("containerConcurrency", lambda v: pod(v).update(containerConcurrency=5)),
    "service links": ("enableServiceLinks", lambda v: pod(v).pop("enableServiceLinks")),
    "cluster token": ("automountServiceAccountToken", lambda v: pod(v).pop("automountServiceAccountToken")),
    "another's account": ("serviceAccountName", lambda v: pod(v).update(serviceAccountName="sign")),
    "init containers": ("initContainers", lambda v: pod(v).update(initContainers=[{"name": "i", "image": "a/b:c"}])),
    "pod security context": ("securityContext", lambda v: pod(v).update(securityContext={"fsGroup": 1})),
    "node selector": ("nodeSelector", lambda v: pod(v).update(nodeSelector={"a": "b"})),
    "two containers": ("containers", lambda v: pod(v)["containers"].append(dict(container(v), name="b"))),
    "host path": ("volumes[0]", lambda v: _volume(v, hostPath={"path": "/x"})),
    "claim": ("volumes[0]", lambda v: _volume(v, persistentVolumeClaim={"claimName": "x"})),
    "medium": ("emptyDir.medium", lambda v: pod(v)["volumes"][0]["emptyDir"].update(medium="memory")),
    "volume without limit": ("emptyDir", lambda v: pod(v)["volumes"][0]["emptyDir"].pop("sizeLimit")),
    "mount without volume": ("volumeMounts", lambda v: container(v)["volumeMounts"].append({"name": "x", "mountPath": "/x"})),
    "path mounted twice": ("volumeMounts", lambda v: container(v)["volumeMounts"].append({"name": "tmp", "mountPath": "/tmp"})),
    "nowhere to write": ("volumeMounts", lambda v: container(v).update(volumeMounts=[])),
    "port name": ("ports", lambda v: container(v)["ports"][0].update(name="web")),
    "port reserved": ("containerPort", lambda v: container(v)["ports"][0].update(containerPort=9090)),
    "pull policy": ("imagePullPolicy", lambda v: container(v).update(imagePullPolicy="IfNotPresents")),
    "image latest": ("image", lambda v: container(v).update(image="getupnet/billing:latest")),
    "image malformed": ("image", lambda v: container(v).update(image="getupnet/Billing image")),
    "misspelt probe": ("readinesProbe", lambda v: _rename(container(v), "readinessProbe", "readinesProbe")),
    "probe period": ("readinessProbe.periodSeconds", lambda v: container(v)["readinessProbe"].update(periodSeconds=5)),
    "probe path": ("readinessProbe", lambda v: container(v)["readinessProbe"]["httpGet"].update(path="/health")),
    "quantity": ("resources.requests.memory", lambda v: container(v)["resources"]["requests"].update(memory="128Mib")),
    "CPU limit": ("resources.limits.cpu", lambda v: container(v)["resources"]["limits"].update(cpu="1")),
    "no memory limit": ("resources", lambda v: container(v)["resources"].pop("limits")),
    "root": ("runAsNonRoot", lambda v: container(v)["securityContext"].update(runAsNonRoot=False)),
    "writable root": ("readOnlyRootFilesystem", lambda v: container(v)["securityContext"].pop("readOnlyRootFilesystem")),
    "privileged": ("privileged", lambda v: container(v)["securityContext"].update(privileged=True)),
    "capabilities": ("capabilities", lambda v: container(v)["securityContext"].update(capabilities={"add": ["NET_ADMIN"]})),
    "seccomp": ("seccompProfile", lambda v: container(v)["securityContext"].pop("seccompProfile")),
    "env without name": ("env", lambda v: container(v)["env"].append({"value": "x"})),
    "env twice": ("env", lambda v: _environment(v, "THREADS", value="4")),
    "env injected": ("env", lambda v: _environment(v, "K_SINK", value="http://x")),
    "env lower case": ("env", lambda v: _environment(v, "threads", value="4")),
    "env of two sources": ("env", lambda v: entry(v, "DATABASE_URL").update(value="x")),
    "env from the pod": ("env", lambda v: _environment(v, "IP", valueFrom={"fieldRef": {"fieldPath": "status.podIP"}})),
    "secret in plain text": ("env", lambda v: _environment(v, "API_TOKEN", value="x")),
    "password in an address": ("env", lambda v: _environment(v, "OTHER", value="http://a:b@c")),
    "listens to itself": ("env", lambda v: entry(v, "LISTEN_HOST").update(value="127.0.0.1")),
    "traffic sum": ("spec.traffic", lambda v: v["spec"].update(traffic=[{"latestRevision": True, "percent": 90}])),
    "number where text is wanted": ("labels", lambda v: v["metadata"]["labels"].update(x=1)),
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_our_functions_have_no_fault(function: str) -> None:
    assert [str(fault) for fault in one(good(f"knative/services/{function}.yaml"))] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_its_place(mistake: str) -> None:
    place, change = MISTAKES[mistake]
    found = list(one(changed(BILLING, change)))
    assert any(place in fault.path for fault in found), [str(fault) for fault in found]
