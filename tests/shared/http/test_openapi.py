"""docs/openapi says what the routes say, or the check fails."""

import json
import subprocess
import sys
from pathlib import Path

from tests.places import ROOT


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.http.openapi", str(folder), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_drift_fails_the_check_and_writing_mends_it(tmp_path: Path) -> None:
    assert run(tmp_path, "--check").returncode == 1, "nothing is there yet"
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path).returncode == 0
    assert run(tmp_path, "--check").returncode == 0
    plans = tmp_path / "plans.json"
    document = json.loads(plans.read_text())
    operation = document["paths"]["/tenant/plans/charges"]["get"]
    assert (operation["x-permission"], operation["security"]) == ("plans.read", [{"bearer": []}])
    assert set(operation["responses"]) == {"200", "400", "401", "403", "422", "429", "503"}
    refused = document["components"]["responses"]["Problem"]
    assert "application/problem+json" in refused["content"]
    plans.write_text(plans.read_text().replace("plans.read", "plans.write"))
    checked = run(tmp_path, "--check")
    assert (checked.returncode, checked.stdout.strip()) == (1, f"not current: {plans}")
