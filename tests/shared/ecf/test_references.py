"""Notes against the document they correct: balance, buyer, dates, and no way around them by several notes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.findings import Verdict
from shared.ecf.references import Original, check_against
from shared.ecf.types import TipoECF
from tests.shared.ecf.bodies import EMISOR, HOY, good, line_of
from tests.shared.ecf.effort import tries
from tests.shared.ecf.examples_documents import ORIGINAL

FULL = settings(max_examples=tries(60, 10_000), deadline=None)


def findings(original: Original, tipo: int = 34, **changes: Any) -> dict[str, tuple[str, str | None]]:
    document = prepare({**good(tipo), **changes}, emisor=EMISOR, today=HOY).document
    return {one.pointer: (one.code, one.codigo_dgii) for one in check_against(document, original)}


def credit(amount: Decimal, original: Original) -> bool:
    """Whether a credit note of an exempt amount passes."""
    line = line_of(34, indicador_facturacion=4, cantidad_item="1", precio_unitario_item=f"{amount:f}")
    payload = good(34, line)
    del payload["id_doc"]["indicador_monto_gravado"]
    document = prepare(payload, emisor=EMISOR, today=HOY).document
    return all(one.verdict is not Verdict.REFUSED for one in check_against(document, original))


@FULL
@given(
    st.decimals("0.01", "99999.99", places=2),
    st.lists(st.tuples(st.sampled_from(["credit", "debit"]), st.decimals("0.01", "60000", places=2)), max_size=6),
)
def test_credit_notes_never_give_back_more_than_was_charged(total: Decimal, notes: list[tuple[str, Decimal]]) -> None:
    original = replace(ORIGINAL, monto_total=total)
    for kind, amount in notes:
        if kind == "debit":
            original = replace(original, debited=original.debited + amount)
            continue
        passes = credit(amount, original)
        assert passes == (amount <= original.saldo)
        if passes:
            original = replace(original, credited=original.credited + amount)
        assert original.credited <= original.monto_total + original.debited


@pytest.mark.parametrize("days", [0, 1, 29, 30, 31, 400])
def test_the_indicator_follows_the_age_of_the_original(days: int) -> None:
    issued = HOY - timedelta(days=days)
    payload = good(34)
    payload["informacion_referencia"]["fecha_ncf_modificado"] = issued.isoformat()
    for indicator in (0, 1):
        payload["id_doc"]["indicador_nota_credito"] = indicator
        right = indicator == (days > 30)
        if right:
            assert findings(replace(ORIGINAL, fecha_emision=issued), **payload) == {}
        else:
            found = findings(replace(ORIGINAL, fecha_emision=issued), **_undated(payload))
            assert found["/id_doc/indicador_nota_credito"] == ("ECF-1023", "156")


def _undated(payload: dict[str, Any]) -> dict[str, Any]:
    """The same note with a wrong date of its original, under which its indicator would be right."""
    wrong = HOY - timedelta(days=31 if payload["id_doc"]["indicador_nota_credito"] else 0)
    return {**payload, "informacion_referencia": {**payload["informacion_referencia"], "fecha_ncf_modificado": wrong.isoformat()}}


def test_the_buyer_is_that_of_the_original_by_rnc_or_by_foreign_identifier() -> None:
    assert findings(replace(ORIGINAL, rnc_comprador=None)) == {"/comprador/rnc_comprador": ("ECF-1082", "615")}
    foreign = replace(ORIGINAL, rnc_comprador=None, identificador_extranjero="P1")
    assert findings(foreign) == {"/comprador/identificador_extranjero": ("ECF-1082", "615")}


def test_an_anonymous_consumo_has_an_anonymous_note() -> None:
    payload = good(34)
    payload["informacion_referencia"]["ncf_modificado"] = "E320000000001"
    del payload["comprador"]
    original = replace(ORIGINAL, encf=ENCF(TipoECF.CONSUMO, 1), tipo=TipoECF.CONSUMO, rnc_comprador=None)
    document = prepare(payload, emisor=EMISOR, today=HOY).document
    assert document.razon_social_comprador == "CONSUMIDOR FINAL"
    assert check_against(document, original) == ()


@pytest.mark.parametrize("tipo", [33, 34])
def test_both_notes_want_an_accepted_original_with_its_date(tipo: int) -> None:
    pointer = "/informacion_referencia"
    assert findings(replace(ORIGINAL, accepted=False), tipo) == {f"{pointer}/ncf_modificado": ("ECF-1081", "614")}
    wrong = findings(replace(ORIGINAL, fecha_emision=date(2026, 11, 3)), tipo)
    assert wrong == {f"{pointer}/fecha_ncf_modificado": ("ECF-1083", "634")}


def test_a_debit_note_may_be_larger_than_its_original() -> None:
    assert findings(replace(ORIGINAL, monto_total=Decimal("0.01")), 33) == {}


def test_a_document_without_reference_is_not_judged() -> None:
    document = prepare(good(31), emisor=EMISOR, today=HOY).document
    assert check_against(document, ORIGINAL) == ()
