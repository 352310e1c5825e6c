"""The command: silent and 0 when all is well; else 1, and one line a fault with file, line and place."""

import io
import json
from pathlib import Path

import pytest

from knative.lint.__main__ import main
from tests.knative.lint.project import ROOT

BAD = """apiVersion: v1
kind: ConfigMap
metadata:
  name: x
  namespace: getupnet-app
data:
  enabled: on
  enabled: "on"
colour: red
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "knative").mkdir()
    for name in ("knative/services", "knative/overlays", "knative/policies", "knative/routes.yaml", "eventing"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_project_is_clean(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_fault_has_file_line_and_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "bad.yaml").write_text(BAD)
    assert main(["bad.yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("bad.yaml:7: data.enabled: 'on' is true or false")
    assert "bad.yaml:7: data.enabled: stands twice, again in line 8" in lines
    assert "bad.yaml:9: colour: is beyond the allow list" in lines


def test_faults_for_programs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "bad.yaml").write_text(BAD)
    assert main(["bad.yaml", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"file": "bad.yaml", "line": 9, "path": "colour", "message": "is beyond the allow list"} in found


def test_text_that_is_no_yaml_is_a_fault_and_no_crash(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "bad.yaml").write_text("a: [1\nb: 2\n")
    assert main(["bad.yaml"]) == 1
    assert "bad.yaml:2" in capsys.readouterr().out


def test_one_file_is_followed_through_the_base(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "eventing/triggers/auth.yaml").read_text().replace("      name: auth", "      name: nobody")
    (project / "trigger.yaml").write_text(text)
    assert main(["trigger.yaml"]) == 1
    assert "no Service is called 'nobody'" in capsys.readouterr().out


def test_a_rendered_overlay_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO((ROOT / "eventing/broker.yaml").read_text()))
    assert main(["--rendered", "production", "-"]) == 1
    assert "(rendered):" in capsys.readouterr().out


def test_a_file_left_out_of_its_kustomization_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - gone.yaml\n"
    )
    (tmp_path / "forgotten.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    assert main(["kustomization.yaml", "nowhere.yaml"]) == 1
    out = capsys.readouterr().out
    assert "leaves forgotten.yaml out" in out
    assert "gone.yaml does not exist" in out
    assert "nowhere.yaml:1: (document): does not exist" in out


def test_routes_are_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("knative/overlays/routes", "knative/overlays/dev"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "knative/routes.yaml").write_text((ROOT / "knative/routes.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    assert main(["routes"]) == 0
    for file in ("knative/overlays/routes/httproutes.yaml", "knative/overlays/dev/front.conf"):
        assert (tmp_path / file).read_text() == (ROOT / file).read_text()
