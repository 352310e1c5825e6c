"""The door of batches: what is taken, what is refused before anything is stored, and how it is read."""

import json
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from functions.billing import batch as batches
from functions.billing import batch_doors
from shared.db.ids import uuid7
from shared.identity.permissions import Permission
from tests.functions.billing.batches import get, ndjson, rows_of, send, work
from tests.functions.billing.bodies import CONSUMO, FACTURA
from tests.house import House

ROW = {"key": "a", "document": CONSUMO}


@pytest.fixture
def tenant(house: House) -> Iterator[str]:
    made = house.company()
    yield made
    with house.database("billing").transaction(made) as tx:  # these batches are not for the workers of the next test
        tx.rows("UPDATE flow.work SET state = 'done' WHERE state = 'pending'")


def stored(house: House, tenant: str) -> tuple[int, int, int]:
    with house.database("billing").transaction(tenant) as tx:
        sql = (
            "SELECT (SELECT count(*) FROM billing.batches), (SELECT count(*) FROM billing.batch_rows), "
            "count(*) FROM flow.work WHERE kind = 'batch'"
        )
        found = tx.rows(sql)[0]
        return found[0], found[1], found[2]


def test_a_batch_is_taken_and_says_where_it_is(house: House, tenant: str) -> None:
    answer = send(house, tenant, ndjson(ROW))
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/tenant/emit/batch/{answer.json()['id']}"
    assert (answer.json()["estado"], answer.json()["total"]) == ("en_cola", 1)
    assert stored(house, tenant) == (1, 1, 1)


def test_ten_thousand_rows_are_taken_and_one_more_is_refused_before_anything_is_stored(house: House, tenant: str) -> None:
    ten_thousand = ndjson(*({"key": str(n), "document": {}} for n in range(10_000)))
    answer = send(house, tenant, ten_thousand + b'{"key": "x", "document": {}}\n')
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:getupnet:batch-too-long")
    assert stored(house, tenant) == (0, 0, 0)
    assert send(house, tenant, ten_thousand).json()["total"] == 10_000
    assert stored(house, tenant)[1] == 10_000


@pytest.mark.parametrize("body", [b"", b"\n \n"])
def test_a_batch_of_nothing_is_refused(house: House, tenant: str, body: bytes) -> None:
    answer = send(house, tenant, body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:getupnet:batch-empty")
    assert stored(house, tenant) == (0, 0, 0)


def test_a_body_over_the_limit_of_its_route_is_refused(house: House, tenant: str) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(33):
            yield b" " * (1024 * 1024)

    headers = house.token(tenant) | {"Idempotency-Key": uuid7()}
    answer = house.client("billing").post("/tenant/emit/batch", content=chunks(), headers=headers)
    assert (answer.status_code, str(batches.BODY_LIMIT) in answer.json()["detail"]) == (413, True)


def test_a_large_batch_is_not_held_in_memory(house: House, tenant: str) -> None:
    document = FACTURA | {"items": FACTURA["items"] * 15}
    body = ndjson(*({"key": str(n), "document": document} for n in range(5_000)))
    assert len(body) > 12 * 1024 * 1024
    headers = house.token(tenant) | {"Idempotency-Key": uuid7()}
    tracemalloc.start()
    try:
        answer = house.client("billing").post(
            "/tenant/emit/batch", content=(body[n : n + 65536] for n in range(0, len(body), 65536)), headers=headers
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 202
    # The test's own client collects what it sends before it hands it over.
    assert peak < 2 * len(body) + 16 * 1024 * 1024, peak


def test_the_same_key_and_bytes_answer_the_same_batch_and_other_bytes_are_refused(house: House, tenant: str) -> None:
    key = uuid7()
    first, again = send(house, tenant, ndjson(ROW), key=key), send(house, tenant, ndjson(ROW), key=key)
    assert (again.status_code, again.json()["id"], again.headers["idempotency-replayed"]) == (202, first.json()["id"], "true")
    other = send(house, tenant, ndjson(ROW, ROW), key=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:getupnet:idempotency-key-reused")
    assert stored(house, tenant) == (1, 1, 1)


def test_one_key_sent_many_times_at_once_makes_one_batch(house: House, tenant: str) -> None:
    key, body = uuid7(), ndjson(*({"key": str(n), "document": CONSUMO} for n in range(300)))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(house, tenant, body, key=key), range(4)))
    assert len({a.json()["id"] for a in answers}) == 1
    assert stored(house, tenant) == (1, 300, 1)


def test_a_key_is_needed(house: House, tenant: str) -> None:
    answer = house.client("billing").post("/tenant/emit/batch", content=ndjson(ROW), headers=house.token(tenant))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:getupnet:idempotency-key-missing")


def test_rows_are_listed_by_line_through_pages(house: House, tenant: str) -> None:
    batch = send(house, tenant, ndjson(*({"key": str(n), "document": CONSUMO} for n in range(5)))).json()["id"]
    work(house)
    path = f"/tenant/emit/batch/{batch}/rows?limit=2"
    page = get(house, tenant, path)
    assert [row["key"] for row in page["items"]] == ["0", "1"]
    assert [row["line"] for row in get(house, tenant, f"{path}&cursor={page['next']}")["items"]] == [3, 4]
    assert [row["line"] for row in rows_of(house, tenant, batch)] == [1, 2, 3, 4, 5]
    assert get(house, tenant, f"{path}&estado=esperando") == {"items": [], "next": None}


def test_batches_are_listed_newest_first_through_pages_with_their_own_progress(house: House, tenant: str) -> None:
    sizes = (1, 2, 3)
    sent = [send(house, tenant, ndjson(*[ROW] * size)).json()["id"] for size in sizes]
    first = get(house, tenant, "/tenant/emit/batch?limit=2")
    second = get(house, tenant, f"/tenant/emit/batch?limit=2&cursor={first['next']}")
    listed = first["items"] + second["items"]
    assert [one["id"] for one in listed] == sent[::-1]
    assert [one["total"] for one in listed] == [3, 2, 1]
    assert second["next"] is None
    assert listed == [get(house, tenant, f"/tenant/emit/batch/{batch}") for batch in sent[::-1]]
    assert get(house, house.company(certificate=False, ranges=False), "/tenant/emit/batch") == {"items": [], "next": None}


def results(house: House, tenant: str, batch: str, query: str = "") -> httpx.Response:
    path = f"/tenant/emit/batch/{batch}/results{query}"
    return house.client("billing").get(path, headers=house.token(tenant))


def test_the_results_of_a_batch_are_a_file_with_a_line_for_each_row(house: House, tenant: str) -> None:
    batch = send(house, tenant, ndjson(ROW, {"key": "b", "document": {}}, "no JSON")).json()["id"]
    work(house)
    answer = results(house, tenant, batch)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"] == f'attachment; filename="lote-{batch}.ndjson"'
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert told == rows_of(house, tenant, batch)
    assert [(row["key"], row["estado"], row["documento"], bool(row["errors"])) for row in told] == [
        ("a", "emitida", "firmado", False),
        ("b", "fallida", None, True),
        (None, "fallida", None, True),
    ]
    assert told[0]["encf"] == get(house, tenant, f"/tenant/invoices/{told[0]['invoice_id']}")["encf"]
    assert [json.loads(line)["line"] for line in results(house, tenant, batch, "?estado=fallida").text.splitlines()] == [2, 3]


@pytest.mark.parametrize("size", [batch_doors.ROWS_A_READ, 2 * batch_doors.ROWS_A_READ + 1])
def test_results_are_read_some_at_a_time_and_none_is_lost_between(house: House, tenant: str, size: int) -> None:
    batch = send(house, tenant, ndjson(*({"key": str(n), "document": {}} for n in range(size)))).json()["id"]
    client, headers = house.client("billing"), house.token(tenant)
    with client.stream("GET", f"/tenant/emit/batch/{batch}/results", headers=headers) as answer:
        told = [json.loads(line)["key"] for line in answer.iter_lines()]
    assert told == [str(n) for n in range(size)]


def test_a_cursor_of_another_list_is_refused(house: House, tenant: str) -> None:
    one, other = (send(house, tenant, ndjson(ROW, ROW)).json()["id"] for _ in range(2))
    cursor = get(house, tenant, f"/tenant/emit/batch/{one}/rows?limit=1")["next"]
    headers = house.token(tenant)
    for path in (f"/{other}/rows", ""):
        answer = house.client("billing").get(f"/tenant/emit/batch{path}?cursor={cursor}", headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor"), path


def test_a_batch_of_another_company_does_not_exist(house: House, tenant: str) -> None:
    batch, other = send(house, tenant, ndjson(ROW)).json()["id"], house.company()
    for path in ("", "/rows", "/results"):
        answer = house.client("billing").get(f"/tenant/emit/batch/{batch}{path}", headers=house.token(other))
        assert answer.status_code == 404


def test_a_token_without_the_permission_may_not_send_one(house: House, tenant: str) -> None:
    headers = house.token(tenant, Permission.INVOICES_READ) | {"Idempotency-Key": uuid7()}
    answer = house.client("billing").post("/tenant/emit/batch", content=ndjson(ROW), headers=headers)
    assert (answer.status_code, answer.json()["permission"]) == (403, "ecf.emit")
