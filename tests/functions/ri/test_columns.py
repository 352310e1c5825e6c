"""Widths of columns: nothing leaves the sheet, and little room makes everything smaller before anything breaks."""

from decimal import Decimal
from typing import Any

from functions.ri.columns import WIDTH, Setting
from functions.ri.sheet import compose
from shared.ecf.gate import parse
from shared.ecf.xml import read
from tests.functions.ri.documents import BEER, BUYER, CODE, LINE, RATES, document_xml


def setting(items: list[dict[str, Any]], **more: object) -> Setting:
    return compose(read(parse(document_xml(31, items, BUYER, **more))), CODE).setting


def test_columns_never_leave_the_sheet_and_shrink_before_they_break() -> None:
    huge = BEER | {"precio_unitario_item": "99999999999.1234"}
    huge |= {"sub_descuentos": [{"tipo_sub_descuento": "$", "monto_sub_descuento": "1.00"}]}
    made = [setting([LINE]), setting([BEER], totales=RATES), setting([huge], totales=RATES)]
    for each in made:
        assert abs(sum(map(Decimal, each.widths)) - WIDTH) < Decimal("0.5")
        assert all(Decimal(width) > 0 for width in each.widths)
    assert [each.size for each in made] == sorted((each.size for each in made), reverse=True)
    assert made[0].size == "8"
    assert not made[0].squeezed
