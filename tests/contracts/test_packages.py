"""The packages the house was founded on are all used by what ships, each for real and none beside a twin."""

import ast

import pytest

from tests.places import ROOT

# The mission names them; `moto` and `pytest` serve the tests.
CHOSEN = {
    "fastapi", "mangum", "cloudevents", "pydantic", "sqlalchemy", "pg8000", "redis", "lxml", "xmlsec", "cryptography",
    "argon2", "pyotp", "jwt", "boto3", "httpx", "tenacity", "prometheus_client", "opentelemetry", "weasyprint",
}  # fmt: skip
LATER = {"tenacity": "retries inside one call to the outside come with the DGII client's next issue"}


def imported() -> set[str]:
    found: set[str] = set()
    for top in ("functions", "shared"):
        for file in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(CHOSEN - set(LATER)))
def test_a_chosen_package_is_used(package: str) -> None:
    assert package in imported(), f"{package} is one of the chosen packages: what ships must use it"


def test_nothing_is_postponed_that_is_used() -> None:
    assert not set(LATER) & imported()
