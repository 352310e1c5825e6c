"""DGII's own certification values, rebuilt through the public way: body → parse → compute → number → XML."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from shared.ecf.amounts import compute
from shared.ecf.document import Document, parse
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.findings import Verdict
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.schema import faults
from shared.ecf.values import day
from shared.ecf.xml import read, write
from tests.shared.ecf.bodies import FIRMA, HOY
from tests.shared.ecf.sheet import MISSING, SET_A, body_of, reference, rows

pytestmark = pytest.mark.skipif(not SET_A.exists(), reason=MISSING)
ECF = [pytest.param(row, id=row["ENCF"]) for row in rows("ECF")]
RFCE = [pytest.param(row, id=row["ENCF"]) for row in rows("RFCE")]


def flat(element: etree._Element) -> list[tuple[str, str | None]]:
    return [(str(one.tag), one.text) for one in element.iter()]


def rebuilt(row: dict[str, str], body: dict[str, Any] | None = None) -> Document:
    emisor = {"rnc_emisor": row["RNCEmisor"]}
    document, _ = compute(parse(body or body_of(row, row["TipoeCF"]), emisor=emisor, today=HOY))
    expiry = day(row["FechaVencimientoSecuencia"]) if "FechaVencimientoSecuencia" in row else None
    return document.numbered(ENCF.parse(row["ENCF"]), vencimiento=expiry, firma=FIRMA)


@pytest.mark.parametrize("row", ECF)
def test_a_row_of_the_sheet_becomes_the_reference_xml(row: dict[str, str]) -> None:
    written = write(rebuilt(row))
    root = etree.fromstring(written)
    assert flat(root) == flat(reference(row, "ECF"))
    assert faults(root, row["TipoeCF"]) == []


@pytest.mark.parametrize("row", ECF)
def test_what_was_written_is_read_back(row: dict[str, str]) -> None:
    document = rebuilt(row)
    assert read(etree.fromstring(write(document))) == document


@pytest.mark.parametrize("row", ECF)
def test_a_row_passes_every_rule_without_refusal_or_condition(row: dict[str, str]) -> None:
    draft = prepare(body_of(row, row["TipoeCF"]), emisor={"rnc_emisor": row["RNCEmisor"]}, today=HOY)
    assert [one for one in draft.findings if one.verdict is not Verdict.WARNING] == []


@pytest.mark.parametrize("row", ECF)
def test_totals_left_out_are_computed_within_a_cent_of_the_sheet(row: dict[str, str]) -> None:
    body = deepcopy(body_of(row, row["TipoeCF"]))
    sent = body.pop("totales")
    for line in body["items"]:
        line.pop("monto_item")
        line.pop("descuento_monto", None)
    if "impuestos_adicionales" in sent:
        rates = [
            {name: tax[name] for name in ("tipo_impuesto", "tasa_impuesto_adicional")} for tax in sent["impuestos_adicionales"]
        ]
        body["totales"] = {"impuestos_adicionales": rates}
    totals = rebuilt(row, body).tree["totales"]
    assert isinstance(totals, dict)
    # Optional ones that a caller has to ask for; the rest must come by itself.
    asked = {"monto_periodo", "valor_pagar"}
    assert set(sent) - asked == set(totals) - asked
    for name, held in totals.items():
        if isinstance(held, str) and name in sent:
            assert abs(Decimal(held) - Decimal(sent[name])) <= Decimal("0.01"), name


@pytest.mark.parametrize("row", RFCE)
def test_the_summary_of_a_consumo_is_the_reference_summary(row: dict[str, str]) -> None:
    (whole,) = [one for one in rows("ECF") if one["ENCF"] == row["ENCF"]]
    document = rebuilt(whole)
    assert travels_as_rfce(document)
    root = etree.fromstring(write(summarise(document, "AAAAAA")))
    assert flat(root) == flat(reference(row, "RFCE"))
    assert faults(root, "RFCE") == []
