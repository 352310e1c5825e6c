"""Whatever combination of fields comes in, it is refused with reasons or it becomes XML that the schema takes."""

import random

import pytest
from lxml import etree

from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.rfce import summarise, travels_as_rfce
from shared.ecf.schema import faults
from shared.ecf.types import TipoECF
from shared.ecf.xml import read, write
from shared.errors import InvalidInput
from tests.shared.ecf.any_body import any_body
from tests.shared.ecf.bodies import EMISOR, FIRMA, HOY, VENCIMIENTO

BODIES = 600


@pytest.mark.parametrize("tipo", [31, 32])
def test_what_is_not_refused_is_valid_xml_and_comes_back(tipo: int) -> None:
    accepted = 0
    for seed in range(BODIES):
        chance = random.Random(seed)
        body = any_body(str(tipo), chance, chance.choice([0.02, 0.1, 0.3, 0.8]), bare=seed % 4 > 0)
        try:
            draft = prepare(body, emisor=EMISOR, today=HOY)
        except InvalidInput as refused:
            assert refused.errors, seed  # noqa: PT017  one of two good ends
            continue
        accepted += 1
        document = draft.document.numbered(ENCF(TipoECF(tipo), seed + 1), vencimiento=VENCIMIENTO, firma=FIRMA)
        root = etree.fromstring(write(document))
        assert faults(root, str(tipo)) == [], seed
        assert read(root) == document, seed
        if travels_as_rfce(document):
            assert faults(etree.fromstring(write(summarise(document, "AAAAAA"))), "RFCE") == [], seed
    assert accepted > BODIES // 50
