"""The durable broker on a real database: nothing is lost, nobody waits for another trigger."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from knative.embedded.postgres import Postgres
from knative.local.broker import Broker
from knative.local.serving import Clock
from knative.rules.delivery import Profile, Reply
from knative.rules.ingress import EventRefused
from knative.rules.manifests import Delivery, Trigger

EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "do.x", "ce-subject": "E31", "ce-tenantid": "t1"}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("broker") / "pg", fast=True).start()
    yield server
    server.stop()


@pytest.fixture
def database(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    name = f"b{abs(hash(request.node.name))}"
    postgres.ensure_database(name)
    return name


def trigger(
    name: str, *, retry: int = 2, delay: float = 1, timeout: float = 5, ordered: bool = False, kind: str = "do.x"
) -> Trigger:
    delivery = Delivery(retry, "exponential", delay, timeout, "relay", "/dead-letters")
    return Trigger(name, ({"exact": {"type": "do.x"}},), name, "/events", delivery, ordered)


Send = Callable[[str, str, dict[str, str], bytes], Awaitable[Reply]]


class Subscribers:
    """Remembers every call with its clock time; answers as `answer` says."""

    def __init__(self, answer: Callable[[str, bytes], Awaitable[Reply]]) -> None:
        self.answer, self.calls = answer, list[tuple[str, str, dict[str, str]]]()

    async def __call__(self, function: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        self.calls.append((function, path, headers))
        return await self.answer(function, body)


async def fine(_: str, __: bytes) -> Reply:
    return Reply(204, {}, b"")


def play(
    postgres: Postgres,
    database: str,
    triggers: list[Trigger],
    send: Send,
    script: Callable[[Broker], Awaitable[None]],
    *,
    profile: Profile = Profile.KAFKA,
    speed: float = 100,
) -> None:
    async def _play() -> None:
        broker = Broker(postgres.connect(database), triggers, send, profile, Clock(speed))
        await broker.start()
        try:
            await script(broker)
        finally:
            await broker.stop()
            await asyncio.sleep(0)

    asyncio.run(_play())


async def settled(broker: Broker) -> None:
    async with asyncio.timeout(5):
        while (await broker.counts())["undelivered"]:
            await asyncio.sleep(0.01)


def test_the_whole_history_of_an_event_is_kept(postgres: Postgres, database: str) -> None:
    answers = iter([503, 503, 503, 204])

    async def answer(function: str, _: bytes) -> Reply:
        return Reply(next(answers), {}, b"")

    async def script(broker: Broker) -> None:
        await broker.post(EVENT, b"{}")
        await settled(broker)
        history = await broker.history()
        assert [(a.function, a.attempt, a.status, a.outcome) for a in history] == [
            ("billing", 1, 503, "retry"),
            ("billing", 2, 503, "retry"),
            ("billing", 3, 503, "dead"),
            ("relay", 1, 204, "delivered"),
        ]
        assert {(a.event_id, a.source, a.type, a.subject, a.tenant, a.trigger) for a in history} == {
            ("1", "/s", "do.x", "E31", "t1", "billing")
        }
        assert await broker.counts() == {"undelivered": {}, "dead_letters": 1}

    subscribers = Subscribers(answer)
    play(postgres, database, [trigger("billing")], subscribers, script)
    assert [path for _, path, _ in subscribers.calls] == ["/events"] * 3 + ["/dead-letters"]
    assert subscribers.calls[-1][2]["ce-knativeerrorcode"] == "503"


@pytest.mark.parametrize(("profile", "waits"), [(Profile.KAFKA, [2, 4]), (Profile.MT, [1, 2])])
def test_the_waits_between_attempts_are_kept(postgres: Postgres, database: str, profile: Profile, waits: list[float]) -> None:
    times = []

    async def answer(_: str, __: bytes) -> Reply:
        times.append(asyncio.get_running_loop().time() * 50)
        return Reply(503, {}, b"")

    async def script(broker: Broker) -> None:
        await broker.post(EVENT, b"{}")
        await settled(broker)

    play(postgres, database, [trigger("billing", retry=2)], Subscribers(answer), script, profile=profile, speed=50)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times[:3])]
    assert all(gap >= wait for gap, wait in zip(gaps, waits, strict=True)), gaps
    assert gaps[1] > gaps[0]


def test_what_was_not_delivered_before_the_end_is_delivered_in_the_next_life(postgres: Postgres, database: str) -> None:
    async def never(_: str, __: bytes) -> Reply:
        await asyncio.sleep(60)
        raise AssertionError

    async def first(broker: Broker) -> None:
        await broker.post(EVENT, b'{"a":1}')
        await broker.post({**EVENT, "ce-id": "2"}, b"")
        while len(cut.calls) < 2:
            await asyncio.sleep(0.005)

    cut = Subscribers(never)
    play(postgres, database, [trigger("billing", timeout=600)], cut, first, speed=1)
    again = Subscribers(fine)
    play(postgres, database, [trigger("billing")], again, settled)
    assert sorted((h["ce-id"], h["ce-source"]) for _, _, h in again.calls) == [("1", "/s"), ("2", "/s")]
    idle = Subscribers(fine)
    play(postgres, database, [trigger("billing")], idle, settled)
    assert idle.calls == []


def test_a_dead_letter_on_its_way_survives_too(postgres: Postgres, database: str) -> None:
    async def poison(function: str, _: bytes) -> Reply:
        if function == "relay":
            await asyncio.sleep(60)
        return Reply(422, {}, b"no")

    async def first(broker: Broker) -> None:
        await broker.post(EVENT, b"")
        while len(cut.calls) < 2:
            await asyncio.sleep(0.005)

    cut = Subscribers(poison)
    play(postgres, database, [trigger("billing", timeout=600)], cut, first, speed=1)
    again = Subscribers(fine)
    play(postgres, database, [trigger("billing")], again, settled)
    ((function, path, headers),) = again.calls
    assert (function, path, headers["ce-knativeerrorcode"]) == ("relay", "/dead-letters", "422")


def test_one_trigger_in_trouble_does_not_delay_another(postgres: Postgres, database: str) -> None:
    async def answer(function: str, _: bytes) -> Reply:
        if function == "slow":
            await asyncio.sleep(0.4)
        return Reply(204, {}, b"")

    async def script(broker: Broker) -> None:
        for n in range(60):
            await broker.post({**EVENT, "ce-id": str(n)}, b"")
        await asyncio.sleep(0.1)
        done = [attempt.function for attempt in await broker.history()]
        assert done == ["quick"] * 60
        assert sum(function == "slow" for function, _, _ in subscribers.calls) == 50

    subscribers = Subscribers(answer)
    play(postgres, database, [trigger("slow"), trigger("quick")], subscribers, script, speed=1)


def test_ordered_delivery_holds_a_partition_while_it_retries_and_no_other(postgres: Postgres, database: str) -> None:
    failures = {"a1": 2}

    async def answer(_: str, body: bytes) -> Reply:
        left = failures.get(body.decode(), 0)
        failures[body.decode()] = left - 1
        return Reply(503 if left > 0 else 204, {}, b"")

    async def script(broker: Broker) -> None:
        for key, body in (("a", b"a1"), ("a", b"a2"), ("b", b"b1")):
            await broker.post({**EVENT, "ce-id": body.decode(), "ce-partitionkey": key}, body)
        await settled(broker)

    subscribers = Subscribers(answer)
    play(postgres, database, [trigger("billing", ordered=True)], subscribers, script)
    order = [headers["ce-id"] for _, _, headers in subscribers.calls]
    assert order.index("a2") > max(n for n, name in enumerate(order) if name == "a1")
    assert order.count("a1") == 3


def test_an_attempt_over_its_time_is_a_failure_without_status(postgres: Postgres, database: str) -> None:
    async def slow(function: str, _: bytes) -> Reply:
        if function == "billing":
            await asyncio.sleep(5)
        return Reply(204, {}, b"")

    async def script(broker: Broker) -> None:
        await broker.post(EVENT, b"")
        await settled(broker)
        assert [(a.status, a.outcome) for a in await broker.history()] == [(0, "dead"), (204, "delivered")]

    play(postgres, database, [trigger("billing", retry=0, timeout=1)], Subscribers(slow), script, speed=20)


def test_what_the_stand_in_refuses_to_imitate_is_said_and_not_retried(
    postgres: Postgres, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def reply(_: str, __: bytes) -> Reply:
        return Reply(200, {"ce-specversion": "1.0"}, json.dumps({}).encode())

    async def script(broker: Broker) -> None:
        await broker.post(EVENT, b"")
        await settled(broker)
        assert [attempt.outcome for attempt in await broker.history()] == ["refused"]

    play(postgres, database, [trigger("billing")], Subscribers(reply), script)
    assert "replies are not supported" in capsys.readouterr().err


def test_a_broken_event_is_not_stored_and_an_unwanted_one_is_delivered_to_nobody(postgres: Postgres, database: str) -> None:
    async def script(broker: Broker) -> None:
        with pytest.raises(EventRefused):
            await broker.post({}, b"{}")
        await broker.post({**EVENT, "ce-type": "other"}, b"")
        await settled(broker)
        assert await broker.history() == []

    play(postgres, database, [trigger("billing")], Subscribers(fine), script)
    assert postgres.ask(database, "SELECT count(*) FROM event") == [[1]]


def test_many_events_share_transactions(postgres: Postgres, database: str) -> None:
    async def script(broker: Broker) -> None:
        await asyncio.gather(*(broker.post({**EVENT, "ce-id": str(n)}, b"") for n in range(200)))
        await settled(broker)
        assert len(await broker.history()) == 200

    play(postgres, database, [trigger("billing")], Subscribers(fine), script)
    assert postgres.ask(database, "SELECT count(DISTINCT arrived) FROM event")[0][0] < 100
