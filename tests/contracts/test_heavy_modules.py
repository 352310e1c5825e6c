"""A function starts with what it needs and nothing more: heavy modules loaded by building it, counted in a fresh process."""

import json
import os
import subprocess
import sys

import pytest

from tests.house import House
from tests.places import ROOT

HEAVY = {
    "PIL",
    "alembic",
    "argon2",
    "boto3",
    "botocore",
    "httpx",
    "jwt",
    "lxml",
    "opentelemetry.sdk",
    "pyotp",
    "pypdfium2",
    "redis",
    "segno",
    "sqlalchemy",
    "sqlalchemy.orm",
    "weasyprint",
    "xmlsec",
    "yaml",
    "zxingcpp",
}
# What a function's own work needs before its first answer; everything else waits for its first use.
ALLOWED: dict[str, set[str]] = {
    "admin": set(),
    "audit": set(),
    "auth": set(),
    "billing": {"lxml"},
    "client": set(),
    "dgii": {"lxml"},
    "notify": set(),
    "plans": set(),
    "relay": {"yaml"},
    "ri": {"lxml"},
    "sandbox": {"jwt", "lxml", "xmlsec"},
    "sign": {"lxml", "xmlsec"},
}
FUNCTIONS = sorted(p.parent.name for p in (ROOT / "functions").glob("*/app.py"))

PROGRAM = """
import importlib, json, sys
name = sys.argv[1]
settings = importlib.import_module(f"functions.{name}.settings").Settings()
importlib.import_module(f"functions.{name}.app").build(settings)
print(json.dumps(sorted(sys.modules)))
"""


def environment(name: str) -> dict[str, str]:
    """Well-formed settings that lead nowhere: building a function reaches nothing."""
    house = House(lambda role: f"postgresql+pg8000://{role}:x@127.0.0.1:1/getupnet")
    house.address = lambda name: f"http://{name}.invalid"  # type: ignore[method-assign]
    given = house.settings(name).model_dump(mode="python")
    plain = {k: v.get_secret_value() if hasattr(v, "get_secret_value") else v for k, v in given.items() if v is not None}
    return {k.upper(): str(v) for k, v in plain.items()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_loads_only_its_allowance(name: str) -> None:
    env = {"PATH": os.environ["PATH"], **environment(name)}
    done = subprocess.run([sys.executable, "-c", PROGRAM, name], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout.splitlines()[-1])) & HEAVY <= ALLOWED[name]


def test_every_function_has_an_allowance() -> None:
    assert set(FUNCTIONS) == set(ALLOWED)
