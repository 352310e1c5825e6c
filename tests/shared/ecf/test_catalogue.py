"""The page of the rules says what the table says."""

import subprocess
import sys
from pathlib import Path

from shared.ecf.catalogue import page
from shared.ecf.codes import table
from tests.places import ROOT


def run(*arguments: object) -> int:
    command = [sys.executable, "-m", "shared.ecf.catalogue", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True, check=False).returncode


def test_the_page_in_docs_is_current() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == page()


def test_every_code_is_on_the_page_once_with_its_words() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| ECF-")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == sorted(table())
    for row in rows:
        code = table()[row[2:10]]
        assert code.detail.replace("|", "\\|") in row
        assert row.count(" | ") == 5


def test_drift_is_told_by_the_exit_status(tmp_path: Path) -> None:
    target = tmp_path / "rules.md"
    assert run(target, "--check") == 1
    assert run(target) == 0
    assert run(target, "--check") == 0
    target.write_text(target.read_text().replace("ECF-2115", "ECF-2116", 1))
    assert run(target, "--check") == 1
