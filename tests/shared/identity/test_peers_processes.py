"""One nonce at two processes at once (WEB-12): PostgreSQL decides, whatever either of them remembers."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.db.seal import PLATFORM
from tests.functions.auth.people import owner
from tests.house import House
from tests.places import ROOT
from tests.shared.identity.peer import Peer, new_peer

ROUNDS = 50
_PROCESS = """
import base64, json, sys, time
from shared.cloud.session import Aws
from shared.db.engine import Database
from shared.db.seal import Seal
from shared.errors import NotAuthenticated
from shared.identity.peers import Peers, Signed

given = json.loads(sys.stdin.readline())
database = Database(given["url"], Seal(base64.b64decode(given["seal"])), pool_size=1)
door = Peers(Aws("", None, None, None), database)
door._opened.put(base64.b64decode(given["sealed"]), given["secret"].encode(), seconds=float("inf"))
print("ready", flush=True)
for line in sys.stdin:
    at, authorization = json.loads(line)
    while time.time() < at:
        pass
    try:
        door.admit(Signed("GET", "/x", [("authorization", authorization)], b""))
        print(1, flush=True)
    except NotAuthenticated:
        print(0, flush=True)
"""


@pytest.fixture
def peer(house: House) -> Peer:
    return new_peer(house, owner(house))


@pytest.fixture
def processes(house: House, peer: Peer) -> Iterator[list["subprocess.Popen[str]"]]:
    settings = house.settings("billing")
    with house.database("auth").transaction(PLATFORM) as tx:
        row = tx.rows(
            "SELECT translate(encode(sealed, 'base64'), E'\\n', '') AS sealed FROM auth.api_keys WHERE id = CAST(:id AS uuid)",
            id=peer.key,
        )[0]
    given = {
        "url": settings.database_url.get_secret_value(),
        "seal": settings.tenant_seal_key.get_secret_value(),
        "sealed": row.sealed,
        "secret": peer.secret,
    }
    started = [
        subprocess.Popen([sys.executable, "-c", _PROCESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(2)
    ]
    for one in started:
        assert one.stdin
        assert one.stdout
        one.stdin.write(json.dumps(given) + "\n")
        one.stdin.flush()
        assert one.stdout.readline() == "ready\n"
    yield started
    for one in started:
        one.communicate(timeout=10)


def test_web_12_two_processes_that_get_one_nonce_at_once_take_it_once(peer: Peer, processes: list["subprocess.Popen[str]"]) -> None:
    def ask(process: "subprocess.Popen[str]", line: str) -> int:
        assert process.stdin
        assert process.stdout
        process.stdin.write(line)
        process.stdin.flush()
        return int(process.stdout.readline())

    taken = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            line = json.dumps([time.time() + 0.005, peer.authorization("GET", "/x")]) + "\n"
            taken.append(sum(pool.map(ask, processes, [line, line])))
    assert taken == [1] * ROUNDS
