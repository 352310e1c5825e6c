"""What the server insists on beyond its schemas: each remark for what it names, and none for a document as it should be."""

import pytest
from lxml import etree

from functions.sandbox.domain import Mensaje, facts_of
from functions.sandbox.remarks import annulling_debit, remarks
from functions.sandbox.sums import content_messages
from tests.data.documents import invoice, summary, today

NOTE = {
    "<IndicadorMontoGravado>": "<IndicadorNotaCredito>0</IndicadorNotaCredito><IndicadorMontoGravado>",
    "<FechaHoraFirma>": (
        f"<InformacionReferencia><NCFModificado>E310000000001</NCFModificado><FechaNCFModificado>{today()}</FechaNCFModificado>"
        "<CodigoModificacion>3</CodigoModificacion></InformacionReferencia><FechaHoraFirma>"
    ),
}
WITHHELD = "<Retencion><IndicadorAgenteRetencionoPercepcion>1</IndicadorAgenteRetencionoPercepcion>{}</Retencion><NombreItem>"
TAXES = "<TablaImpuestoAdicional><ImpuestoAdicional><TipoImpuesto>006</TipoImpuesto></ImpuestoAdicional></TablaImpuestoAdicional>"
CREDIT = {"<TipoPago>1</TipoPago>": "<TipoPago>2</TipoPago>"}


def changed(xml: bytes, changes: dict[str, str]) -> etree._Element:
    text = xml.decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return etree.fromstring(text.encode())


def said(root: etree._Element) -> list[Mensaje]:
    facts = facts_of(root, "ABCDEF")
    return [*annulling_debit(root), *remarks(root, facts), *content_messages(root, facts)]


def codes(tipo: int, changes: dict[str, str], *, buyer: str = "131880681") -> list[str]:
    return [m.codigo for m in said(changed(invoice(f"E{tipo}0000000001", buyer=buyer), changes))]


@pytest.mark.parametrize(
    ("tipo", "changes", "expected"),
    [
        (31, {}, []),
        (31, {"<IndicadorMontoGravado>0</IndicadorMontoGravado>": ""}, ["176"]),
        (46, {"<IndicadorMontoGravado>0</IndicadorMontoGravado>": ""}, []),
        (31, CREDIT, ["1100"]),
        (31, {"<TipoPago>1</TipoPago>": "<TipoPago>2</TipoPago><FechaLimitePago>01-01-2020</FechaLimitePago>"}, ["1100"]),
        (31, {"<TipoPago>1</TipoPago>": f"<TipoPago>2</TipoPago><FechaLimitePago>{today()}</FechaLimitePago>"}, []),
        (31, {"<MontoGravadoI1>1000.00</MontoGravadoI1>": ""}, ["1930"]),
        (31, {"</MontoTotal>": "</MontoTotal><MontoPeriodo>1190.00</MontoPeriodo>"}, ["11123"]),
        (
            31,
            {"</MontoTotal>": "</MontoTotal><MontoNoFacturable>10.00</MontoNoFacturable><MontoPeriodo>1190.00</MontoPeriodo>"},
            [],
        ),
        (31, {"</MontoItem>": f"</MontoItem>{TAXES}"}, ["2150"]),
        (31, {"<CantidadItem>": "<UnidadMedida>18</UnidadMedida><CantidadItem>", "</MontoItem>": f"</MontoItem>{TAXES}"}, []),
        (41, {"<NombreItem>": WITHHELD.format("")}, ["260"]),
        (41, {"<NombreItem>": WITHHELD.format("<MontoITBISRetenido>0.00</MontoITBISRetenido>")}, []),
        (47, {"<IndicadorBienoServicio>2": "<IndicadorBienoServicio>1"}, ["294"]),
        (47, {"<NombreItem>": WITHHELD.format("<MontoISRRetenido>270.00</MontoISRRetenido>")}, ["11170"]),
        (
            47,
            {
                "<NombreItem>": WITHHELD.format("<MontoISRRetenido>270.00</MontoISRRetenido>"),
                "</MontoTotal>": "</MontoTotal><TotalISRRetencion>270.00</TotalISRRetencion>",
            },
            [],
        ),
        (34, NOTE, []),
        (34, NOTE | {"<TipoIngresos>01</TipoIngresos>": ""}, ["181"]),
        (34, NOTE | {"<RazonSocialComprador>COMPRADOR &amp; CÍA</RazonSocialComprador>": ""}, ["1406"]),
        (34, NOTE | {f"<FechaNCFModificado>{today()}": "<FechaNCFModificado>01-01-2020"}, ["156"]),
        (34, NOTE | {"<IndicadorNotaCredito>0": "<IndicadorNotaCredito>1"}, ["156"]),
        (34, NOTE | {"<CodigoModificacion>3": "<CodigoModificacion>4"}, ["613"]),
        (31, NOTE | {"<CodigoModificacion>3": "<CodigoModificacion>5"}, ["613"]),
        (31, NOTE | {"<CodigoModificacion>3": "<CodigoModificacion>5", "<NCFModificado>E31": "<NCFModificado>E32"}, []),
        (33, NOTE | {"<CodigoModificacion>3": "<CodigoModificacion>1"}, ["64"]),
    ],
)
def test_each_remark_is_made_for_what_it_names(tipo: int, changes: dict[str, str], expected: list[str]) -> None:
    assert codes(tipo, changes) == expected


def test_a_buyer_that_no_registry_can_hold_is_accepted_with_a_remark() -> None:
    (remark,) = said(changed(invoice("E310000000001", buyer="131880682"), {}))
    assert (remark.codigo, remark.refuses) == ("1385", False)
    named = {"<Comprador/>": "<Comprador><RNCComprador>131880682</RNCComprador></Comprador>"}
    assert [m.codigo for m in said(changed(summary("E320000000001", "ABCDEF"), named))] == ["1385"]


def test_a_debit_note_that_would_annul_leaves_its_number_free() -> None:
    root = changed(invoice("E330000000001"), NOTE | {"<CodigoModificacion>3": "<CodigoModificacion>1"})
    (refusal,) = annulling_debit(root)
    assert (refusal.valor, refusal.refuses, refusal.spends) == ("", True, False)
