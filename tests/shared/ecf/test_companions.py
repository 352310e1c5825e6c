"""The small formats from facts: they satisfy the schema, come back the same, and refuse what DGII would."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from shared.ecf.companions import MotivoNoRecibido, acecf, anecf, arecf, semilla
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.rules import check
from shared.ecf.schema import faults
from shared.ecf.types import TipoECF
from shared.ecf.values import day, read_moment
from shared.ecf.xml import read, write
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import FIRMA, HOY
from tests.shared.ecf.effort import tries
from tests.shared.ecf.sheet import MISSING, SET_A, rows

FULL = settings(max_examples=tries(60, 2_000), deadline=None)
EMISOR, COMPRADOR = "131880738", "131880681"
WITH_APPROVAL = [31, 33, 34, 44, 45]
encfs = st.builds(ENCF, st.sampled_from(list(TipoECF)), st.integers(1, 9_999_999_999))
moments = st.integers(0, 3_000_000_000).map(lambda seconds: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds))
rncs = st.from_regex(r"[0-9]{9}([0-9]{2})?", fullmatch=True)


def good(document: Document) -> None:
    root = etree.fromstring(write(document))
    assert faults(root, document.kind) == []
    assert read(root) == document
    assert [one for one in check(document, today=HOY) if one.code != "ECF-0213"] == []


def refused(build: Any, **facts: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as found:
        build(**facts)
    return {(one.pointer, one.code) for one in found.value.errors}


@FULL
@given(rncs, rncs, encfs, moments, st.none() | st.sampled_from(list(MotivoNoRecibido)))
def test_any_acknowledgement_is_valid_and_comes_back(
    rnc_emisor: str, rnc_comprador: str, encf: ENCF, moment: datetime, motivo: MotivoNoRecibido | None
) -> None:
    document = arecf(rnc_emisor=rnc_emisor, rnc_comprador=rnc_comprador, encf=encf, fecha_hora=moment, motivo=motivo)
    assert (document.text("estado"), document.text("codigo_motivo_no_recibido")) == (
        ("0", None) if motivo is None else ("1", f"{motivo:d}")
    )
    good(document)


@FULL
@given(
    rncs,
    rncs,
    st.builds(ENCF, st.sampled_from([TipoECF(one) for one in WITH_APPROVAL]), st.integers(1, 9_999_999_999)),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.decimals("0", "9999999999999999.99", places=2),
    moments,
    st.none() | st.sampled_from(["Precio distinto al pactado", "Ñ" * 250]),
)
def test_any_approval_is_valid_and_comes_back(
    rnc_emisor: str, rnc_comprador: str, encf: ENCF, issued: date, amount: Decimal, moment: datetime, reason: str | None
) -> None:
    good(
        acecf(
            rnc_emisor=rnc_emisor,
            rnc_comprador=rnc_comprador,
            encf=encf,
            fecha_emision=issued,
            monto_total=amount,
            fecha_hora=moment,
            rechazo=reason,
        )
    )


@FULL
@given(
    rncs,
    st.dictionaries(st.sampled_from(list(TipoECF)), st.sets(st.integers(1, 10_000), min_size=2, max_size=12), min_size=1),
    moments,
)
def test_any_voiding_is_valid_comes_back_and_counts_its_numbers(
    rnc_emisor: str, ends: dict[TipoECF, set[int]], moment: datetime
) -> None:
    ranges = []
    for tipo, numbers in ends.items():
        held = sorted(numbers)[: len(numbers) // 2 * 2]
        ranges += [(ENCF(tipo, first), ENCF(tipo, last)) for first, last in zip(held[::2], held[1::2], strict=True)]
    document = anecf(rnc_emisor=rnc_emisor, rangos=ranges, fecha_hora=moment)
    assert document.text("cantidad_encf_anulados") == str(sum(last.secuencia - first.secuencia + 1 for first, last in ranges))
    good(document)


@FULL
@given(st.binary(min_size=1, max_size=60), moments)
def test_any_seed_is_valid_and_comes_back(value: bytes, moment: datetime) -> None:
    good(semilla(valor=value.hex(), fecha=moment))


def test_the_example_of_dgii_counts_47_numbers() -> None:
    numbers = [ENCF(TipoECF(31), n) for n in (1, 1, 5, 50)]
    document = anecf(rnc_emisor=EMISOR, rangos=[(numbers[0], numbers[1]), (numbers[2], numbers[3])], fecha_hora=FIRMA)
    assert document.text("cantidad_encf_anulados") == "47"
    assert b"<RncEmisor>131880738</RncEmisor>" in write(document)


def test_moments_are_dominican() -> None:
    moment = datetime(2026, 11, 25, 2, 0, 0, tzinfo=UTC)
    document = arecf(rnc_emisor=EMISOR, rnc_comprador=COMPRADOR, encf=ENCF(TipoECF(31), 1), fecha_hora=moment)
    assert document.text("fecha_hora_acuse_recibo") == "24-11-2026 22:00:00"


@pytest.mark.parametrize("tipo", [32, 41, 43, 46, 47])
def test_what_takes_no_approval_is_refused(tipo: int) -> None:
    assert refused(acecf, **approval(encf=ENCF(TipoECF(tipo), 1))) == {("/encf", "ECF-1122")}


@pytest.mark.parametrize("tipo", WITH_APPROVAL)
def test_what_takes_an_approval_has_one(tipo: int) -> None:
    good(acecf(**approval(encf=ENCF(TipoECF(tipo), 1))))


def approval(**changes: Any) -> dict[str, Any]:
    return {
        "rnc_emisor": EMISOR,
        "rnc_comprador": COMPRADOR,
        "encf": ENCF(TipoECF(31), 1),
        "fecha_emision": HOY,
        "monto_total": Decimal("35400"),
        "fecha_hora": FIRMA,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rnc_emisor": "13188073"}, ("/rnc_emisor", "ECF-0211")),
        ({"rnc_comprador": "١٣١٨٨٠٦٨١"}, ("/rnc_comprador", "ECF-0211")),
        ({"rechazo": "Ñ" * 251}, ("/detalle_motivo_rechazo", "ECF-0205")),
        ({"rechazo": ""}, ("/detalle_motivo_rechazo", "ECF-0201")),
        ({"rechazo": "a\u0000b"}, ("/detalle_motivo_rechazo", "ECF-0202")),
        ({"monto_total": Decimal("-0.01")}, ("/monto_total", "ECF-0209")),
        ({"monto_total": Decimal("NaN")}, ("/monto_total", "ECF-0209")),
        ({"monto_total": Decimal(10) ** 16}, ("/monto_total", "ECF-0207")),
        ({"fecha_emision": date(1999, 12, 31)}, ("/fecha_emision", "ECF-0208")),
        ({"encf": ENCF(TipoECF(31), 0)}, ("/encf", "ECF-1107")),
    ],
)
def test_facts_that_cannot_be_are_named(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused(acecf, **approval(**changes)) == {expected}


@pytest.mark.parametrize(
    ("ranges", "code"),
    [
        ([], "ECF-0107"),
        ([((31, 5), (31, 4))], "ECF-1101"),
        ([((31, 5), (32, 6))], "ECF-1102"),
        ([((31, 0), (31, 6))], "ECF-1102"),
        ([((31, 1), (31, 6)), ((31, 6), (31, 9))], "ECF-1105"),
        ([((31, 2 * n), (31, 2 * n)) for n in range(1, 10_002)], "ECF-0107"),
    ],
)
def test_ranges_that_cannot_be_voided(ranges: list[tuple[tuple[int, int], tuple[int, int]]], code: str) -> None:
    rangos = [(ENCF(TipoECF(a), b), ENCF(TipoECF(c), d)) for (a, b), (c, d) in ranges]
    assert code in {one for _, one in refused(anecf, rnc_emisor=EMISOR, rangos=rangos, fecha_hora=FIRMA)}


def test_ten_thousand_ranges_of_each_type_are_voided() -> None:
    rangos = [(ENCF(tipo, 2 * n), ENCF(tipo, 2 * n)) for tipo in TipoECF for n in range(1, 10_001)]
    document = anecf(rnc_emisor=EMISOR, rangos=rangos, fecha_hora=FIRMA)
    assert document.text("cantidad_encf_anulados") == "100000"
    assert faults(etree.fromstring(write(document)), "ANECF") == []


@pytest.mark.skipif(not SET_A.exists(), reason=MISSING)
@pytest.mark.parametrize("row", [pytest.param(row, id=row["eNCF"]) for row in rows("ACECF")])
def test_a_row_of_the_approval_sheet_becomes_its_xml(row: dict[str, str]) -> None:
    issued = day(row["FechaEmision"])
    assert issued is not None
    document = acecf(
        rnc_emisor=row["RNCEmisor"],
        rnc_comprador=row["RNCComprador"],
        encf=ENCF.parse(row["eNCF"]),
        fecha_emision=issued,
        monto_total=Decimal(row["MontoTotal"]),
        fecha_hora=read_moment(row["FechaHoraAprobacionComercial"]),
        rechazo=row.get("DetalleMotivoRechazo"),
    )
    root = etree.fromstring(write(document))
    assert faults(root, "ACECF") == []
    (detail,) = root
    assert {element.tag: element.text for element in detail} == {key: held for key, held in row.items() if key != "CasoPrueba"}


def test_what_is_read_from_an_answer() -> None:
    document = acecf(**approval())
    assert (document.rnc_emisor, document.rnc_comprador) == (EMISOR, COMPRADOR)
    assert (str(document.encf), document.tipo) == ("E310000000001", TipoECF.CREDITO_FISCAL)
    assert (document.monto_total, document.fecha_emision) == (Decimal("35400.00"), HOY)
