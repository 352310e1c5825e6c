"""Renders the one routing table: Gateway API routes for a cluster with a public gateway, an nginx front door for one without."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from knative.lint.tree import items, text

NAMESPACE = "getupnet-app"
HEADER = "# Rendered from knative/routes.yaml by `python -m knative.lint routes`; do not edit.\n"


def read(file: Path) -> dict[str, list[str]]:
    """Function → its prefixes, in the order of the table."""
    table: dict[str, list[str]] = {}
    for route in items(yaml.safe_load(file.read_text(encoding="utf-8")), "routes"):
        table.setdefault(text(route, "function"), []).append(text(route, "prefix"))
    return table


def host(function: str) -> str:
    """The name under which Knative's internal gateway knows a function."""
    return f"{function}.{NAMESPACE}.svc.cluster.local"


def httproutes(table: Mapping[str, Sequence[str]]) -> str:
    """One HTTPRoute a function: the host is rewritten, so that the internal gateway finds, and if need be starts, it."""
    documents = [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": function, "namespace": NAMESPACE, "labels": {"app.kubernetes.io/part-of": "getupnet"}},
            "spec": {
                "parentRefs": [{"name": "getupnet"}],
                "rules": [
                    {
                        "matches": [{"path": {"type": "PathPrefix", "value": prefix}} for prefix in prefixes],
                        "filters": [{"type": "URLRewrite", "urlRewrite": {"hostname": host(function)}}],
                        "backendRefs": [{"name": "kourier-internal", "namespace": "kourier-system", "port": 80}],
                    }
                ],
            },
        }
        for function, prefixes in table.items()
    ]
    return HEADER + yaml.safe_dump_all(documents, sort_keys=False, width=120)


def nginx(table: Mapping[str, Sequence[str]]) -> str:
    """The same as an nginx server on 8080. Prefixes match whole segments, as in Gateway API."""
    blocks = [
        f"""    location ~ ^{prefix}(/|$) {{
        proxy_pass http://{host(function)};
        proxy_set_header Host {host(function)};
        proxy_set_header Connection "";
    }}
"""
        for function, prefixes in table.items()
        for prefix in prefixes
    ]
    return (
        HEADER
        + """server {
    listen 8080;
    client_max_body_size 33m;
    proxy_http_version 1.1;
    proxy_read_timeout 120s;
    location = /front-door {
        return 204;
    }
"""
        + "".join(blocks)
        + """    location / {
        return 404;
    }
}
"""
    )


OUTPUTS = {
    Path("knative/overlays/routes/httproutes.yaml"): httproutes,
    Path("knative/overlays/dev/front.conf"): nginx,
}
"""Committed files and what renders them."""


def drift(root: Path) -> list[Path]:
    """The rendered files that no longer say what the table says."""
    table = read(root / "knative/routes.yaml")
    stale = [file for file, render in OUTPUTS.items() if not (root / file).is_file()]
    return stale + [
        file for file, render in OUTPUTS.items() if file not in stale and (root / file).read_text(encoding="utf-8") != render(table)
    ]


def write(root: Path) -> None:
    """Render them again."""
    table = read(root / "knative/routes.yaml")
    for file, render in OUTPUTS.items():
        (root / file).write_text(render(table), encoding="utf-8")
