"""The command line, as `./task up` uses it."""

import json
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from knative.local.__main__ import main
from tests.knative.local.builders import ping, service, write

ROOT = Path(__file__).parents[3]


class Local:
    """Runs commands in this process; only what `up --detach` starts is another one."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._monkeypatch, self._capsys = root, monkeypatch, capsys
        monkeypatch.chdir(root)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["knative.local", "--root", str(self.root), *arguments])
        try:
            code = main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *self._capsys.readouterr()


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Local:
    password = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "billing", "key": "database-url"}}}]
    write(tmp_path, service("billing", env=password), ping("daily", "0 3 * * *"), routes=[("/tenant", "billing")])
    return Local(tmp_path, monkeypatch, capsys)


def test_up_ps_run_once_and_down(local: Local) -> None:
    code, out, err = local("up", "--detach", "--port", "0")
    assert code == 0, err
    addresses = dict(line.split() for line in out.splitlines())
    try:
        assert httpx.get(addresses["front"]).status_code == 404
        billing = json.loads(local("ps", "--json")[1])["functions"]["billing"]
        assert (billing["processes"], billing["due_work"]) == ([], 0)
        assert "billing" in local("ps")[1]
        assert local("run-once", "daily")[0] == 0
        assert local("run-once", "nothing")[0] == 1
        code, _, err = local("up", "--port", "0")
        assert (code, err.count("\n")) == (1, 1)
        assert "runs already" in err
    finally:
        assert local("down")[0] == 0
    assert "does not run here" in local("down")[2]
    assert (local.root / ".local/services/postgres/PG_VERSION").exists()


def test_secrets_are_printed_for_a_cluster(local: Local) -> None:
    _, printed, _ = local("secrets", "--database", "pg.data:5432", "--redis-url", "redis://valkey.data:6379/0")
    (secret,) = yaml.safe_load_all(printed)
    assert secret["stringData"]["database-url"].endswith("@pg.data:5432/getupnet")


def test_the_end_of_a_log_is_printed(local: Local) -> None:
    log = local.root / ".local/logs/billing.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")
    assert local("logs", "billing", "--lines", "2") == (0, "two\nthree\n", "")
    assert local("logs", "nobody")[0] == 1


def test_a_refused_manifest_is_one_line_and_a_failure(local: Local) -> None:
    (local.root / "eventing/triggers/odd.yaml").write_text("kind: Sequence\n")
    code, _, err = local("secrets", "--database", "x:1", "--redis-url", "redis://x")
    assert code == 1
    assert err.startswith("ManifestRefused: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("ps",), ("logs",), ("secrets",), ("run-once",)])
def test_every_command_explains_itself(local: Local, command: tuple[str, ...]) -> None:
    code, out, _ = local(*command, "--help")
    assert code == 0
    assert "usage: python -m knative.local" in out
