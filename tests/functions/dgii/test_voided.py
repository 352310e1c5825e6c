"""What DGII's words and the stretches it names say of the numbers of an ANECF."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dgii.voided import Outcome, Stretch, Verdict, stretches, verdict
from shared.dgii.services import Processed
from shared.ecf.encf import ENCF

ALL = "Las secuencias fueron anuladas correctamente."
BUT = "Las secuencias fueron anuladas correctamente. Con excepción de las secuencias del detalle"
USED = "Las secuencias que está intentando anular han sido utilizadas"


def stretch(first: int, last: int, tipo: int = 31) -> Stretch:
    return ENCF.parse(f"E{tipo}{first:010d}"), ENCF.parse(f"E{tipo}{last:010d}")


ASKED = [stretch(1, 10), stretch(20, 29)]


@pytest.mark.parametrize(
    ("done", "words", "outcome"),
    [
        (True, (ALL,), "done"),
        (True, ("Las secuencias fueron anuladas correctamente", "Gracias por utilizar el servicio."), "done"),
        (True, (ALL, "E310000000001 - E310000000010"), "done"),
        (False, (ALL,), "done"),
        (True, (BUT, "E310000000001"), "partial"),
        (True, (f"{BUT}: E310000000001",), "partial"),
        (True, (BUT.upper().replace("Ó", "O"), "e310000000001"), "partial"),
        (True, (ALL, "No fue posible anular las siguientes secuencias", "E310000000001"), "partial"),
        (True, (BUT,), "unclear"),
        (True, (BUT, "del 5 al 9"), "unclear"),
        (True, (BUT, "E320000000001"), "unclear"),
        (True, (f"E310000000001: {BUT}",), "unclear"),
        (False, (USED,), "used"),
        (False, ("No fue posible anular las siguientes secuencias", "E310000000001"), "used"),
        (False, ("Las secuencias ya fueron anuladas",), "used"),
        (False, ("La firma del documento no es válida",), "refused"),
        (False, ("El valor del campo SecuenciaeNCFDesde es mayor al del campo SecuenciaeNCFHasta",), "refused"),
    ],
)
def test_words_and_stretches_decide_and_not_how_many_messages_there_are(
    done: bool, words: tuple[str, ...], outcome: Outcome
) -> None:
    assert verdict(Processed(done, words, ""), ASKED, in_doubt=False).outcome == outcome


@pytest.mark.parametrize(
    ("words", "outcome"),
    [(USED, "done"), ("Las secuencias ya fueron anuladas", "done"), ("La firma del documento no es válida", "unclear")],
)
def test_what_may_have_arrived_before_is_perhaps_ours_and_never_free(words: str, outcome: Outcome) -> None:
    assert verdict(Processed(False, (words,), ""), ASKED, in_doubt=True) == Verdict(outcome)


@given(st.booleans(), st.lists(st.text() | st.sampled_from([ALL, BUT, USED, "E310000000001 al E310000000009"])))
def test_nothing_that_dgii_says_frees_what_may_have_arrived(done: bool, words: list[str]) -> None:
    assert verdict(Processed(done, tuple(words), ""), ASKED, in_doubt=True).outcome not in ("refused", "used")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("E310000000005 - E310000000009", [(5, 9)]),
        ("E310000000005-E310000000009", [(5, 9)]),
        ("desde E310000000005 hasta E310000000009", [(5, 9)]),
        ("Desde: E310000000005, Hasta: E310000000009", [(5, 9)]),
        ("del E310000000005 al E310000000009", [(5, 9)]),
        ("E310000000009 - E310000000005", [(5, 9)]),
        ("E310000000005, E310000000009", [(5, 5), (9, 9)]),
        ("E310000000005 E310000000009", [(5, 5), (9, 9)]),
        ("E310000000005 y E310000000009", [(5, 5), (9, 9)]),
        ("E990000000005, E31000000000", []),
        ("", []),
    ],
)
def test_numbers_are_read_as_they_are_named(words: str, named: list[tuple[int, int]]) -> None:
    assert stretches(words) == [stretch(*ends) for ends in named]


def test_ends_of_two_types_are_two_numbers() -> None:
    assert stretches("E310000000005 - E320000000009") == [stretch(5, 5), stretch(9, 9, 32)]


def test_what_is_left_out_is_named_after_the_exception_and_is_ours() -> None:
    words = (f"E310000000001 - E310000000010, {BUT}", "E310000000003 - E310000000004", "E320000000001", "E310000000025")
    found = verdict(Processed(True, words, ""), ASKED, in_doubt=False)
    assert found == Verdict("partial", (stretch(3, 4), stretch(25, 25)))
