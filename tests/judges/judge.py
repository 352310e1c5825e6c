"""Programs nobody here wrote that judge our signatures; absent ones are skipped with a reason, or fail when required."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CLIENT = HERE / "dgii-ecf"


def require(present: bool, reason: str) -> None:
    """Skip, or fail when REQUIRE_JUDGES=1."""
    if present:
        return
    if os.environ.get("REQUIRE_JUDGES") == "1":
        pytest.fail(f"a judge is missing: {reason}")
    pytest.skip(reason)


def program(name: str, brings: str) -> str:
    """Where a program is; `brings` says what installs it."""
    found = shutil.which(name)
    require(found is not None, f"no {name}: {brings}")
    return str(found)


def require_jdk() -> None:
    require(bool(shutil.which("java") and shutil.which("javac")), "no JDK: install openjdk-17-jdk-headless")


def require_xmlsec1() -> None:
    program("xmlsec1", "install the package xmlsec1")


def require_client() -> None:
    installed = (CLIENT / "node_modules" / "dgii-ecf").is_dir()
    require(bool(shutil.which("node")) and installed, "no dgii-ecf client: run `npm ci` in tests/judges/dgii-ecf")


def run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", errors="replace", timeout=120, check=False
    )


def jdk(files: Sequence[Path], *, dropped: bool = False) -> dict[Path, bool]:
    """The JDK's verdicts, with secure validation."""
    flags = ["--dropped"] if dropped else []
    done = run(["java", HERE / "Verify.java", *flags, *files])
    verdicts = {}
    for line in done.stdout.splitlines():
        path, _, verdict = line.partition(" ")
        verdicts[Path(path)] = verdict == "valid"
    assert len(verdicts) == len(files), done.stderr
    return verdicts


def xmlsec1(files: Sequence[Path], authority_pem: Path) -> dict[Path, bool]:
    """The command's verdicts, trusting one authority."""
    return {file: run(["xmlsec1", "--verify", "--trusted-pem", authority_pem, file]).returncode == 0 for file in files}


def client(files: Sequence[Path]) -> dict[Path, str | None]:
    """dgii-ecf's verdicts: the security code it reads from a valid document, None for an invalid one."""
    done = run(["node", CLIENT / "check.js", *files])
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {Path(row["path"]): row["code"] if row["valid"] else None for row in rows}
