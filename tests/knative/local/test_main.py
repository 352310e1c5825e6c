"""The command line, as `./task up` uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.knative.local.builders import ping, service, write

ROOT = Path(__file__).parents[3]


def local(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "knative.local", "--root", str(root), *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    password = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "billing", "key": "database-url"}}}]
    return write(tmp_path, service("billing", env=password), ping("daily", "0 3 * * *"), routes=[("/tenant", "billing")])


def status(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(local(root, "ps", "--json").stdout)
    return found


def test_up_ps_run_once_and_down(root: Path) -> None:
    up = local(root, "up", "--detach", "--port", "0")
    assert up.returncode == 0, up.stderr
    addresses = dict(line.split() for line in up.stdout.splitlines())
    try:
        assert httpx.get(addresses["front"]).status_code == 404
        assert status(root)["functions"]["billing"]["processes"] == []
        assert status(root)["functions"]["billing"]["due_work"] == 0
        assert "billing" in local(root, "ps").stdout
        assert local(root, "run-once", "daily").returncode == 0
        assert local(root, "run-once", "nothing").returncode == 1
        again = local(root, "up", "--port", "0")
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert "runs already" in again.stderr
    finally:
        assert local(root, "down").returncode == 0
    assert "does not run here" in local(root, "down").stderr
    assert (root / ".local/services/postgres/PG_VERSION").exists()


def test_secrets_are_printed_for_a_cluster(root: Path) -> None:
    printed = local(root, "secrets", "--database", "pg.data:5432", "--redis-url", "redis://valkey.data:6379/0")
    (secret,) = yaml.safe_load_all(printed.stdout)
    assert secret["stringData"]["database-url"].endswith("@pg.data:5432/getupnet")


def test_a_refused_manifest_is_one_line_and_a_failure(root: Path) -> None:
    (root / "eventing/triggers/odd.yaml").write_text("kind: Sequence\n")
    refused = local(root, "secrets", "--database", "x:1", "--redis-url", "redis://x")
    assert refused.returncode == 1
    assert refused.stderr.startswith("ManifestRefused: ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("ps",), ("logs",), ("secrets",), ("run-once",)])
def test_every_command_explains_itself(tmp_path: Path, command: tuple[str, ...]) -> None:
    explained = local(tmp_path, *command, "--help")
    assert explained.returncode == 0
    assert "usage: python -m knative.local" in explained.stdout
