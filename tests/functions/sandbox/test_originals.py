"""Notes are held against their originals."""

import pytest
from fastapi.testclient import TestClient

from shared.dgii.answers import Estado
from shared.ecf.signature import Key
from tests.data.documents import invoice, today
from tests.functions.sandbox.issuer import codes, encf, submit


def note(number: str, original: str, *, amount: int = 1000, buyer: str = "131880681") -> bytes:
    """A note of `amount` and its ITBIS on an invoice of 1,000.00 and its ITBIS."""
    figures = {"price": f"{amount}.00", "itbis": f"{amount * 18 // 100}.00", "total": f"{amount * 118 // 100}.00"}
    indicator = "<IndicadorNotaCredito>0</IndicadorNotaCredito>" if number[1:3] == "34" else ""
    reference = (
        f"<InformacionReferencia><NCFModificado>{original}</NCFModificado><FechaNCFModificado>{today()}</FechaNCFModificado>"
        "<CodigoModificacion>3</CodigoModificacion></InformacionReferencia>"
    )
    xml = invoice(number, buyer=buyer, **figures).decode()  # type: ignore[arg-type]
    xml = xml.replace("<IndicadorMontoGravado>", f"{indicator}<IndicadorMontoGravado>")
    return xml.replace("<FechaHoraFirma>", f"{reference}<FechaHoraFirma>").encode()


@pytest.fixture
def original(sandbox: TestClient, key: Key) -> str:
    number = encf()
    assert submit(sandbox, key, invoice(number), number).estado is Estado.ACEPTADO
    return number


def test_a_note_takes_from_the_balance_until_nothing_is_left(sandbox: TestClient, key: Key, original: str) -> None:
    for tipo, amount, expected in ((34, 600, []), (34, 500, ["615"]), (33, 100, []), (34, 500, [])):
        number = encf(tipo)
        assert codes(submit(sandbox, key, note(number, original, amount=amount), number)) == expected


def test_a_note_without_its_original_or_for_another_buyer_is_refused(sandbox: TestClient, key: Key, original: str) -> None:
    number = encf(34)
    unknown = submit(sandbox, key, note(number, "E319999999998"), number)
    assert (codes(unknown), unknown.secuencia_utilizada) == (["614"], True)
    number = encf(34)
    assert codes(submit(sandbox, key, note(number, original, buyer="101000001"), number)) == ["615"]
    number = encf(34)
    assert submit(sandbox, key, note(number, "B0100000001"), number).estado is Estado.ACEPTADO


def test_a_note_says_the_day_of_its_original(sandbox: TestClient, key: Key, original: str) -> None:
    number = encf(34)
    xml = note(number, original).replace(f"<FechaNCFModificado>{today()}".encode(), b"<FechaNCFModificado>01-01-2026")
    assert codes(submit(sandbox, key, xml.replace(b"Credito>0", b"Credito>1"), number)) == ["634"]


def test_a_debit_note_that_would_annul_is_refused_without_a_word_and_may_come_again(
    sandbox: TestClient, key: Key, original: str
) -> None:
    number = encf(33)
    xml = note(number, original)
    refused = submit(sandbox, key, xml.replace(b"<CodigoModificacion>3", b"<CodigoModificacion>1"), number)
    assert (codes(refused), refused.secuencia_utilizada) == (["64"], False)
    assert submit(sandbox, key, xml, number).estado is Estado.ACEPTADO
