"""A DGII client that nobody here wrote is served by the stand-in over HTTP, from the seed to the RFCE."""

import base64
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from functions.sandbox.app import build
from functions.sandbox.authority import Authority
from functions.sandbox.settings import Settings
from knative.embedded.postgres import Postgres
from shared.db.migrate import upgrade
from tests.data.documents import ISSUER, invoice
from tests.judges import judge

pytestmark = pytest.mark.judge


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[str]:
    """Base URL of a stand-in that listens on loopback."""
    judge.require_client()
    seal = secrets.token_bytes(32)
    postgres = Postgres(tmp_path / "postgres", fast=True).start()
    try:
        upgrade(postgres.url(), passwords={"sandbox": "sandbox"}, seal_key=seal)
        settings = Settings.model_validate(
            {
                "database_url": postgres.url("fn_sandbox", password="sandbox"),
                "tenant_seal_key": base64.b64encode(seal).decode(),
            }
        )
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(build(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
    finally:
        postgres.stop()


@pytest.mark.parametrize("legacy", [False, True], ids=["modern P12", "legacy P12"])
def test_the_npm_client_issues_an_invoice_and_a_summary(stand_in: str, tmp_path: Path, legacy: bool) -> None:
    p12, invoice31, invoice32 = tmp_path / "key.p12", tmp_path / "31.xml", tmp_path / "32.xml"
    p12.write_bytes(Authority.create().issue().p12("secret", legacy=legacy))
    invoice31.write_bytes(invoice("E310000000001"))
    invoice32.write_bytes(invoice("E320000000001"))
    arguments = [stand_in, p12, "secret", invoice31, invoice32, ISSUER, "E310000000001", "E320000000001"]
    done = judge.run(["node", judge.CLIENT / "drive.js", *arguments])
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["token"]
    assert (seen["status"]["codigo"], seen["status"]["estado"], seen["status"]["encf"]) == ("1", "Aceptado", "E310000000001")
    assert seen["trackings"][0]["estado"] == "Aceptado"
    assert (seen["inquiry"]["estado"], seen["inquiry"]["montoTotal"]) == ("Aceptado", "1180.00")
    assert (seen["summary"]["codigo"], seen["summary"]["encf"]) == (1, "E320000000001")
    assert seen["summaryInquiry"]["estado"] == "Aceptado"
