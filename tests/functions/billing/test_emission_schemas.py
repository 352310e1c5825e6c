"""Emission by the schemas of a folder: what they refuse is refused, and the invoice says which of them it was checked with."""

import hashlib
from pathlib import Path

import pytest

from shared.ecf.schema import SchemaMissing, identity
from tests.data.schemas import folder_of
from tests.functions.billing.bodies import BUYER, CONSUMO, FACTURA, altered
from tests.house import House

ADDRESSED = altered(FACTURA, "/comprador", BUYER | {"direccion_comprador": "Calle Segunda 2"})
UNUSED = {"ranges": [{"tipo_ecf": 31, "desde": 90, "hasta": 90}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The 31 must say where its buyer lives, an ANECF is never right."""
    made = folder_of(tmp_path, ecf31="DireccionComprador")
    anecf = made / "anecf.xsd"
    anecf.write_text(anecf.read_text(encoding="utf-8").replace('name="RncEmisor"', 'name="RNCEmisor"'), encoding="utf-8")
    return made


@pytest.fixture
def strict(fresh: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("SCHEMA_FOLDER", str(folder))
    return fresh


def test_the_folders_schema_refuses_what_the_built_in_one_takes_and_is_kept_with_what_it_takes(strict: House, folder: Path) -> None:
    tenant = strict.company()
    refused = strict.emit(tenant, FACTURA)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "schema")
    asked = "/tenant/emit/ecf?validate_only=true"
    rehearsed = strict.client("billing").post(asked, json=FACTURA, headers=strict.token(tenant))
    assert (rehearsed.status_code, rehearsed.json()["errors"]) == (422, refused.json()["errors"])
    made = strict.emit(tenant, ADDRESSED).json()
    assert (made["estado"], made["encf"]) == ("firmado", "E310000000001")
    data = (folder / "ecf31.xsd").read_bytes()
    assert (made["schema_version"], made["schema_sha256"]) == ("1.0", hashlib.sha256(data).hexdigest())
    assert made["schema_sha256"] != identity("31").sha256
    assert strict.emit(tenant, CONSUMO).json()["schema_sha256"] == identity("32", folder).sha256


def test_a_voiding_is_judged_by_the_folder_too(strict: House) -> None:
    tenant = strict.company()
    answer = strict.client("billing").post("/tenant/sequences/voidings", json=UNUSED, headers=strict.token(tenant))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "schema")


def test_the_signer_judges_by_a_folder_of_its_own(fresh: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_FOLDER", str(folder))
    fresh.address("sign")
    fresh.client("sign")
    monkeypatch.setenv("SCHEMA_FOLDER", "")
    tenant = fresh.company()
    refused = fresh.emit(tenant, FACTURA)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:getupnet:signing-refused")
    assert "DireccionComprador" in refused.json()["detail"]
    assert fresh.emit(tenant, ADDRESSED).json()["encf"] == "E310000000001"


@pytest.mark.parametrize("function", ["billing", "sign", "sandbox"])
def test_a_function_does_not_start_with_a_folder_that_lacks_a_schema(
    fresh: House, folder: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    (folder / "ecf45.xsd").unlink()
    monkeypatch.setenv("SCHEMA_FOLDER", str(folder))
    with pytest.raises(SchemaMissing, match=f"0 schemas for 45 in {folder}"):
        fresh.client(function)
