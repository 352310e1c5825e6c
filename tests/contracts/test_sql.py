"""TEN-07, first half: a statement is a constant of its module; nothing that a caller sent can become a part of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ROOT

SOURCES = sorted(p for top in ("functions", "shared") for p in (ROOT / top).rglob("*.py"))
EXEMPT = {
    "shared/db/engine.py": "the seal of a transaction: a context that Seal made, of a charset without quotes",
    "shared/db/migrate.py": "an administrator's own passwords and names of functions",
}
RUN = {"rows", "row", "execute", "exec_driver_sql", "execute_simple"}
SQL = re.compile(r"\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s|ALTER\s|GRANT\s|SET\s+LOCAL)")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def constants(tree: ast.Module) -> set[str]:
    """Names bound at module level to texts that are made of constants alone, imports of other modules' included."""
    found = {alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if targets and is_constant(getattr(node, "value", None), found):
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def is_constant(node: ast.AST | None, known: set[str]) -> bool:
    """Whether a value is made of literals and constants of a module: joined, formatted or replaced in."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in known
        case ast.JoinedStr(values=parts):
            return all(is_constant(part.value if isinstance(part, ast.FormattedValue) else part, known) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_constant(left, known) and is_constant(right, known)
        case ast.Attribute(value=ast.Name(id=name)):
            return name in known
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join" | "replace"), args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            return is_constant(value, known) and all(is_constant(one, known) for one in given)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(is_constant(part, known) for part in parts)
        case ast.Dict(values=values):
            return all(is_constant(value, known) for value in values)
        case ast.Subscript(value=value):
            return is_constant(value, known)
    return False


def faults(source: str) -> Iterator[str]:
    """Statements that are not constants, and SQL that is put together inside a function."""
    tree = ast.parse(source)
    known = constants(tree)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        arguments = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr | ast.BinOp) and SQL.search(ast.unparse(node)) and not is_constant(node, known):
                yield f"{node.lineno}: SQL put together in {function.name}"
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUN and node.args):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id in known:
                continue  # another module's function of that name
            statement = node.args[0]
            if is_constant(statement, known):
                continue
            if not (isinstance(statement, ast.Name) and statement.id in arguments):
                yield f"{node.lineno}: {function.name} runs {ast.unparse(statement)[:60]}"
                continue
            at = arguments.index(statement.id)
            calls = (c for c in ast.walk(tree) if isinstance(c, ast.Call) and ast.unparse(c.func) == function.name)
            if not all(len(call.args) > at and is_constant(call.args[at], known) for call in calls):
                yield f"{node.lineno}: {function.name} is given a statement that is no constant"


def served() -> list[Path]:
    return [p for p in SOURCES if named(p) not in EXEMPT and "migrations" not in p.parts]


def test_every_statement_is_a_constant_of_its_module() -> None:
    assert [f"{named(path)}:{fault}" for path in served() for fault in faults(path.read_text(encoding="utf-8"))] == []


def test_the_rule_looked_at_the_stores() -> None:
    looked = sum(path.read_text().count(".rows(") + path.read_text().count(".row(") for path in served())
    assert looked > 150
    assert all((ROOT / path).is_file() for path in EXEMPT)


@pytest.mark.parametrize(
    "body",
    [
        "tx.rows(f\"SELECT * FROM t WHERE a = '{a}'\")",
        'tx.rows("SELECT * FROM t WHERE a = " + a)',
        'tx.rows("SELECT * FROM t WHERE a = %s" % a)',
        'tx.rows("SELECT * FROM t WHERE a = {}".format(a))',
        'tx.rows(_S.replace(":a", a))',
        'sql = f"SELECT {a}"\n    tx.rows(sql)',
        "tx.rows(a)",
        'connection.execute(text(f"UPDATE t SET a = {a}"))',
        '_run(tx, "SELECT " + a)',
    ],
)
def test_a_statement_with_something_of_a_callers_in_it_is_seen(body: str) -> None:
    source = f'_S = "SELECT :a"\n\ndef _run(tx, statement):\n    tx.rows(statement)\n\ndef ask(tx, a):\n    {body}\n'
    if body == "tx.rows(a)":
        source += "\nask(None, input())\n"
    assert list(faults(source))


def test_what_is_made_of_constants_is_let_alone() -> None:
    source = (
        '_C = "id, name"\n_S = f"SELECT {_C} FROM t"\n_W = _S.format(where="x")\n\ndef _run(tx, statement):\n'
        "    tx.rows(statement, a=1)\n\ndef ask(tx):\n    _run(tx, _W)\n    tx.rows(_S)\n"
    )
    assert list(faults(source)) == []
