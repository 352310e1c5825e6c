"""The way in as a whole: what stops an emission, what only travels along as a finding, and what it costs."""

import subprocess
import sys

import pytest

from shared.ecf.emission import prepare
from shared.ecf.findings import Verdict
from shared.ecf.types import TipoECF
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, HOY, body, line


def test_a_good_body_becomes_a_draft() -> None:
    draft = prepare(body(), emisor=EMISOR, today=HOY)
    assert (draft.tipo, str(draft.monto_total), draft.findings) == (TipoECF.CREDITO_FISCAL, "1180.00", ())


def test_what_dgii_would_refuse_stops_the_emission_with_every_reason() -> None:
    payload = body(31, line(), line(descuento_monto="1.00"), totales={"monto_gravado_i2": "50.00"})
    del payload["id_doc"]["indicador_monto_gravado"]
    with pytest.raises(InvalidInput) as refused:
        prepare(payload, emisor=EMISOR, today=HOY)
    assert {(one.pointer, one.code) for one in refused.value.errors} == {
        ("/items/1/descuento_monto", "ECF-2011"),
        ("/totales/monto_gravado_i2", "ECF-2111"),
        ("/id_doc/indicador_monto_gravado", "ECF-1021"),
    }


def test_what_dgii_would_accept_conditionally_is_listed_and_goes_on() -> None:
    draft = prepare(body(totales={"monto_total": "1300.00"}), emisor=EMISOR, today=HOY)
    assert [(one.pointer, one.verdict) for one in draft.findings] == [("/totales/monto_total", Verdict.CONDITIONAL)]
    assert str(draft.monto_total) == "1300.00"


def test_a_strict_caller_has_it_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        prepare(body(totales={"monto_total": "1300.00"}), emisor=EMISOR, today=HOY, strict=True)
    assert [one.pointer for one in refused.value.errors] == ["/totales/monto_total"]


def test_the_way_in_needs_no_xml_library() -> None:
    script = (
        "import sys, shared.ecf.emission, shared.ecf.qr, shared.ecf.rfce; print('lxml' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "False"
