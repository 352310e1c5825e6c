"""Numbers are voided: only unused ones, out of circulation from the draft on, and what DGII answers decides of each."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.billing import voiding
from functions.billing.handlers import JOBS
from shared.ecf.encf import ENCF
from shared.ecf.gate import parse
from shared.ecf.schema import faults
from shared.ecf.signature import verify
from shared.ecf.types import TipoECF
from shared.events.voidings import VoidingAnswered
from shared.http.work import run_due
from tests.functions.billing.bodies import CONSUMO
from tests.functions.billing.test_emission import refusing, signer_that, unavailable
from tests.functions.billing.test_ledger_doors import UNTIL, a_range, get, post
from tests.house import House


@pytest.fixture
def tenant(house: House) -> str:
    return house.company(ranges=False)


def void(house: House, tenant: str, *ranges: tuple[int, int], tipo: int = 32, query: str = "") -> httpx.Response:
    asked = [{"tipo_ecf": tipo, "desde": desde, "hasta": hasta} for desde, hasta in ranges]
    return post(house, tenant, f"/voidings{query}", {"ranges": asked})


def answer(
    house: House, tenant: str, voiding_id: str, outcome: str, *words: str, left_out: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The voiding after DGII has said this of it."""
    shell = house.shell("dgii")
    said = {"voiding_id": voiding_id, "outcome": outcome, "mensajes": list(words), "left_out": list(left_out)}
    said |= {"observed_at": "2026-11-24T12:00:00Z"}
    with shell.transaction(tenant) as tx:
        shell.announce(tx, VoidingAnswered.model_validate(said), subject=voiding_id)
    house.settle()
    found: dict[str, Any] = get(house, tenant, f"/voidings/{voiding_id}")
    return found


def emitted(house: House, tenant: str, count: int = 1) -> list[int]:
    return [int(house.emit(tenant, CONSUMO).json()["encf"][3:]) for _ in range(count)]


def test_a_voiding_is_signed_and_its_numbers_are_never_issued(house: House, tenant: str) -> None:
    sequence = a_range(house, tenant, 1, 20)
    assert emitted(house, tenant, 2) == [1, 2]
    assert void(house, tenant, (3, 4), (7, 8), query="?validate_only=true").json() == {"count": 4}
    assert get(house, tenant, f"/{sequence}")["numbers"] == {"firmado": 2, "libre": 18}
    made = void(house, tenant, (3, 4), (7, 8))
    assert (made.status_code, made.json()["estado"], made.json()["count"]) == (202, "firmada", 4)
    assert made.headers["location"].endswith(made.json()["id"])
    assert emitted(house, tenant, 3) == [5, 6, 9]
    assert get(house, tenant, f"/{sequence}")["numbers"] == {"en_anulacion": 4, "firmado": 5, "libre": 11}
    ended = answer(house, tenant, made.json()["id"], "done", "Las secuencias fueron anuladas correctamente.")
    assert (ended["estado"], [one["estado"] for one in ended["ranges"]]) == ("anulada", ["anulado", "anulado"])
    story = get(house, tenant, "/numbers/E320000000007")
    assert story["estado"] == "anulado"
    assert [step["what"] for step in story["history"]] == ["registered", "voiding_drafted", "voiding_answered"]
    assert [(g["desde"], g["hasta"], g["estado"]) for g in get(house, tenant, f"/{sequence}/gaps")["items"]] == [
        (3, 4, "anulado"),
        (7, 8, "anulado"),
    ]


def test_the_anecf_verifies_and_says_what_was_asked(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 20)
    made = void(house, tenant, (1, 1), (5, 14)).json()
    path = f"/tenant/sequences/voidings/{made['id']}/xml"
    xml = house.client("billing").get(path, headers=house.token(tenant)).content
    root = verify(xml, at=None).root
    assert faults(parse(xml), "ANECF") == []
    assert root.findtext("Encabezado/CantidadeNCFAnulados") == "11"
    assert [one.text for one in root.iter("SecuenciaeNCFHasta")] == ["E320000000001", "E320000000014"]
    assert [one["id"] for one in get(house, tenant, "/voidings")["items"]] == [made["id"]]


def test_a_number_that_came_back_can_be_voided_and_is_not_issued_again(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    with signer_that(house, refusing):
        house.emit(tenant, CONSUMO)
    made = void(house, tenant, (1, 1)).json()
    assert emitted(house, tenant) == [2]
    answer(house, tenant, made["id"], "done", "ok")
    assert get(house, tenant, "/numbers/E320000000001")["estado"] == "anulado"


@pytest.mark.parametrize("at", [(1, 2), (2, 4)])
def test_what_dgii_did_not_take_is_free_again_wherever_it_stood(house: House, tenant: str, at: tuple[int, int]) -> None:
    sequence = a_range(house, tenant, 1, 9)
    made = void(house, tenant, at).json()
    before = emitted(house, tenant, 2)
    ended = answer(house, tenant, made["id"], "refused", "La firma del documento no es válida")
    assert (ended["estado"], ended["mensajes"]) == ("rechazada", ["La firma del documento no es válida"])
    assert get(house, tenant, f"/{sequence}")["numbers"]["libre"] == 7
    assert sorted(before + emitted(house, tenant, 7)) == list(range(1, 10))
    assert house.emit(tenant, CONSUMO).status_code == 409
    assert get(house, tenant, f"/{sequence}/gaps")["items"] == []


def test_partial_success_is_recorded_number_by_number(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 30)
    made = void(house, tenant, (1, 10), (20, 20)).json()
    words = "Las secuencias fueron anuladas correctamente. Con excepción de las secuencias del detalle"
    left_out = [("E320000000003", "E320000000004"), ("E320000000020", "E320000000020")]
    ended = answer(house, tenant, made["id"], "partial", words, left_out=left_out)
    assert ended["estado"] == "parcial"
    assert [(one["desde"], one["hasta"], one["estado"]) for one in ended["ranges"]] == [
        (1, 2, "anulado"),
        (3, 4, "no_anulado"),
        (5, 10, "anulado"),
        (20, 20, "no_anulado"),
    ]
    assert emitted(house, tenant) == [11]


@pytest.mark.parametrize("outcome", ["unclear", "partial"])
def test_what_is_unclear_stays_out_of_circulation_until_it_is_clear(
    house: House, tenant: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.dgii.voiding._send", unavailable)
    a_range(house, tenant, 1, 9)
    made = void(house, tenant, (1, 3)).json()
    held = answer(house, tenant, made["id"], outcome, "Con excepción de las secuencias del detalle")
    assert (held["estado"], held["ranges"][0]["estado"]) == ("firmada", "en_anulacion")
    assert held["mensajes"] == ["Con excepción de las secuencias del detalle"]
    assert emitted(house, tenant) == [4]
    ended = answer(house, tenant, made["id"], "done", "ok")
    assert (ended["estado"], ended["ranges"][0]["estado"]) == ("anulada", "anulado")


@pytest.mark.parametrize("asked", [(1, 1), (1, 5), (2, 3), (9, 10), (40, 41)])
def test_used_lent_voided_or_foreign_numbers_are_refused_and_nothing_changes(
    house: House, tenant: str, asked: tuple[int, int]
) -> None:
    sequence = a_range(house, tenant, 1, 9)
    emitted(house, tenant)
    post(house, tenant, f"/{sequence}/leases", {"holder": "CAJA", "count": 1, "until": UNTIL})
    void(house, tenant, (3, 3))
    before = get(house, tenant, f"/{sequence}")
    for query in ("", "?validate_only=true"):
        refused = void(house, tenant, (8, 8), asked, query=query)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/ranges/1")
        assert refused.json()["errors"][0]["code"] in ("number-used", "number-leased")
    assert get(house, tenant, f"/{sequence}") == before


@pytest.mark.parametrize(("ranges", "tipo"), [([], 32), ([(5, 4)], 32), ([(1, 2)], 42), ([(0, 2)], 32), ([(5, 6), (6, 7)], 32)])
def test_a_voiding_that_says_nothing_sensible_is_refused(
    house: House, tenant: str, ranges: list[tuple[int, int]], tipo: int
) -> None:
    a_range(house, tenant, 1, 9)
    refused = void(house, tenant, *ranges, tipo=tipo)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"].split("/")[1]) == (422, "ranges")


def test_while_the_signer_is_away_the_voiding_waits_and_is_signed_later(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    with signer_that(house, unavailable):
        made = void(house, tenant, (1, 3)).json()
    assert made["estado"] == "redactada"
    with house.database("billing").transaction(tenant) as tx:
        tx.rows("UPDATE flow.work SET due_at = now() WHERE kind = 'void' AND state = 'pending'")
    assert run_due(house.shell("billing"), JOBS, jobs=5, seconds=5) == 1
    assert get(house, tenant, f"/voidings/{made['id']}")["estado"] == "firmada"


def test_a_voiding_that_may_not_be_signed_gives_its_numbers_back(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    with signer_that(house, refusing):
        made = void(house, tenant, (1, 3)).json()
    assert (made["estado"], made["ranges"][0]["estado"]) == ("rechazada", "libre")
    assert emitted(house, tenant, 4) == [1, 2, 3, 4]


def test_a_second_answer_changes_nothing(house: House, tenant: str) -> None:
    a_range(house, tenant, 1, 9)
    made = void(house, tenant, (1, 3)).json()
    ended = answer(house, tenant, made["id"], "done", "ok")
    assert answer(house, tenant, made["id"], "refused", "tarde") == ended


@given(
    low=st.integers(1, 50),
    size=st.integers(1, 50),
    left=st.lists(st.tuples(st.integers(1, 120), st.integers(0, 20)), max_size=5),
)
def test_a_piece_is_cut_exactly_where_the_exceptions_are(low: int, size: int, left: list[tuple[int, int]]) -> None:
    piece = SimpleNamespace(tipo_ecf=31, desde=low, hasta=low + size - 1)
    excepted = {n for start, more in left for n in range(start, start + more + 1)}
    left_out = [(ENCF(TipoECF(31), start), ENCF(TipoECF(31), start + more)) for start, more in left]
    cut = voiding.parts(piece, left_out, "anulado")
    said = [(n, estado) for desde, hasta, estado in cut for n in range(desde, hasta + 1)]
    assert said == [(n, "no_anulado" if n in excepted else "anulado") for n in range(low, low + size)]
