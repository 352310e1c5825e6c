"""The doors to ranges, numbers and leases, with real documents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.db.ids import uuid7
from shared.events.catalogue import EcfRejected
from shared.events.sequences import SequenceForeignUse
from tests.functions.billing.bodies import CONSUMO, FACTURA, altered
from tests.functions.billing.test_emission import refusing, signer_that
from tests.house import House

UNTIL = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture
def tenant(house: House) -> str:
    return house.company(ranges=False)


def get(house: House, tenant: str, path: str) -> Any:
    return house.client("billing").get(f"/tenant/sequences{path}", headers=house.token(tenant)).json()


def post(house: House, tenant: str, path: str, body: object = None) -> httpx.Response:
    return house.client("billing").post(f"/tenant/sequences{path}", json=body, headers=house.token(tenant))


def a_range(house: House, tenant: str, desde: int, hasta: int, **more: object) -> str:
    body = {"tipo_ecf": 32, "desde": desde, "hasta": hasta, "vencimiento": "2028-12-31"} | more
    made = post(house, tenant, "", body)
    assert made.status_code == 201, made.text
    house.settle()
    return str(made.json()["id"])


def test_a_document_of_a_branch_takes_the_branchs_number_and_is_told_so_before(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    a_range(house, tenant, 101, 109, sucursal="NORTE")
    body = altered(CONSUMO, "/emisor", {"sucursal": "NORTE"})
    headers = house.token(tenant)
    told = house.client("billing").post("/tenant/emit/ecf?validate_only=true", json=body, headers=headers).json()["encf"]
    assert told == house.emit(tenant, body).json()["encf"] == "E320000000101"
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000001"


def test_a_range_of_another_taxpayer_is_refused(house: House, tenant: str) -> None:
    answer = post(
        house, tenant, "", {"tipo_ecf": 32, "desde": 1, "hasta": 9, "vencimiento": "2028-12-31", "rnc_emisor": "131880681"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "rnc-other")


def test_a_number_tells_its_whole_story_over_all_its_attempts(house: House, tenant: str) -> None:
    sequence = a_range(house, tenant, 1, 9)
    with signer_that(house, refusing):
        house.emit(tenant, CONSUMO)
    assert get(house, tenant, "/numbers/E320000000001")["estado"] == "sin_usar"
    made = house.emit(tenant, CONSUMO).json()
    story = get(house, tenant, "/numbers/E320000000001")
    assert (story["estado"], story["invoice_id"], story["sequence_id"]) == ("firmado", made["id"], sequence)
    assert [(step["what"], step["intento"], step["estado"]) for step in story["history"]] == [
        ("registered", None, "libre"),
        ("numbered", 1, "numerado"),
        ("signing_refused", 1, "sin_usar"),
        ("numbered", 2, "numerado"),
        ("signed", 2, "firmado"),
    ]
    assert get(house, tenant, f"/{sequence}")["numbers"] == {"firmado": 1, "libre": 8}
    assert get(house, tenant, f"/{sequence}/gaps") == {"items": [], "next": None}


@pytest.mark.parametrize("encf", ["E320000000010", "E310000000001", "E3200000001", "B0100000001"])
def test_a_number_of_no_range_is_not_found(house: House, tenant: str, encf: str) -> None:
    a_range(house, tenant, 1, 9)
    answer = house.client("billing").get(f"/tenant/sequences/numbers/{encf}", headers=house.token(tenant))
    assert answer.status_code == 404


def test_a_lease_is_named_by_an_emission_and_comes_back(house: House, tenant: str) -> None:
    sequence = a_range(house, tenant, 1, 9)
    lease = post(house, tenant, f"/{sequence}/leases", {"holder": "CAJA 1", "count": 3, "until": UNTIL}).json()
    assert (lease["desde"], lease["hasta"], lease["estado"]) == (1, 3, "vigente")
    headers = house.token(tenant) | {"Idempotency-Key": uuid7()}
    path = f"/tenant/emit/ecf?lease={lease['id']}"
    made = house.client("billing").post(path, json=CONSUMO, headers=headers).json()
    told = house.client("billing").post(f"{path}&validate_only=true", json=CONSUMO, headers=headers).json()["encf"]
    assert (made["encf"], told) == ("E320000000001", "E320000000002")
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000004"
    assert get(house, tenant, f"/{sequence}/gaps")["items"] == [
        {"desde": 2, "hasta": 3, "estado": "arrendado", "lease_id": lease["id"]}
    ]
    assert get(house, tenant, "/numbers/E320000000002")["estado"] == "arrendado"
    returned = post(house, tenant, f"/{sequence}/leases/{lease['id']}/return").json()
    assert (returned["estado"], returned["remaining"]) == ("devuelto", 2)
    assert post(house, tenant, f"/{sequence}/leases/{lease['id']}/return").json() == returned
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000002"
    assert [one["estado"] for one in get(house, tenant, f"/{sequence}/leases")["items"]] == ["devuelto"]


@pytest.mark.parametrize(
    ("tipo", "named", "status", "slug"),
    [
        (32, "returned", 409, "lease-over"),
        (31, "open", 422, "lease-of-other-type"),
        (32, "unknown", 404, "lease-unknown"),
        (32, "no uuid", 422, "invalid-input"),
    ],
)
def test_a_lease_that_gives_no_number_says_why(house: House, tenant: str, tipo: int, named: str, status: int, slug: str) -> None:
    sequence = a_range(house, tenant, 1, 9)
    lease = post(house, tenant, f"/{sequence}/leases", {"holder": "CAJA 1", "count": 3, "until": UNTIL}).json()["id"]
    if named == "returned":
        post(house, tenant, f"/{sequence}/leases/{lease}/return")
    said = {"unknown": uuid7(), "no uuid": "CAJA 1"}.get(named, lease)
    headers = house.token(tenant) | {"Idempotency-Key": uuid7()}
    body = CONSUMO if tipo == 32 else FACTURA
    answer = house.client("billing").post("/tenant/emit/ecf", params={"lease": said}, json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:getupnet:{slug}")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"holder": "CAJA", "count": 10, "until": UNTIL}, 409),
        ({"holder": "CAJA", "count": 0, "until": UNTIL}, 422),
        ({"holder": "CAJA", "count": 1, "until": "2026-01-01T00:00:00-04:00"}, 422),
        ({"holder": "CAJA", "count": 1, "until": "2099-01-01T00:00:00"}, 422),
        ({"holder": "", "count": 1, "until": UNTIL}, 422),
    ],
)
def test_a_lease_that_cannot_be_is_refused_and_takes_nothing(
    house: House, tenant: str, body: dict[str, object], status: int
) -> None:
    sequence = a_range(house, tenant, 1, 9)
    assert post(house, tenant, f"/{sequence}/leases", body).status_code == status
    assert get(house, tenant, f"/{sequence}")["next"] == 1


def test_gaps_come_in_pages(house: House, tenant: str) -> None:
    sequence = a_range(house, tenant, 1, 90)
    for _ in range(3):
        post(house, tenant, f"/{sequence}/leases", {"holder": "CAJA", "count": 2, "until": UNTIL})
        house.emit(tenant, CONSUMO)
    page = get(house, tenant, f"/{sequence}/gaps?limit=2")
    rest = get(house, tenant, f"/{sequence}/gaps?limit=2&cursor={page['next']}")
    assert [one["desde"] for one in page["items"] + rest["items"]] == [1, 4, 7]
    assert rest["next"] is None


def test_foreign_use_stops_its_range_alone_until_a_person_resumes_it(house: House, tenant: str) -> None:
    stopped = a_range(house, tenant, 1, 9)
    a_range(house, tenant, 101, 109)
    used = house.emit(tenant, CONSUMO).json()
    say_foreign_use(house, tenant, used)
    assert [(one["desde"], one["estado"]) for one in get(house, tenant, "")["items"]] == [(101, "activa"), (1, "detenida")]
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000101"
    assert get(house, tenant, f"/{stopped}")["stopped_because"] == used["encf"]
    assert announced(house, tenant) == [("stopped", stopped)]
    say_foreign_use(house, tenant, used)
    assert announced(house, tenant) == [("stopped", stopped)]
    assert post(house, tenant, f"/{stopped}/resume").json()["estado"] == "activa"
    assert house.emit(tenant, CONSUMO).json()["encf"] == "E320000000002"
    again = post(house, tenant, f"/{stopped}/resume")
    assert (again.status_code, again.json()["type"]) == (409, "urn:getupnet:sequence-not-stopped")
    assert announced(house, tenant) == [("stopped", stopped), ("resumed", stopped)]


def test_with_its_only_range_stopped_a_type_is_told_why(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    say_foreign_use(house, tenant, house.emit(tenant, CONSUMO).json())
    answer = house.emit(tenant, CONSUMO)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:getupnet:sequence-stopped")


@pytest.mark.parametrize(("spent", "following"), [(False, 1), (True, 2), (None, 2)])
def test_a_rejected_number_goes_out_again_only_when_dgii_gives_it_back(
    house: House, tenant: str, spent: bool | None, following: int
) -> None:
    a_range(house, tenant, 1, 9)
    made = house.emit(tenant, CONSUMO).json()
    shell = house.shell("dgii")
    said = {"invoice_id": made["id"], "encf": made["encf"], "intento": 1, "tipo_ecf": 32, "monto_total": "500.00"}
    said |= {"track_id": None, "mensajes": [], "secuencia_utilizada": spent, "observed_at": datetime.now(UTC).isoformat()}
    with shell.transaction(tenant) as tx:
        shell.announce(tx, EcfRejected.model_validate(said), subject=made["id"])
    house.settle()
    assert get(house, tenant, "/numbers/E320000000001")["estado"] == ("rechazado" if following == 2 else "sin_usar")
    again = house.emit(tenant, CONSUMO).json()
    assert again["encf"] == f"E32000000000{following}"


def say_foreign_use(house: House, tenant: str, used: dict[str, Any]) -> None:
    shell = house.shell("dgii")
    fact = SequenceForeignUse(
        invoice_id=used["id"], encf=used["encf"], tipo_ecf=used["tipo_ecf"], observed_at=datetime.now(UTC).isoformat()
    )
    with shell.transaction(tenant) as tx:
        shell.announce(tx, fact, subject=used["encf"])
    house.settle()


def announced(house: House, tenant: str) -> list[tuple[str, str]]:
    """The participle and the range of what was said about ranges since they were registered."""
    with house.database("billing").transaction(tenant) as tx:
        rows = tx.rows(
            "SELECT type, subject FROM flow.outbox WHERE type ~ 'sequence[.](stopped|resumed|running-low)' "
            "AND tenant_id = :tenant ORDER BY seq",
            tenant=tenant,
        )
    return [(row.type.split(".")[3], row.subject) for row in rows]
