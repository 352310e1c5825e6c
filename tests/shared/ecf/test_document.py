"""A document: what it takes from body and company, what it is numbered with, what is read from it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO, body, changed, line


def test_codes_may_be_numbers_or_text_and_keep_their_zeros() -> None:
    document = parse(changed("/id_doc/tipo_ingresos", 1), emisor=EMISOR, today=HOY)
    assert document.text("id_doc", "tipo_ingresos") == "01"
    assert parse(changed("/id_doc/tipo_pago", "1"), emisor=EMISOR, today=HOY).text("id_doc", "tipo_pago") == "1"


@pytest.mark.parametrize("held", ["2026-11-01", "01-11-2026"])
def test_dates_are_taken_in_both_forms_and_written_in_dgiis(held: str) -> None:
    document = parse(changed("/emisor/fecha_emision", held), emisor=EMISOR, today=HOY)
    assert document.text("emisor", "fecha_emision") == "01-11-2026"


def test_the_issuer_is_filled_from_the_company_and_the_day_from_the_caller() -> None:
    document = parse(body(), emisor={**EMISOR, "sucursal": "", "correo_emisor": None, "otro": 1}, today=HOY)
    assert document.tree["emisor"] == {**EMISOR, "fecha_emision": "24-11-2026"}


def test_lines_are_numbered_when_the_caller_does_not() -> None:
    document = parse(body(31, line(), line()), emisor=EMISOR, today=HOY)
    assert [row["numero_linea"] for row in document.items] == ["1", "2"]


def numbered(tipo: int = 31) -> Document:
    document, _ = compute(parse(body(tipo), emisor=EMISOR, today=HOY))
    return document.numbered(ENCF(TipoECF(tipo), 5), vencimiento=VENCIMIENTO, firma=FIRMA)


def test_numbering_adds_number_expiry_and_signing_time_in_schema_order() -> None:
    document = numbered()
    assert list(document.tree["id_doc"])[:3] == ["tipo_ecf", "encf", "fecha_vencimiento_secuencia"]
    assert document.text("id_doc", "fecha_vencimiento_secuencia") == "31-12-2028"
    assert document.text("fecha_hora_firma") == "24-11-2026 10:00:00"
    assert list(document.tree)[-1] == "fecha_hora_firma"


def test_a_consumo_has_no_expiry() -> None:
    assert numbered(32).fecha_vencimiento_secuencia is None


def test_numbering_leaves_the_draft_alone() -> None:
    draft, _ = compute(parse(body(), emisor=EMISOR, today=HOY))
    draft.numbered(ENCF(TipoECF(31), 5), vencimiento=VENCIMIENTO, firma=FIRMA)
    assert draft.text("id_doc", "encf") is None


def test_the_signing_time_is_dominican() -> None:
    draft, _ = compute(parse(body(), emisor=EMISOR, today=HOY))
    late = datetime(2026, 11, 25, 2, 30, 5, tzinfo=UTC)
    document = draft.numbered(ENCF(TipoECF(31), 5), vencimiento=VENCIMIENTO, firma=late)
    assert document.text("fecha_hora_firma") == "24-11-2026 22:30:05"
    assert document.fecha_hora_firma == late


@pytest.mark.parametrize(("tipo", "expiry"), [(32, VENCIMIENTO), (31, None)])
def test_a_number_of_another_type_or_without_expiry_is_a_mistake_of_ours(tipo: int, expiry: date | None) -> None:
    draft, _ = compute(parse(body(31), emisor=EMISOR, today=HOY))
    with pytest.raises(ValueError):
        draft.numbered(ENCF(TipoECF(tipo), 5), vencimiento=expiry, firma=FIRMA)


def test_what_others_read_from_it() -> None:
    document = numbered()
    assert document.tipo is TipoECF.CREDITO_FISCAL
    assert str(document.encf) == "E310000000005"
    assert (document.rnc_emisor, document.rnc_comprador) == ("131880738", "131880681")
    assert document.razon_social_emisor == "Empresa de Prueba, S.R.L."
    assert document.razon_social_comprador == "Cliente de Prueba"
    assert document.monto_total == Decimal("1180.00")
    assert document.fecha_emision == HOY
    assert document.fecha_vencimiento_secuencia == VENCIMIENTO
    assert document.fecha_hora_firma == FIRMA
    assert len(document.items) == 1
    assert document.codigo_seguridad is None


def test_what_is_not_there_is_said_so() -> None:
    with pytest.raises(LookupError):
        _ = parse(body(), emisor=EMISOR, today=HOY).encf
