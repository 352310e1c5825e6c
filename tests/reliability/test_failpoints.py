"""Failpoints: every place exists, a token kills once, and the product knows nothing of them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.reliability.failpoints import FAILPOINTS, arm, armed, chance, disarm, kills
from tests.reliability.mutants import MUTANTS, choose


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tokens").mkdir()
    return tmp_path


@pytest.mark.parametrize("function", sorted({failpoint.function for failpoint in FAILPOINTS} | {m.function for m in MUTANTS}))
def test_every_failpoint_and_every_mutant_finds_its_place(function: str, folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.reliability import failpoints, mutants\n"
        "failpoints.install(sys.argv[1], Path(sys.argv[2])); mutants.install(sys.argv[1], Path(sys.argv[2]))"
    )
    choose(folder, {mutant.name: "a-tenant" for mutant in MUTANTS if mutant.name != "number-apart"})
    subprocess.run([sys.executable, "-c", program, function, str(folder)], cwd=ROOT, check=True, timeout=60)


def test_no_product_code_knows_of_failpoints() -> None:
    folders = ("functions", "shared", "knative", "eventing")
    files = [file for name in folders for file in (ROOT / name).rglob("*.py")]
    assert files
    assert not [file for file in files if "failpoint" in file.read_text(encoding="utf-8").lower()]


def test_tokens_that_nobody_took_can_be_taken_back(folder: Path) -> None:
    arm(folder, "F1", 2)
    arm(folder, "F2", 1, tenant="another")
    assert armed(folder) == 3
    disarm(folder)
    assert (armed(folder), kills(folder)) == (0, [])


def test_a_process_dies_at_an_armed_failpoint_of_its_tenant_only(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from shared.telemetry.logs import tenant_of_this_task\n"
        "from tests.reliability import failpoints; failpoints.install('sign', Path(sys.argv[1]))\n"
        "from functions.sign import domain; tenant_of_this_task.set(sys.argv[2])\n"
        "try: domain.check()\n"
        "except TypeError: print('alive')"
    )

    def run(tenant: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, str(folder), tenant]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    arm(folder, "F7", 1, tenant="a-tenant")
    assert run("another").stdout == "alive\n"
    assert run("a-tenant").returncode == -signal.SIGKILL
    assert kills(folder) == ["F7"]
    assert run("a-tenant").stdout == "alive\n"
    chance(folder, 1)
    assert run("another").returncode == -signal.SIGKILL
    chance(folder, 0)
    assert run("another").stdout == "alive\n"
