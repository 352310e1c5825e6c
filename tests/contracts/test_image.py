"""An image holds one function and what it stands on; the steps that choose are run as the Dockerfile writes them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from knative.lint.source import load
from knative.lint.tree import items, text
from tests.contracts.overlays import ROOT

DOCKERFILE = (ROOT / "knative/Dockerfile").read_text(encoding="utf-8")


def _select(function: str, tmp_path: Path) -> Path:
    step = re.search(r"^RUN (mkdir -p /app/functions.*?)\s*\\\n    && python -m compileall[^\n]*$", DOCKERFILE, re.S | re.M)
    assert step, "the step that selects is gone"
    for folder in ("shared", "functions", "eventing"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    app = tmp_path / "app"
    script = step[1].replace("/app", str(app))
    subprocess.run(["sh", "-c", script], cwd=tmp_path, env={**os.environ, "FUNCTION": function}, check=True)
    return app


@pytest.mark.parametrize("function", ["billing", "migrate", "relay"])
def test_only_what_a_function_needs_is_in_its_image(function: str, tmp_path: Path) -> None:
    app = _select(function, tmp_path)
    assert {path.name for path in (app / "functions").iterdir() if path.is_dir()} == {function} - {"migrate"}
    assert (app / "shared/db/migrations").exists() == (function == "migrate")
    assert (app / "eventing/triggers/billing.yaml").exists() == (function == "relay")
    module = "shared.db.migrate" if function == "migrate" else f"shared.http.serve {function}"
    assert (app / "start").read_text() == f"#!/bin/sh\nexec python -m {module}\n"
    assert os.access(app / "start", os.X_OK)


def test_locks_are_obeyed_and_nobody_is_root() -> None:
    assert "--require-hashes --no-build --compile-bytecode" in DOCKERFILE
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.M)
    assert not re.search(r"^FROM \S*[./]\S*/", DOCKERFILE, re.M), "an image of a registry's host"


def test_the_walk_through_builds_every_image_that_the_overlay_names() -> None:
    guide = (ROOT / "docs/dev-cluster.md").read_text(encoding="utf-8")
    loop = re.search(r"^for f in (.*); do$", guide, re.M)
    ((overlay,), _) = load(ROOT / "knative/overlays/dev/kustomization.yaml")
    named = {text(image, "newName").removeprefix("dev.local/getupnet/") for image in items(overlay.value, "images")}
    assert loop
    assert set(loop[1].split()) == named
