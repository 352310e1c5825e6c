"""What else may fail under load: the database, Redis, the network, DGII, the clock, a pod that ends. Each is a test of its own."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.places import ROOT

TESTS = ("tests/reliability", "tests/functions/billing/test_reconciliation.py", "tests/functions/billing/test_emission_clock.py")


@dataclass(frozen=True)
class Disturbances:
    """How many were tried, and the names of those that something did not survive."""

    tried: int
    failed: tuple[str, ...]


def disturb() -> Disturbances:
    """All of them in their full form; one after the other, as each wants the machine for itself."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *TESTS]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"FULL_FIGURES": "1"}, stdout=sys.stderr, check=False)
        cases = list(ElementTree.parse(report).iter("testcase"))
    broken = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return Disturbances(len(cases), tuple(str(case.get("name")) for case in broken))
