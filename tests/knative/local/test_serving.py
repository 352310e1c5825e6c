"""One function on demand: cold start, limits, scaling, drains and crashes, with real processes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from knative.local.serving import Clock, Conditions, Function, Refused
from knative.rules.manifests import Service
from knative.rules.scaling import Timing
from tests.knative.local.builders import command

SERVICE = Service("billing", frozenset(), (), "/readyz", 2, 60, 0, 0, 1.4, 60, 0)
QUICK = Timing(poll=0.01)


def run(
    tmp_path: Path,
    play: Callable[[Function], Awaitable[None]],
    service: Service = SERVICE,
    *,
    cap: int = 2,
    speed: float = 1,
    timing: Timing = QUICK,
) -> None:
    async def _run() -> None:
        conditions = Conditions(tmp_path, tmp_path / "logs", cap, Clock(speed), timing)
        function = Function(service, command(service.name), {}, conditions)
        await function.start()
        try:
            await play(function)
        finally:
            await function.stop()

    asyncio.run(_run())


async def get(function: Function, target: str) -> tuple[int, bytes, bool]:
    try:
        async with function.exchange(httpx.Request("GET", "http://function" + target)) as (response, cold):
            return response.status_code, await response.aread(), cold
    except Refused as refusal:
        return refusal.status, refusal.reason.encode(), False


async def until(happened: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


def test_nothing_runs_before_the_first_request_and_all_requests_of_a_cold_start_are_answered(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await asyncio.sleep(0.1)
        assert function.replicas == []
        answers = await asyncio.gather(*(get(function, "/echo") for _ in range(40)))
        assert {status for status, _, _ in answers} == {200}
        assert all(cold for _, _, cold in answers)
        assert len(function.cold_starts) == len(function.replicas) == 1
        assert (await get(function, "/echo"))[2] is False

    run(tmp_path, play)


def test_a_process_knows_who_it_is_and_hears_only_loopback(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        env = json.loads((await get(function, "/echo"))[1])["env"]
        assert (env["K_SERVICE"], env["K_CONFIGURATION"], env["K_REVISION"]) == ("billing", "billing", "billing-00001")
        assert (env["LISTEN_HOST"], int(env["PORT"])) == ("127.0.0.1", function.replicas[0].port)

    run(tmp_path, play)


def test_min_scale_is_kept_but_not_above_the_cap(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await until(lambda: sum(replica.ready for replica in function.replicas) == 2)
        assert len(function.replicas) == 2

    run(tmp_path, play, replace(SERVICE, minimum=3))


def test_an_idle_function_is_gone_after_window_and_grace_and_comes_back(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await get(function, "/echo")
        process = function.replicas[0].process
        assert process is not None
        began = asyncio.get_running_loop().time()
        await until(lambda: function.replicas == [])
        assert (asyncio.get_running_loop().time() - began) * 100 >= 60 + 30 + 30
        assert process.returncode in (0, -15)
        status, _, cold = await get(function, "/echo")
        assert (status, cold) == (200, True)

    run(tmp_path, play, speed=100)


def test_the_hard_limit_holds_and_the_queue_is_ten_times_it(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await get(function, "/echo")
        seen = []

        async def watched() -> int:
            status, _, _ = await get(function, "/sleep?0.03")
            seen.append(max(replica.active for replica in function.replicas))
            return status

        statuses = await asyncio.gather(*(watched() for _ in range(15)))
        assert sorted(statuses) == [200] * 11 + [503] * 4
        assert max(seen) == 1

    run(tmp_path, play, replace(SERVICE, concurrency=1), cap=1)


def test_sustained_load_scales_out_to_the_cap(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        tasks = [asyncio.create_task(get(function, "/sleep?0.6")) for _ in range(8)]
        await until(lambda: sum(replica.ready for replica in function.replicas) == 2)
        pids = {body for _, body, _ in await asyncio.gather(*tasks)}
        assert len(pids) == 2

    run(tmp_path, play, speed=20)


def test_requests_over_their_time_get_504_cold_or_warm(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        assert await get(function, "/echo") == (504, b"activator request timeout", False)
        await until(lambda: bool(function.replicas) and function.replicas[0].ready)
        assert await get(function, "/sleep?1") == (504, b"request timeout", False)
        assert (await get(function, "/echo"))[0] == 200

    run(tmp_path, play, replace(SERVICE, timeout=0.1))


def test_a_process_that_dies_gives_502_and_is_replaced(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        status, reason, _ = await get(function, "/die")
        assert (status, reason[:8]) == (502, b"billing:")
        assert (await get(function, "/echo"))[0] == 200
        assert len(function.cold_starts) == 2

    run(tmp_path, play)


def test_a_min_scale_process_that_dies_is_replaced_without_a_request(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await get(function, "/die")
        await until(lambda: len(function.cold_starts) == 2)

    run(tmp_path, play, replace(SERVICE, minimum=1))


def test_a_drained_process_finishes_what_it_has(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        await get(function, "/echo")
        slow = asyncio.create_task(get(function, "/sleep?0.5"))
        await until(lambda: function.replicas[0].active == 1)
        first = function.replicas[0]
        first.draining = True
        drain = asyncio.create_task(function._drain(first))
        status, body, _ = await get(function, "/echo")
        assert (status, json.loads(body)["pid"]) != (200, first.process.pid if first.process else 0)
        assert (await slow)[0] == 200
        await drain
        await until(lambda: first not in function.replicas)

    run(tmp_path, play, timing=Timing(quiet=0.1, poll=0.01))


STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def test_a_process_deaf_to_sigterm_is_killed_at_the_end_of_its_time(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        function._command = ("python3", "-c", STUBBORN)
        function._begin()
        log = tmp_path / "logs/billing.log"
        await until(lambda: log.exists() and b"up" in log.read_bytes())
        replica = function.replicas[0]
        replica.draining = True
        await function._drain(replica)
        assert replica.process is not None
        assert await replica.process.wait() == -9

    run(tmp_path, play, replace(SERVICE, timeout=1.2), timing=Timing(quiet=0.1))


def test_what_a_function_says_is_in_its_log(tmp_path: Path) -> None:
    async def play(function: Function) -> None:
        function._command = ("python3", "-c", "print('hola')")
        function._begin()
        log = tmp_path / "logs/billing.log"
        await until(lambda: log.exists() and b"hola" in log.read_bytes())

    run(tmp_path, play)


@pytest.mark.parametrize("concurrency", [0, 1000])
def test_without_a_low_limit_nothing_waits(tmp_path: Path, concurrency: int) -> None:
    async def play(function: Function) -> None:
        await get(function, "/echo")
        answers = await asyncio.gather(*(get(function, "/sleep?0.1") for _ in range(30)))
        assert {status for status, _, _ in answers} == {200}
        assert function.queue == type(function.queue)()

    run(tmp_path, play, replace(SERVICE, concurrency=concurrency), cap=1)
