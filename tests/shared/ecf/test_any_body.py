"""Whatever combination of fields comes in, it is refused with reasons or it becomes XML that the schema takes."""

import random

import pytest
from lxml import etree

from shared.ecf.amounts import compute
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.fields import KINDS
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.rules import check
from shared.ecf.schema import faults
from shared.ecf.types import TipoECF
from shared.ecf.xml import read, write
from shared.errors import InvalidInput
from tests.shared.ecf.any_body import any_body, plausible_body
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO
from tests.shared.ecf.effort import tries
from tests.shared.ecf.specimen import full, mutated

RATES = [0.02, 0.1, 0.3, 0.8]
BODIES = tries(120, 3000)


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_what_is_not_refused_is_valid_xml_and_comes_back(tipo: TipoECF) -> None:
    kind, accepted = f"{tipo:d}", 0
    for seed in range(BODIES):
        chance = random.Random(seed)
        try:
            draft = prepare(plausible_body(kind, chance, chance.choice(RATES)), emisor=EMISOR, today=HOY)
        except InvalidInput as refused:
            assert refused.errors, seed  # noqa: PT017  one of two good ends
            continue
        accepted += 1
        document = draft.document.numbered(ENCF(tipo, seed + 1), vencimiento=VENCIMIENTO, firma=FIRMA)
        root = etree.fromstring(write(document))
        assert faults(root, kind) == [], seed
        assert read(root) == document, seed
        again, findings = compute(document)
        assert again == document, seed
        assert {one.code for one in findings} <= {one.code for one in draft.findings}, seed
        if travels_as_rfce(document):
            summary = summarise(document, "AAAAAA")
            root = etree.fromstring(write(summary))
            assert faults(root, "RFCE") == [], seed
            assert read(root) == summary, seed
    assert accepted >= tries(90, 2000)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_schema_lets_pass_is_judged_without_a_crash_and_comes_back(kind: str) -> None:
    seen = 0
    for change, root in mutated(kind, 7, tries(60, 3000)):
        tipo = root.find("Encabezado/IdDoc/TipoeCF")
        if kind.isdigit() and tipo is not None:
            tipo.text = kind
        if faults(root, kind):
            continue
        document = read(root)
        check(compute(document)[0], today=HOY)
        assert read(etree.fromstring(write(document))) == document, change
        seen += 1
    assert seen > 5


@pytest.mark.parametrize(("text", "code"), [("1-1-2026", None), ("31-02-2026", "ECF-0208")])
def test_dates_that_only_the_schema_takes(text: str, code: str | None) -> None:
    root = full("31")
    root.find("Encabezado/IdDoc/TipoeCF").text = "31"  # type: ignore[union-attr]
    root.find("Encabezado/Emisor/FechaEmision").text = text  # type: ignore[union-attr]
    assert faults(root, "31") == []
    document, _ = compute(read(root))
    found = [one.code for one in check(document, today=HOY) if one.pointer == "/emisor/fecha_emision"]
    assert found == ([code] if code else [])


@pytest.mark.parametrize("tipo", list(TipoECF))
def test_wild_bodies_end_in_reasons_or_in_valid_xml(tipo: TipoECF) -> None:
    kind = f"{tipo:d}"
    for seed in range(tries(40, 600)):
        chance = random.Random(seed)
        try:
            draft = prepare(any_body(kind, chance, chance.choice(RATES)), emisor=EMISOR, today=HOY)
        except InvalidInput as refused:
            assert refused.errors, seed  # noqa: PT017  one of two good ends
            continue
        document = draft.document.numbered(ENCF(tipo, seed + 1), vencimiento=VENCIMIENTO, firma=FIRMA)
        root = etree.fromstring(write(document))
        assert faults(root, kind) == [], seed
        assert read(root) == document, seed
