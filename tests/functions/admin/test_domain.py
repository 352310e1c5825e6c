"""A company's life: every step and every refusal, whatever the order; its number and its link."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.admin import domain
from functions.admin.domain import Act, ChangeRefused, Company
from shared.errors import InvalidInput
from shared.identity.standing import Estado
from tests.house import a_rnc

ALLOWED = {
    (Estado.ACTIVA, Act.SUSPEND): Estado.SUSPENDIDA,
    (Estado.SUSPENDIDA, Act.RESUME): Estado.ACTIVA,
    (Estado.SUSPENDIDA, Act.SEAL): Estado.SELLADA,
    (Estado.ACTIVA, Act.RESUME): None,
    (Estado.SUSPENDIDA, Act.SUSPEND): None,
    (Estado.SELLADA, Act.SEAL): None,
}


@pytest.mark.parametrize(("estado", "act"), list(product(Estado, Act)))
def test_every_act_in_every_state(estado: Estado, act: Act) -> None:
    if (estado, act) in ALLOWED:
        assert domain.after(estado, act) == ALLOWED[estado, act]
    else:
        with pytest.raises(ChangeRefused) as refused:
            domain.after(estado, act)
        assert str(refused.value.facts["reason"]).endswith((".", "séllela."))


@given(st.lists(st.sampled_from(list(Act))))
def test_whatever_is_asked_a_seal_is_the_end_and_comes_after_a_suspension(acts: list[Act]) -> None:
    estado = Estado.ACTIVA
    for act in acts:
        try:
            following = domain.after(estado, act) or estado
        except ChangeRefused:
            following = estado
        if estado is Estado.SELLADA:
            assert following is Estado.SELLADA
        elif following is Estado.SELLADA:
            assert estado is Estado.SUSPENDIDA
        estado = following


def test_a_number_whose_digit_fails_wants_a_confirmation() -> None:
    good = a_rnc()
    wrong = good[:8] + str((int(good[8]) + 1) % 10)
    assert domain.rnc_warnings(good, confirmed=False) == []
    with pytest.raises(InvalidInput) as refused:
        domain.rnc_warnings(wrong, confirmed=False)
    assert [(e.pointer, "confirm_rnc" in e.detail) for e in refused.value.errors] == [("/rnc", True)]
    (warning,) = domain.rnc_warnings(wrong, confirmed=True)
    assert (warning.pointer, warning.code) == ("/rnc", "rnc-check-digit")


def company(**given: object) -> Company:
    contact = ("nombre_comercial", "municipio", "provincia", "telefono", "correo")
    empty = dict.fromkeys((*contact, "envio_diferido", "reason", "by", "since", "linked_to"))
    fields = empty | {
        "id": "c",
        "rnc": "131880681",
        "environment": "testecf",
        "razon_social": "X",
        "direccion": "Y",
        "estado": Estado.ACTIVA,
        "created_at": datetime.now(UTC),
    }
    return Company(**fields | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environment", "other"),
    [
        ("testecf", company()),
        ("certecf", company()),
        ("ecf", None),
        ("ecf", company(environment="ecf")),
        ("ecf", company(rnc="101000001")),
        ("ecf", company(estado=Estado.SELLADA)),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(environment: str, other: Company | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        domain.check_link(environment, "131880681", other)
    assert [e.pointer for e in refused.value.errors] == ["/linked_to"]


@pytest.mark.parametrize("environment", ["testecf", "certecf"])
def test_production_is_linked_to_the_test_company_of_the_same_number(environment: str) -> None:
    domain.check_link("ecf", "131880681", company(environment=environment))
