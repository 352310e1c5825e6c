"""The tenant's look: readable colours only, and a door that keeps, answers and takes back what was chosen."""

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from functions.ri.appearance import LARGEST_LOGO, checked_accent, contrast_on_white
from shared.db.ids import uuid7
from shared.errors import InvalidInput
from shared.identity.permissions import Permission
from tests.functions.ri.case import Case
from tests.functions.ri.documents import picture, xml_31
from tests.house import House


@pytest.mark.parametrize(("colour", "contrast"), [("#ffffff", 1.0), ("#000000", 21.0), ("#777777", 4.478)])
def test_contrast_is_that_of_the_published_formula(colour: str, contrast: float) -> None:
    assert contrast_on_white(colour) == pytest.approx(contrast, abs=0.001)


@pytest.mark.parametrize(
    ("colour", "code"),
    [
        ("#777777", "accent-contrast"),
        ("#ffff00", "accent-contrast"),
        ("red", "accent"),
        ("#12345", "accent"),
        ("#1f3a5f;", "accent"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused(colour: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_accent(colour)
    assert [error.code for error in refused.value.errors] == [code]


def test_a_dark_colour_is_taken_in_small_letters() -> None:
    assert checked_accent("#1F3A5F") == "#1f3a5f"


@dataclass(frozen=True)
class Door:
    house: House
    tenant: str

    def ask(self, method: str, body: Any = None, *permissions: Permission) -> Any:
        headers = self.house.token(self.tenant, *permissions)
        return self.house.client("ri").request(method, "/tenant/ri/appearance", json=body, headers=headers)


@pytest.fixture
def door(house: House) -> Door:
    return Door(house, uuid7())


def encoded(logo: bytes) -> str:
    return base64.b64encode(logo).decode()


def test_what_was_chosen_is_answered_replaced_and_taken_back(door: Door) -> None:
    nothing = {"accent": None, "logo": None}
    assert door.ask("GET").json() == nothing
    put = door.ask("PUT", {"accent": "#7A1F1F", "logo": encoded(picture("JPEG"))})
    assert (put.status_code, put.json()["accent"]) == (200, "#7a1f1f")
    assert base64.b64decode(put.json()["logo"])[:4] == b"\x89PNG"
    assert door.ask("GET").json() == put.json()
    assert Door(door.house, uuid7()).ask("GET").json() == nothing, "it is another tenant's"
    assert door.ask("PUT", {"accent": "#1f3a5f"}).json() == {"accent": "#1f3a5f", "logo": None}
    assert door.ask("DELETE").status_code == 204
    assert door.ask("GET").json() == nothing


def test_the_print_takes_the_chosen_look_and_passes_the_linter(house: House) -> None:
    case = Case(house, uuid7(), uuid7(), xml_31())
    Door(house, case.tenant).ask("PUT", {"accent": "#7a1f1f", "logo": encoded(picture(size=(200, 1000)))})
    case.accepted()
    plain = Case(house, uuid7(), uuid7(), xml_31())
    plain.accepted()
    assert case.get().status_code == 200
    assert len(case.get().content) != len(plain.get().content)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"accent": "#eeeeee"}, "accent-contrast"),
        ({"logo": "<svg onload=alert(1)>"}, "logo-unreadable"),
        ({"logo": encoded(b"GIF89a" + bytes(100))}, "logo-unreadable"),
        ({"logo": encoded(picture(size=(2500, 2500)))}, "logo-pixels"),
        ({"logo": encoded(picture(size=(8, 300)))}, "logo-small"),
    ],
)
def test_a_bad_choice_is_refused_and_nothing_changes(door: Door, body: dict[str, str], code: str) -> None:
    answer = door.ask("PUT", body)
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
    assert door.ask("GET").json() == {"accent": None, "logo": None}


def test_a_large_logo_and_an_unknown_member_are_refused_at_the_door(door: Door) -> None:
    assert door.ask("PUT", {"logo": "A" * (2 * LARGEST_LOGO)}).status_code == 422
    assert door.ask("PUT", {"css": "body{}"}).status_code == 422


def test_choosing_takes_its_own_permission(door: Door) -> None:
    assert door.ask("PUT", {}, Permission.PRINTED_READ).status_code == 403
    assert door.ask("DELETE", None, Permission.PRINTED_READ).status_code == 403
    assert door.ask("GET", None, Permission.PRINTED_READ).status_code == 200
