"""One routing table, two renderings, and no rendering that has gone stale."""

from pathlib import Path

import pytest
import yaml

from knative.lint import routes
from knative.lint.check import run
from tests.knative.lint.project import ROOT

TABLE = {"billing": ["/tenant/emit", "/tenant/invoices"], "auth": ["/auth"]}


def test_every_function_gets_a_route_that_rewrites_the_host() -> None:
    billing, auth = yaml.safe_load_all(routes.httproutes(TABLE))
    (rule,) = billing["spec"]["rules"]
    assert [match["path"] for match in rule["matches"]] == [{"type": "PathPrefix", "value": value} for value in TABLE["billing"]]
    assert rule["filters"][0]["urlRewrite"]["hostname"] == "billing.getupnet-app.svc.cluster.local"
    assert auth["metadata"]["name"] == "auth"


def test_nginx_matches_whole_segments_and_refuses_the_rest() -> None:
    text = routes.nginx(TABLE)
    assert "location ~ ^/tenant/emit(/|$)" in text
    assert "proxy_pass http://auth.getupnet-app.svc.cluster.local;" in text
    assert text.count("proxy_pass") == 3
    assert "return 404" in text


def test_the_committed_renderings_are_fresh() -> None:
    assert routes.drift(ROOT) == []


def test_a_changed_table_is_noticed_until_it_is_rendered(tmp_path: Path) -> None:
    for file in routes.OUTPUTS:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "knative/routes.yaml").write_text("routes:\n  - prefix: /auth\n    function: auth\n")
    assert len(routes.drift(tmp_path)) == 2
    routes.write(tmp_path)
    assert routes.drift(tmp_path) == []
    (tmp_path / "knative/routes.yaml").write_text("routes:\n  - prefix: /audit\n    function: audit\n")
    assert len(routes.drift(tmp_path)) == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("routes:\n  - prefix: /x\n    function: nobody\n", "no function is called 'nobody'"),
        ("routes:\n  - prefix: /sign\n    function: sign\n", "sign is never public"),
        ("routes:\n  - prefix: /fe\n    function: sandbox\n", "sandbox is never public"),
        ("routes:\n  - prefix: /a/\n    function: auth\n", "slash"),
        ("routes:\n  - prefix: /a\n    function: auth\n  - prefix: /a\n    function: audit\n", "stands twice"),
        ("routes:\n  - path: /a\n    function: auth\n", "beyond the allow list"),
    ],
)
def test_a_bad_route_is_named(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "knative").mkdir()
    (tmp_path / "knative/services").symlink_to(ROOT / "knative/services")
    (tmp_path / "eventing").symlink_to(ROOT / "eventing")
    file = tmp_path / "knative/routes.yaml"
    file.write_text(table)
    found = [fault.message for fault in run(tmp_path, ["knative/routes.yaml"]) if fault.file == file]
    assert any(message in text for text in found), found
