"""What a behaviour means, without a stand-in around it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.sandbox.behaviours import CATALOGUE, GROUPS, SERVICES, SHAPES, TEXTS, Behaviour, altered, fault_of, remark, shaped
from shared.dgii.answers import Mensaje, estado_of, outcome, read
from shared.dgii.refusals import remarks

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def behaviour(name: str, value: str = "", **changes: object) -> Behaviour:
    plain = Behaviour("131880738", "*", name, value, None, None, 1, 7, 0, 0, NOW)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_probability_is_met_and_the_same_seed_gives_the_same_run() -> None:
    runs = [[behaviour("slow", probability=0.2, seed=seed, calls=call).draws() for call in range(2000)] for seed in (7, 7, 8)]
    assert runs[0] == runs[1] != runs[2]
    assert 320 <= sum(runs[0]) <= 480


def test_latency_stays_in_its_range_and_fills_it() -> None:
    drawn = {behaviour("slow", "100-110", calls=call).latency() for call in range(500)}
    assert drawn == set(range(100, 111))
    assert behaviour("slow", "250").latency() == 250


def test_a_service_is_named_alone_or_in_a_group() -> None:
    assert behaviour("slow", service="fc").concerns("recepcionfc")
    assert not behaviour("slow", service="fc").concerns("recepcion")
    assert behaviour("slow", service="consultaestado").concerns("consultaestado")
    assert all(members <= SERVICES for members in GROUPS.values())
    assert all(kind.usual in SERVICES | set(GROUPS) for kind in CATALOGUE.values())


def test_every_example_in_the_catalogue_can_be_set() -> None:
    assert not [name for name, kind in CATALOGUE.items() if fault_of(name, kind.usual, kind.value)]


@pytest.mark.parametrize(
    ("name", "service", "value"),
    [
        ("naps", "*", ""),
        ("spent", "consultatrackids", ""),
        ("not_found", "*", "pair"),
        ("track_ids_order", "*", "best"),
        ("slow", "moon", "1"),
        ("error_before", "*", "418"),
        ("slow", "*", "soon"),
        ("too_many", "*", "²"),
    ],
)
def test_what_means_nothing_is_refused(name: str, service: str, value: str) -> None:
    assert fault_of(name, service, value)


def test_every_shape_of_400_is_told_apart_from_dgiis_own_words() -> None:
    spoken = {shape: remarks(shaped(f"{shape} La firma del XML no es válida")[2]) for shape in SHAPES if shape.startswith("400")}
    silent = {"400-empty", "400-bad-request", "400-html"}
    assert {shape for shape, words in spoken.items() if not words} == silent
    assert {words for shape, words in spoken.items() if shape not in silent} == {(Mensaje("0", "La firma del XML no es válida"),)}


def test_a_body_with_a_place_for_a_code_has_the_one_asked_for() -> None:
    assert remarks(shaped("400-mensajes:1209")[2]) == (Mensaje("1209", TEXTS["1209"]),)
    assert remarks(shaped("400-mensajes:004 Otra vez")[2]) == (Mensaje("004", "Otra vez"),)
    assert fault_of("error_before", "reception", "400-bare:1209")


@pytest.mark.parametrize(
    ("shape", "status", "kind"),
    [
        ("302-plain", 302, "text/plain"),
        ("403-html", 403, "text/html"),
        ("404-plain", 404, "text/plain"),
        ("408-plain", 408, "text/plain"),
    ],
)
def test_what_stands_before_dgii_answers_in_shapes_of_its_own(shape: str, status: int, kind: str) -> None:
    assert shaped(shape)[:2] == (status, kind)
    assert shaped(shape)[2]


def test_a_behaviour_plays_only_where_it_can_be_seen() -> None:
    assert not behaviour("spent", service="consultas").concerns("consultatrackids")
    assert behaviour("rejected_later", service="consultas").concerns("consultatrackids")
    assert not behaviour("verdict_delay_ms", service="reception").concerns("recepcionfc")
    assert behaviour("slow", service="estatus").concerns("estatus")
    assert not behaviour("slow").concerns("estatus")
    assert all(kind.reach & (GROUPS.get(kind.usual) or {kind.usual}) for kind in CATALOGUE.values())


def test_an_answer_is_altered_in_its_own_fields_only() -> None:
    content = {"codigo": "1", "estado": "Aceptado", "mensajes": [], "rnc": "131880738", "secuenciaUtilizada": True}
    process = altered(content, {"in_process": behaviour("in_process")})
    assert (process["codigo"], process["secuenciaUtilizada"], set(process)) == ("3", False, set(content))
    assert process["mensajes"] == [{"valor": "", "codigo": 0}]
    later = altered(content, {"rejected_later": behaviour("rejected_later", "1209")})
    assert (later["codigo"], later["mensajes"]) == ("2", [{"valor": remark("1209")[1], "codigo": "1209"}])
    assert altered(content, {"wrong_rnc": behaviour("wrong_rnc", "101000000")})["rnc"] == "101000000"
    assert altered(content, {}) == content
    assert estado_of(read(b'{"codigo": "3"}')) is not None
    assert outcome(read(b"{}"), b"{}") is None
