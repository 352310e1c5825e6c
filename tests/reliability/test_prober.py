"""REL-05: numbered events through the local broker while the functions that hear them die and come back."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pg8000.native
from sqlalchemy.engine import make_url

from knative.local.broker import Broker
from knative.local.serving import Clock
from knative.rules.delivery import Profile, Reply
from knative.rules.manifests import read
from shared.db.ids import uuid7
from shared.events.catalogue import CompanyCreated
from tests.conftest import PASSWORD
from tests.data.facts import example, signed
from tests.house import House, a_rnc
from tests.places import ROOT
from tests.reliability.program import running

FULL = "FULL_FIGURES" in os.environ
FUNCTIONS = ("auth", "billing", "dgii", "plans", "sign") if FULL else ("billing", "plans")
DEATHS = 30 if FULL else 2
NUMBERS = 20 * DEATHS
WITHIN_SECONDS = 900 if FULL else 60
COUNTING = ("-m", "tests.reliability.counting")


@dataclass
class Probe:
    """Where each function is now, and the deliveries of each number to each function, answered or not."""

    addresses: dict[str, str] = field(default_factory=dict)
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def send(self, function: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        self.deliveries[function, headers["ce-subject"]] += 1
        try:
            async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
                answer = await http.post(f"{self.addresses[function]}{path}", headers=headers, content=body)
        except httpx.TransportError as error:
            return Reply(0, {}, repr(error).encode())
        return Reply(answer.status_code, dict(answer.headers), answer.content)


@dataclass(frozen=True)
class Seen:
    """Of the pairs of a function and a number: without effect, with more than one, delivered more than once; and processes died."""

    missing: int
    doubled: int
    redelivered: int
    deaths: int


@contextmanager
def revived(house: House, function: str, folder: Path, probe: Probe, **environment: str) -> Iterator[None]:
    """A process of the function, and another one whenever it has died, until the block ends."""
    up, over = threading.Event(), threading.Event()

    def live() -> None:
        while not over.is_set():
            with running(house, function, folder, entry=COUNTING, **environment) as program:
                probe.addresses[function] = program.url
                up.set()
                while program.pid is not None and not over.wait(0.05):
                    pass

    thread = threading.Thread(target=live, name=function)
    thread.start()
    assert up.wait(60)
    try:
        yield
    finally:
        over.set()
        thread.join()


async def deliver(house: House, connection: pg8000.native.Connection, probe: Probe) -> None:
    """All numbers through the broker, until nothing is undelivered."""
    heard = [t for t in read(ROOT).triggers if t.function in FUNCTIONS and t.name.endswith("company-created")]
    assert len(heard) == len(FUNCTIONS)
    broker = Broker(connection, heard, probe.send, Profile.KAFKA, Clock())
    await broker.start()
    for number in range(NUMBERS):
        event = example(CompanyCreated, rnc=a_rnc())
        await broker.post(*signed(house.keys["admin"], event, tenant=uuid7(), subject=str(number)).to_http())
    async with asyncio.timeout(WITHIN_SECONDS):
        while (await broker.counts())["undelivered"]:
            await asyncio.sleep(0.1)
    assert (await broker.counts())["dead_letters"] == 0
    await broker.stop()


def probed(admin_url: str, folder: Path, **environment: str) -> Seen:
    url, probe, died = make_url(admin_url), Probe(), folder / "died"
    died.mkdir()
    connection = pg8000.native.Connection(
        str(url.username), host=url.host, port=url.port or 5432, database=url.database, password=url.password
    )
    connection.run("CREATE TABLE public.effects (function text, number int)")
    connection.run("GRANT USAGE ON SCHEMA public TO PUBLIC")
    connection.run("GRANT INSERT ON public.effects TO PUBLIC")
    environment |= {"prober_folder": str(died), "prober_deadly": ",".join(str(n) for n in range(0, NUMBERS, NUMBERS // DEATHS))}
    with (
        House(lambda role: url.set(username=role, password=PASSWORD).render_as_string(hide_password=False)) as house,
        ExitStack() as alive,
    ):
        for function in FUNCTIONS:
            alive.enter_context(revived(house, function, folder, probe, **environment))
        asyncio.run(deliver(house, connection, probe))
    effects = Counter((function, number) for function, number in connection.run("SELECT function, number FROM public.effects"))
    connection.close()
    return Seen(
        missing=len(FUNCTIONS) * NUMBERS - len(effects),
        doubled=sum(count > 1 for count in effects.values()),
        redelivered=sum(count > 1 for count in probe.deliveries.values()),
        deaths=len(list(died.iterdir())),
    )


def test_rel_05_every_number_takes_effect_once_while_functions_die(admin_url: str, tmp_path: Path) -> None:
    seen = probed(admin_url, tmp_path)
    assert seen.deaths == DEATHS * len(FUNCTIONS)
    assert seen.redelivered >= seen.deaths, "each death left an effect that nobody was told of"
    assert (seen.missing, seen.doubled) == (0, 0)


def test_functions_without_an_inbox_would_be_seen(admin_url: str, tmp_path: Path) -> None:
    """The mutant."""
    assert probed(admin_url, tmp_path, prober_forgetful="1").doubled > 0
