"""The house keeps its shape: sizes, names, mirrors, and where the dangerous words may stand."""

import ast
import re
from pathlib import Path

import pytest

from tests.places import ROOT

SOURCES = sorted(p for top in ("functions", "shared", "knative") for p in (ROOT / top).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "tools", "lib", "base"}
MIRRORED = ("functions", "shared", "knative")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_long() -> None:
    assert not [f"{named(p)}: {n}" for p in SOURCES + TESTS if (n := len(p.read_text().splitlines())) > 300]


def test_the_stand_in_stays_small() -> None:
    lines = sum(len(p.read_text().splitlines()) for p in (ROOT / "knative" / "local").rglob("*.py"))
    assert lines <= 900, lines


def test_no_drawer_for_odds_and_ends() -> None:
    assert not [named(p) for p in SOURCES if p.stem in DRAWERS or p.parent.name in DRAWERS]


def test_packages_re_export_nothing() -> None:
    assert not [named(p) for p in SOURCES if p.name == "__init__.py" and p.read_text().strip()]


def test_every_module_opens_with_its_purpose() -> None:
    silent = [p for p in SOURCES if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))]
    assert not [named(p) for p in silent]


# Suites about a whole package, and the tests of a package's command.
WHOLE = {"set_a", "any_body", "main", "size"}


def test_every_test_file_stands_where_its_source_stands() -> None:
    lost = []
    for top in MIRRORED:
        for test in (ROOT / "tests" / top).rglob("test_*.py"):
            source = ROOT / test.relative_to(ROOT / "tests")
            module = source.with_name(test.name.removeprefix("test_"))
            # A source with many rules may have several test files: test_intake_hostile.py stands beside intake.py.
            stems = module.stem.split("_")
            if module.stem in WHOLE and source.parent.is_dir():
                continue
            if not any(module.with_name("_".join(stems[:n]) + ".py").exists() for n in range(len(stems), 0, -1)):
                lost.append(named(test))
    assert not lost


def test_an_app_is_short_and_does_nothing_at_import() -> None:
    for path in (ROOT / "functions").glob("*/app.py"):
        tree = ast.parse(path.read_text())
        assert len(path.read_text().splitlines()) <= 40, named(path)
        allowed = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Expr
        assert all(isinstance(node, allowed) for node in tree.body), named(path)


def test_handlers_hold_no_try_and_no_sql() -> None:
    for path in (ROOT / "functions").glob("*/handlers.py"):
        tree = ast.parse(path.read_text())
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)], named(path)
        assert not re.search(r"\b(SELECT|INSERT INTO|UPDATE .+ SET)\b", path.read_text()), named(path)


@pytest.mark.parametrize(
    ("word", "homes"),
    [
        # The only session factory begins, seals and commits; no statement runs outside its transaction.
        (r"\bcommit\(|\.begin\(", {"shared/db/engine.py", "shared/db/migrate.py"}),
        (r"create_engine\(", {"shared/db/engine.py", "shared/db/migrate.py"}),
        (r"isolation_level|AUTOCOMMIT|autocommit", set()),
        (r"import weasyprint|from weasyprint", {"functions/ri/canvas.py"}),
        (r"\bfloat\(", {"functions/ri/canvas.py"}),  # places on a page, never money
        (r"verify=False|CERT_NONE", set()),
    ],
)
def test_a_dangerous_word_stands_only_at_home(word: str, homes: set[str]) -> None:
    served = [p for p in SOURCES if p.relative_to(ROOT).parts[0] in ("functions", "shared")]
    found = {named(p) for p in served if re.search(word, p.read_text())}
    assert found <= homes


def test_nothing_names_this_machine_or_a_registry() -> None:
    # Spelt in pieces, so that this file does not find itself.
    words = [r"/wo" r"rk/(main|shared)", r"py" r"pi\.org", r"registry\.npm" r"js", r"BEGIN (RSA |EC )?PRIVATE" r" KEY"]
    files = [p for p in ROOT.rglob("*") if p.is_file() and p.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".json"}]
    kept = [p for p in files if not {".venv", ".git", ".local", "node_modules", ".mypy_cache"} & set(p.relative_to(ROOT).parts)]
    assert not [named(p) for p in kept for word in words if re.search(word, p.read_text(errors="replace"))]
