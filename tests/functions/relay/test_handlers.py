"""Dead letters and dead work are kept, listed and sent again as they were."""

from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.events.catalogue import ChargeRecorded
from shared.events.envelope import open_envelope
from shared.flow.work import Work
from tests.data.facts import delivered, example, signed
from tests.house import House

BROKERS = {"ce-knativeerrordest": "http://billing/events", "ce-knativeerrorcode": "422", "ce-knativeerrordata": "bm8="}


@pytest.fixture
def sent(fresh: House) -> list[tuple[dict[str, str], bytes]]:
    made: list[tuple[dict[str, str], bytes]] = []

    def send(headers: dict[str, str], body: bytes) -> bool:
        made.append((headers, body))
        return True

    fresh.shell("relay").publisher.send = send
    return made


def bury(house: House, **change: str) -> tuple[dict[str, str], bytes]:
    headers, body = delivered(signed(house.keys["plans"], example(ChargeRecorded), tenant=uuid7()))
    answer = house.client("relay").post("/dead-letters", content=body, headers=headers | BROKERS | change)
    assert (answer.status_code, answer.content) == (204, b"")
    return headers, body


def listed(house: House, query: str = "") -> Any:
    return house.client("relay").get(f"/admin/dead-letters{query}", headers=house.token(PLATFORM)).json()


def replay(house: House, letter: str) -> Any:
    return house.client("relay").post(f"/admin/dead-letters/{letter}/replay", headers=house.token(PLATFORM))


def test_a_dead_letter_is_kept_with_its_reason(fresh: House, sent: object) -> None:
    headers, _ = bury(fresh)
    (letter,) = listed(fresh)["items"]
    assert (letter["event_id"], letter["company"]) == (headers["ce-id"], headers["ce-tenantid"])
    assert (letter["destination"], letter["code"], letter["reason"]) == ("http://billing/events", 422, "bm8=")


def test_a_replay_is_the_same_event_for_its_consumers(fresh: House, sent: list[tuple[dict[str, str], bytes]]) -> None:
    headers, body = bury(fresh)
    letter = listed(fresh)["items"][0]["id"]
    assert replay(fresh, letter).json() == {"resent": 1}
    ((again, content),) = sent
    assert open_envelope(again, content, fresh.public_keys) == open_envelope(headers, body, fresh.public_keys)
    assert again["ce-replayof"] == letter
    assert not [name for name in again if "knative" in name]
    assert listed(fresh)["items"][0]["replayed_at"] is not None


def test_a_replay_that_the_sink_refuses_is_not_done(fresh: House) -> None:
    fresh.shell("relay").publisher.send = lambda *_: False
    bury(fresh)
    letter = listed(fresh)["items"][0]["id"]
    assert replay(fresh, letter).status_code == 503
    assert listed(fresh)["items"][0]["replayed_at"] is None


def test_the_same_delivery_dying_again_is_one_letter(fresh: House, sent: object) -> None:
    headers, body = bury(fresh)
    replay(fresh, listed(fresh)["items"][0]["id"])
    fresh.client("relay").post("/dead-letters", content=body, headers=headers | BROKERS | {"ce-knativeerrorcode": "503"})
    (letter,) = listed(fresh)["items"]
    assert (letter["code"], letter["replayed_at"]) == (503, None)


@pytest.mark.parametrize("code", ["", "x", "-1", "99999999999999", "4.5"])
def test_nothing_that_a_broker_says_loses_a_letter(fresh: House, sent: object, code: str) -> None:
    bury(fresh, **{"ce-knativeerrorcode": code})
    assert listed(fresh)["items"][0]["code"] is None


def test_a_digit_of_another_script_loses_no_letter(fresh: House, sent: object) -> None:
    answer = fresh.client("relay").post("/dead-letters", content=b"x", headers={b"ce-knativeerrorcode": b"\xb2"})
    assert answer.status_code == 204


def test_a_letter_that_says_nothing_is_kept_too(fresh: House, sent: object) -> None:
    assert fresh.client("relay").post("/dead-letters", content=b"\x00\xff").status_code == 204
    assert listed(fresh)["items"][0]["event_id"] == "unknown"


def test_letters_are_listed_newest_first(fresh: House, sent: object) -> None:
    ids = [bury(fresh)[0]["ce-id"] for _ in range(3)]
    page = listed(fresh, "?limit=2")
    assert [i["event_id"] for i in page["items"] + listed(fresh, f"?limit=2&cursor={page['next']}")["items"]] == ids[::-1]


@pytest.mark.parametrize(("letter", "status"), [("01a20bd3-0802-79a8-9d54-1c23f8a333fe", 404), ("x", 422)])
def test_a_letter_that_is_not_there_cannot_be_sent(fresh: House, sent: object, letter: str, status: int) -> None:
    assert replay(fresh, letter).status_code == status


def test_dead_work_is_listed_and_made_due_once(fresh: House, sent: object) -> None:
    tenant, work, database = uuid7(), Work("dgii"), fresh.database("dgii")
    with database.transaction(tenant) as tx:
        work.add(tx, "a-kind", "one")
        tx.rows("UPDATE flow.work SET state = 'dead', attempts = 25, failures = 25, last_error = 'no', finished_at = now()")
    client, headers = fresh.client("relay"), fresh.token(PLATFORM)
    (dead,) = client.get("/admin/dead-letters/work", headers=headers).json()["items"]
    assert (dead["company"], dead["function"], dead["attempts"], dead["last_error"]) == (tenant, "dgii", 25, "no")
    key = {name: dead[name] for name in ("company", "function", "kind", "key")}
    revive = [client.post("/admin/dead-letters/work/revive", json=key, headers=headers).status_code for _ in range(2)]
    assert revive == [200, 404]
    with database.transaction(tenant) as tx:
        row = tx.rows("SELECT state, failures, attempts FROM flow.work")[0]
    assert (row.state, row.failures) == ("pending", 0)
    assert row.attempts == 25, "claims go on counting: they fence off a worker of an older claim"
    database.close()


def test_a_tenants_people_may_not_look(fresh: House) -> None:
    client, tenant = fresh.client("relay"), uuid7()
    assert client.get("/admin/dead-letters", headers=fresh.token(tenant)).status_code == 403
    assert client.get("/admin/dead-letters").status_code == 401
    assert replay(fresh, uuid7()).status_code == 404
