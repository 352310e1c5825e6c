"""`python -m shared.events` prints every fact with who tells it and who hears it."""

import subprocess
import sys

from shared.events.catalogue import ALL
from tests.places import ROOT


def test_the_table_names_every_type_its_emitter_and_its_listeners() -> None:
    run = subprocess.run([sys.executable, "-m", "shared.events"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    for kind, event in ALL.items():
        line = next(text for text in lines if text.startswith(kind + " "))
        assert event.emitter in line
    accepted = next(text for text in lines if text.startswith("do.getupnet.ecf.accepted.v1"))
    assert "billing" in accepted.split("→")[1]
    assert "nobody: " in next(text for text in lines if text.startswith("do.getupnet.charge.recorded.v1"))
