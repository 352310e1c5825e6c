"""What a greedy company takes from a modest one: at the limiter of requests (WEB-05), and in the queue of due work (WEB-06)."""

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from shared.db.ids import uuid7
from shared.flow.work import Work
from shared.identity.limits import Class
from shared.identity.permissions import Permission
from tests.bench.figures import Figure
from tests.bench.platform import started
from tests.bench.principal import environment
from tests.house import House
from tests.servers import servers

FULL = os.environ.get("FULL_FIGURES") == "1"
SECONDS = 60 if FULL else 10
QUEUED, MODEST = 10_000 if FULL else 2000, 10
DOCUMENTS_A_SECOND = 20
MINUTE = timedelta(minutes=1)
KIND = Class.READ
LIMIT = KIND.value[0]
CONNECTIONS = 64
CALLER = """
import http.client, json, sys, threading, time
port, headers, threads, pause, seconds = json.loads(sys.argv[1])
taken, statuses, patient, lock = [], {}, 0, threading.Lock()
def one():
    global patient
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ends = time.monotonic() + seconds
    due = time.monotonic()
    while time.monotonic() < ends:
        began = time.perf_counter()
        connection.request("GET", "/tenant/plans/current", headers=headers)
        answer = connection.getresponse()
        answer.read()
        with lock:
            taken.append(time.perf_counter() - began)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            patient += answer.status == 429 and answer.headers.get("Retry-After", "").isdigit()
        due += pause
        time.sleep(max(0, due - time.monotonic()) if pause else 0)
all_of_them = [threading.Thread(target=one) for _ in range(threads)]
for thread in all_of_them: thread.start()
for thread in all_of_them: thread.join()
print(json.dumps({"taken": taken, "statuses": statuses, "patient": patient}))
"""


def run() -> list[Figure]:
    with servers() as running, House(running.url_of, redis_url=running.valkey.url) as house:
        return [*_requests(house), _queue(house)]


def _requests(house: House) -> list[Figure]:
    greedy, modest = (house.token(house.company(certificate=False, ranges=False), Permission.PLANS_READ) for _ in "ab")
    with started([sys.executable, "-m", "shared.http.serve", "plans"], environment(house)) as process:
        ours = (process.port, modest, 1, 2 / LIMIT, SECONDS)
        alone = _said(_caller(*ours))
        storm = _caller(process.port, greedy, CONNECTIONS, 0, SECONDS)
        together = _said(_caller(*ours))
        stormed = _said(storm)
    served, asked = stormed["statuses"].get("200", 0), sum(stormed["statuses"].values())
    if stormed["patient"] != asked - served:
        raise RuntimeError(f"a refusal without Retry-After, or something else than one: {stormed['statuses']}")
    room = KIND.burst + LIMIT * SECONDS
    good = together["statuses"].get("200", 0) / sum(together["statuses"].values())
    p95 = [statistics.quantiles(one["taken"], n=20)[-1] for one in (alone, together)]
    against = f"beside {asked / SECONDS / LIMIT:.1f} x the limit of another on {CONNECTIONS} connections, {SECONDS} s"
    return [
        Figure("requests of a modest company that succeed", good, ">=", 0.999, against),
        Figure("and their p95", p95[1] / p95[0], "<=", 2, f"{p95[1] * 1000:.1f} ms against {p95[0] * 1000:.1f} alone"),
        Figure("what passes of a greedy company", served / room, "<=", 1.05, f"{served} of {asked}; the limit lets {room} pass"),
    ]


def _caller(*told: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", CALLER, json.dumps(told)], stdout=subprocess.PIPE, text=True)


def _said(caller: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _ = caller.communicate()
    answer: dict[str, Any] = json.loads(said)
    return answer


def _queue(house: House) -> Figure:
    """Work is claimed in the order that the queue gives it; at 20 documents a second that order is time."""
    work, database, greedy, modest = Work("plans"), house.database("plans"), uuid7(), uuid7()
    for tenant, count in ((greedy, QUEUED), (modest, MODEST)):
        with database.transaction(tenant) as tx:
            for number in range(count):
                work.add(tx, "a-kind", str(number))
    turns, left, began = 0, MODEST, time.perf_counter()
    while left:
        job = work.claim(database, lease=MINUTE)
        if job is None:
            raise RuntimeError("the queue is empty and the modest company's work was not in it")
        turns, left = turns + 1, left - (job.tenant == modest)
    cost = (time.perf_counter() - began) / turns
    database.close()
    detail = f"{turns} turns for {MODEST} documents behind {QUEUED} of another; a claim takes {cost * 1000:.1f} ms"
    return Figure("seconds for ten documents behind a crowd", turns / DOCUMENTS_A_SECOND, "<=", 5, detail)
