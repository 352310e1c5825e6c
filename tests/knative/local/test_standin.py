"""The whole stand-in on manifests of its own: doors, addresses, schedules, and a kill in the middle of a delivery."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from knative.embedded.process import answers
from knative.local.standin import Standin
from knative.rules.manifests import ManifestRefused
from tests.knative.local.builders import command, ping, service, trigger, write
from tests.patience import until

ROOT = Path(__file__).parents[3]
EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/functions/x", "ce-type": "do.x", "content-type": "application/json"}


def project(folder: Path, *documents: dict[str, Any]) -> Path:
    notes = [{"name": "NOTES", "value": str(folder / "notes")}]
    address = [{"name": "SIGN_URL", "value": "http://sign.getupnet-app.svc.cluster.local/v1"}]
    return write(
        folder / "project",
        service("billing", announces=True, env=notes + address),
        service("sign", env=[]),
        service("relay", env=notes),
        trigger("billing-x", "billing", {"exact": {"type": "do.x"}}, retry=2, timeout="PT60S"),
        trigger("billing-ping", "billing", {"exact": {"type": "dev.knative.sources.ping"}}),
        ping("daily", "0 3 * * *"),
        ping("wake", "0 3 * * *", "relay"),
        *documents,
        routes=[("/echo", "billing"), ("/events", "billing")],
    )


def notes(folder: Path) -> list[dict[str, Any]]:
    file = folder / "notes"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("standin")


@pytest.fixture(scope="module")
def standin(folder: Path) -> Iterator[Standin]:
    with Standin(project(folder), folder / "data", command=command, migrations=False, fast=True) as running:
        yield running


def echo(standin: Standin, **headers: str) -> dict[str, Any]:
    seen: dict[str, Any] = httpx.get(standin.url + "/echo?a=1&b=%20", headers=headers).raise_for_status().json()
    return seen


def test_the_front_door_follows_the_routing_table_and_nothing_else(standin: Standin) -> None:
    assert echo(standin)["name"] == "billing"
    for path in ("/", "/echoes", "/readyz", "/metrics", "/sign/xml"):
        answer = httpx.get(standin.url + path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == "urn:getupnet:not-found"


def test_a_request_arrives_as_it_was_sent_but_for_what_proxies_change(standin: Standin) -> None:
    sent = {"host": "acme.example", "x-forwarded-for": "192.0.2.7", "authorization": "Bearer x", "te": "trailers"}
    seen = echo(standin, **sent)
    assert seen["query"] == "a=1&b=%20"
    headers = seen["headers"]
    assert (headers["host"], headers["x-forwarded-host"], headers["x-forwarded-proto"]) == ("acme.example", "acme.example", "http")
    assert (headers["x-forwarded-for"], headers["authorization"]) == ("192.0.2.7, 127.0.0.1", "Bearer x")
    assert not {"te", "connection", "transfer-encoding"} & headers.keys()


def test_addresses_of_the_cluster_lead_to_the_function_they_name(standin: Standin) -> None:
    env = echo(standin)["env"]
    assert env["SIGN_URL"].endswith("/v1")
    assert httpx.get(env["SIGN_URL"].removesuffix("/v1") + "/echo").json()["name"] == "sign"


def test_only_bound_functions_know_the_broker(standin: Standin) -> None:
    assert echo(standin)["env"]["K_SINK"] == standin.urls["broker"] + "/getupnet-app/default"
    assert "K_SINK" not in httpx.get(standin.urls["sign"] + "/echo").json()["env"]


def test_an_announced_event_is_delivered_and_its_history_kept(standin: Standin, folder: Path) -> None:
    sink = echo(standin)["env"]["K_SINK"]
    assert httpx.post(sink, headers={**EVENT, "ce-id": "ok"}, content=b"{}").status_code == 202
    assert httpx.post(sink, headers={**EVENT, "ce-id": "poison"}, content=b'{"status": 422, "answer": "no"}').status_code == 202
    assert httpx.post(sink, content=b"{}").status_code == 400
    assert httpx.get(sink).status_code == 405
    assert httpx.post(standin.urls["broker"] + "/other/default", headers=EVENT).status_code == 404
    until(lambda: not standin.status()["undelivered"])
    lines = {(a.event_id, a.function, a.status, a.outcome) for a in standin.history()}
    assert ("ok", "billing", 204, "delivered") in lines
    assert {("poison", "billing", 422, "dead"), ("poison", "relay", 204, "delivered")} <= lines
    assert standin.status()["dead_letters"] == 1
    (letter,) = [note for note in notes(folder) if note["path"] == "/dead-letters"]
    assert letter["headers"]["ce-knativeerrordest"] == "http://billing.getupnet-app.svc.cluster.local/events"


def test_a_schedule_posts_to_the_broker_or_wakes_a_function_itself(standin: Standin, folder: Path) -> None:
    for name in ("daily", "wake"):
        httpx.post(f"{standin.urls['control']}/pings/{name}").raise_for_status()
    assert httpx.post(f"{standin.urls['control']}/pings/nothing").status_code == 404

    def arrived() -> set[tuple[str, str]]:
        return {(note["function"], note["source"].rsplit("/", 1)[1]) for note in notes(folder)}

    until(lambda: {("billing", "daily"), ("relay", "wake")} <= arrived())
    assert ("relay", "daily") not in arrived()


def test_cold_starts_are_counted(standin: Standin) -> None:
    echo(standin)
    assert 0 < standin.cold_starts()["billing"][0] < 10
    assert standin.status()["functions"]["billing"]["ready"] == 1


def test_a_large_body_comes_back_whole_and_a_too_large_event_is_not_taken(standin: Standin) -> None:
    body = "x" * 300_000
    assert httpx.post(standin.url + "/echo", content=body).json()["body"] == body
    sink = standin.urls["broker"] + "/getupnet-app/default"
    assert httpx.post(sink, headers=EVENT, content=b"x" * (1024 * 1024 + 1)).status_code == 503


def test_an_address_of_a_service_that_is_not_there_is_refused(tmp_path: Path) -> None:
    stray = service("stray", env=[{"name": "ODOO_URL", "value": "http://odoo.getupnet-app.svc.cluster.local"}])
    with (
        pytest.raises(ManifestRefused, match=r"ODOO_URL.*names no Service"),
        Standin(project(tmp_path, stray), tmp_path / "data", command=command, migrations=False, fast=True),
    ):
        pass


def alive(pid: int) -> bool:
    stat = Path("/proc", str(pid), "stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


LIFE = """
import json, sys, time
from pathlib import Path
from knative.local.standin import Standin
from tests.knative.local.builders import command
with Standin(Path(sys.argv[1]), Path(sys.argv[2]), command=command, migrations=False, fast=True) as s:
    print(json.dumps(s.urls["broker"]), s._services.postgres.port, s._services.valkey.port, s._services.aws.port, flush=True)
    time.sleep(60)
"""


def test_a_kill_in_the_middle_of_a_delivery_loses_nothing_and_leaves_nobody(tmp_path: Path) -> None:
    root, data = project(tmp_path), tmp_path / "data"
    life = subprocess.Popen([sys.executable, "-c", LIFE, str(root), str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert life.stdout is not None
    broker, *ports = (json.loads(word) for word in life.stdout.readline().split())
    for n, body in enumerate((b'{"sleep": 1.5}', b'{"sleep": 1.5, "a": 1}')):
        answer = httpx.post(broker + "/getupnet-app/default", headers={**EVENT, "ce-id": str(n)}, content=body)
        assert answer.status_code == 202
    until(lambda: len(notes(tmp_path)) == 2)
    pids = {note["pid"] for note in notes(tmp_path)}
    life.send_signal(signal.SIGKILL)
    life.wait()
    with Standin(root, data, command=command, migrations=False, fast=True):
        until(lambda: len(notes(tmp_path)) == 4)
        assert not any(answers(port) for port in ports)
        assert not any(alive(pid) for pid in pids)
    arrivals = sorted((note["id"], note["source"]) for note in notes(tmp_path))
    assert arrivals == [("0", "/functions/x")] * 2 + [("1", "/functions/x")] * 2
