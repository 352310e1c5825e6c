"""Every type of e-CF is numbered from its own range, signed, validated in the same words and listed."""

from random import Random

import pytest

from shared.ecf.types import TipoECF
from tests.functions.billing.batches import an_original, get
from tests.functions.billing.bodies import CONSUMO, FACTURA, credit, debit
from tests.house import House
from tests.shared.ecf.any_body import plausible_body


@pytest.fixture(scope="module")
def tenant(house: House) -> str:
    made = house.company(ranges=False)
    for tipo in TipoECF:
        answer = house.register_range(made, int(tipo), 1, 100)
        assert answer.status_code == 201, answer.text
    house.settle()
    return made


@pytest.mark.parametrize("tipo", list(TipoECF), ids=str)
def test_every_type_is_validated_emitted_and_listed(house: House, tenant: str, tipo: TipoECF) -> None:
    if tipo in (TipoECF.NOTA_CREDITO, TipoECF.NOTA_DEBITO):
        original = an_original(house, tenant)
        body = (credit if tipo is TipoECF.NOTA_CREDITO else debit)(original["encf"], original["fecha"])
    else:
        known = {TipoECF.CREDITO_FISCAL: FACTURA, TipoECF.CONSUMO: CONSUMO}
        body = known.get(tipo) or plausible_body(f"{tipo:d}", Random(3), 0.0)
    path = "/tenant/emit/ecf?validate_only=true"
    told = house.client("billing").post(path, json=body, headers=house.token(tenant))
    assert (told.status_code, told.json().get("emits")) == (200, True), told.text
    made = house.emit(tenant, body)
    assert made.status_code == 201, made.text
    assert (made.json()["encf"][:3], made.json()["encf"], made.json()["estado"]) == (f"E{tipo:d}", told.json()["encf"], "firmado")
    printed = house.client("billing").get(f"/tenant/invoices/{made.json()['id']}/xml", headers=house.token(tenant)).text
    assert ("FechaVencimientoSecuencia" in printed) == (tipo not in (TipoECF.CONSUMO, TipoECF.NOTA_CREDITO))
    listed = get(house, tenant, f"/tenant/invoices?encf={made.json()['encf']}")["items"]
    assert [invoice["tipo_ecf"] for invoice in listed] == [int(tipo)]


@pytest.mark.parametrize("tipo", list(TipoECF), ids=str)
def test_a_range_of_every_type_ends(house: House, tenant: str, tipo: TipoECF) -> None:
    answer = house.register_range(tenant, int(tipo), 500, 600, None)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/vencimiento")
