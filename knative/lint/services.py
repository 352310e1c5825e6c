"""What Knative and our own rules want of a function's Service beyond its shape."""

import re
from collections.abc import Iterator

from knative.lint.faults import Finding
from knative.lint.tree import at, items, mapping, name, text
from knative.local.features import VISIBILITY
from knative.rules.manifests import seconds

TEMPLATE = "spec.template"
NOTES = f"{TEMPLATE}.metadata.annotations"
POD = f"{TEMPLATE}.spec"
CONTAINER = f"{POD}.containers[0]"
SCALE = "autoscaling.knative.dev/"
_QUANTITY = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:m|k|Ki|M|Mi|G|Gi)?")
_IMAGE = re.compile(r"(?:[a-z0-9.-]+(?::[0-9]+)?/)*[a-z0-9-]+(?::[A-Za-z0-9_.-]+)?(?:@sha256:[0-9a-f]{64})?")
_INJECTED = re.compile(r"PORT|K_[A-Z_]+")
_SECRET_NAME = re.compile(r"(?:.*_)?(?:KEY|SECRET|PASSWORD|TOKEN|ACCESS_KEY_ID)|DATABASE_URL|REDIS_URL")
_SECRET_TEXT = re.compile(r"://[^/\s]*:[^/\s]*@|-----BEGIN|AKIA[0-9A-Z]{16}")
_WINDOW = (6.0, 3600.0)


def findings(value: object) -> Iterator[Finding]:
    """Every fault of one Service of serving.knative.dev."""
    if mapping(value, "metadata", "labels").get(VISIBILITY) != "cluster-local":
        yield f"metadata.labels.{VISIBILITY}", "must be cluster-local: any other value, or none, makes the function public"
    for key in mapping(value, "metadata", "annotations"):
        if key.startswith(SCALE):
            yield f"metadata.annotations.{key}", "belongs on spec.template: Knative refuses it here"
    yield from _scaling(value)
    yield from _revision(value)
    yield from _container(value)
    yield from _environment(value)
    yield from _volumes(value)
    if traffic := items(value, "spec", "traffic"):
        total = sum(percent for share in traffic if isinstance(percent := at(share, "percent"), int))
        if total != 100:
            yield "spec.traffic", f"sums to {total} percent, not 100"


def _scaling(value: object) -> Iterator[Finding]:
    notes = mapping(value, "spec", "template", "metadata", "annotations")
    for key, note in notes.items():
        if not isinstance(note, str):
            yield f"{NOTES}.{key}", f"must be text: quote {note!r}"
    scale = {key: int(note) for key in ("min-scale", "max-scale", "initial-scale") if (note := _digits(notes, key)) is not None}
    minimum, maximum = scale.get("min-scale", 0), scale.get("max-scale", 0)
    if not maximum:
        yield f"{NOTES}.{SCALE}max-scale", "is wanted: without it the function may take all connections of the database"
    elif minimum > maximum:
        yield f"{NOTES}.{SCALE}min-scale", f"{minimum} is above max-scale {maximum}"
    if scale.get("initial-scale") == 0:
        yield f"{NOTES}.{SCALE}initial-scale", "0 needs allow-zero-initial-scale, which clusters do not set"
    if maximum and scale.get("initial-scale", 0) > maximum:
        yield f"{NOTES}.{SCALE}initial-scale", f"is above max-scale {maximum}"
    for key in ("window", "scale-down-delay", "scale-to-zero-pod-retention-period"):
        duration = text(notes, SCALE + key)
        whole = re.fullmatch(r"(?:[0-9]+[hms])+", duration)
        if duration and not whole:
            yield f"{NOTES}.{SCALE}{key}", f"{duration!r} is no Go duration of whole seconds, such as 90s or 5m"
        elif duration and key == "window" and not _WINDOW[0] <= seconds(duration) <= _WINDOW[1]:
            yield f"{NOTES}.{SCALE}{key}", "must be between 6s and 1h"


def _digits(notes: dict[str, object], key: str) -> str | None:
    note = notes.get(SCALE + key)
    return note if isinstance(note, str) and note.isdigit() else None


def _revision(value: object) -> Iterator[Finding]:
    spec = mapping(value, "spec", "template", "spec")
    limit = spec.get("timeoutSeconds")
    if not isinstance(limit, int) or not 60 <= limit <= 600:
        yield f"{POD}.timeoutSeconds", "must be 60 to 600: it is also the time a pod has to drain"
    start = spec.get("responseStartTimeoutSeconds")
    if isinstance(limit, int) and isinstance(start, int) and start > limit:
        yield f"{POD}.responseStartTimeoutSeconds", f"is above timeoutSeconds {limit}"
    concurrency = spec.get("containerConcurrency")
    if not isinstance(concurrency, int) or not 1 <= concurrency <= 1000:
        yield f"{POD}.containerConcurrency", "must be 1 to 1000: without it a pod takes more than its threads can serve"
    if spec.get("enableServiceLinks") is not False:
        yield f"{POD}.enableServiceLinks", "must be false: it slows every start"
    if spec.get("automountServiceAccountToken") is not False:
        yield f"{POD}.automountServiceAccountToken", "must be false: no function speaks with the cluster"
    if spec.get("serviceAccountName") != name(value):
        yield f"{POD}.serviceAccountName", "must be the function's own"
    if len(items(spec, "containers")) != 1:
        yield f"{POD}.containers", "must be exactly one"


def _container(value: object) -> Iterator[Finding]:
    container = mapping(value, "spec", "template", "spec", "containers", 0)
    image = text(container, "image")
    if not _IMAGE.fullmatch(image) or image.endswith(":latest"):
        yield f"{CONTAINER}.image", f"{image!r} must be a name with tag or digest, and not the tag latest"
    if [at(port, "name") for port in items(container, "ports")] != ["http1"]:
        yield f"{CONTAINER}.ports", "must be exactly one, called http1"
    if "periodSeconds" in mapping(container, "readinessProbe"):
        yield f"{CONTAINER}.readinessProbe.periodSeconds", "takes Knative's fast probe away: leave it out"
    probes = text(container, "readinessProbe", "httpGet", "path"), text(container, "livenessProbe", "httpGet", "path")
    if probes != ("/readyz", "/healthz"):
        yield f"{CONTAINER}.readinessProbe", "readiness asks /readyz, liveness /healthz"
    for part in ("requests", "limits"):
        for key, amount in mapping(container, "resources", part).items():
            if not isinstance(amount, str) or not _QUANTITY.fullmatch(amount):
                yield f"{CONTAINER}.resources.{part}.{key}", f"{amount!r} is no quantity, such as 100m or 256Mi"
    if "cpu" in mapping(container, "resources", "limits"):
        yield f"{CONTAINER}.resources.limits.cpu", "slows cold starts several times: request CPU, do not limit it"
    for part, key in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
        if key not in mapping(container, "resources", part):
            yield f"{CONTAINER}.resources.{part}", f"lacks {key}"
    security = mapping(container, "securityContext")
    wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "runAsUser": 10001}
    for key, setting in wanted.items():
        if security.get(key) != setting or type(security.get(key)) is not type(setting):
            yield f"{CONTAINER}.securityContext.{key}", f"must be {str(setting).lower()}"
    if items(security, "capabilities", "drop") != ["ALL"]:
        yield f"{CONTAINER}.securityContext.capabilities", "must drop ALL"
    if at(security, "seccompProfile", "type") != "RuntimeDefault":
        yield f"{CONTAINER}.securityContext.seccompProfile", "must be RuntimeDefault"


def _environment(value: object) -> Iterator[Finding]:
    spec = mapping(value, "spec", "template", "spec")
    seen: dict[str, object] = {}
    for n, entry in enumerate(items(spec, "containers", 0, "env")):
        here, key = f"{CONTAINER}.env[{n}]", text(entry, "name")
        if key in seen:
            yield here, f"{key} stands twice"
        if _INJECTED.fullmatch(key):
            yield here, f"{key} is set by Knative"
        source = mapping(entry, "valueFrom")
        if ("value" in mapping(entry)) == bool(source) or len(source) > 1:
            yield here, f"{key} must have one value or one valueFrom"
        plain = text(entry, "value")
        if "value" in mapping(entry) and (_SECRET_NAME.fullmatch(key) or _SECRET_TEXT.search(plain)):
            yield here, f"{key} holds a secret in plain text: refer to a Secret"
        seen[key] = entry
    if seen and text(seen.get("THREADS"), "value") != str(spec.get("containerConcurrency")):
        yield f"{POD}.containerConcurrency", "must equal THREADS: more would wait inside, fewer would idle"
    if seen and text(seen.get("LISTEN_HOST"), "value") != "0.0.0.0":  # nosec B104
        yield f"{CONTAINER}.env", "LISTEN_HOST must be 0.0.0.0: Knative's proxy is outside the container"


def _volumes(value: object) -> Iterator[Finding]:
    spec = mapping(value, "spec", "template", "spec")
    names = [text(volume, "name") for volume in items(spec, "volumes")]
    mounts = items(spec, "containers", 0, "volumeMounts")
    for n, volume in enumerate(items(spec, "volumes")):
        if len(mapping(volume)) != 2:
            yield f"{POD}.volumes[{n}]", "must have a name and one source"
        if "emptyDir" in mapping(volume) and not _QUANTITY.fullmatch(text(volume, "emptyDir", "sizeLimit")):
            yield f"{POD}.volumes[{n}].emptyDir", "needs a sizeLimit, such as 64Mi"
    for n, mount in enumerate(mounts):
        if text(mount, "name") not in names:
            yield f"{CONTAINER}.volumeMounts[{n}]", f"no volume is called {text(mount, 'name')!r}"
    paths = [text(mount, "mountPath") for mount in mounts]
    if len(set(paths)) != len(paths):
        yield f"{CONTAINER}.volumeMounts", "a path is mounted twice"
    if "/tmp" not in paths:  # nosec B108
        yield f"{CONTAINER}.volumeMounts", "must mount /tmp: the root is read-only"
