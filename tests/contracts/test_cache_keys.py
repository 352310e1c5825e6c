"""TEN-08: what is kept for a company is kept under a key that begins with the company; what is not is listed with its reason."""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.client.domain import secret_name
from shared.cache.redis import Cache
from shared.db.ids import uuid7
from shared.identity.limits import Class, Limiter, RateLimited
from shared.identity.repeats import repeat_key
from shared.identity.revocations import Revocations
from tests.functions.auth.people import bearer, log_in, owner
from tests.functions.billing.bodies import FACTURA
from tests.house import House
from tests.places import ROOT

PLATFORM_WIDE = {
    r"revoked:[0-9a-f-]{36}": "a session is found by its id, which auth drew and signed; /auth/switch moves it between companies",
    r"(unknown|[0-9a-f.:]+/\d+):limit:public": "who has no token yet is counted by network",
}
MEMORIES = {
    "functions/billing/workdays.py": "the holidays of a year",
    "functions/ri/measure.py": "widths of texts in a font: the text is the key and nothing of a company is in the value",
    "functions/ri/canvas.py": "a colour's three numbers",
    "functions/sign/gateway.py": "the one pool of workers of this process",
    "shared/cloud/session.py": "clients of AWS by settings of the process",
    "shared/ecf/fields.py": "tables of the law",
    "shared/ecf/codes.py": "tables of the law",
    "shared/ecf/gate.py": "the bytes themselves are the key, and the answer is whether they keep to the limits",
    "shared/ecf/key.py": "the certificate itself is the key, and the answer is its public part",
    "shared/ecf/schema.py": "XSD files of the law",
    "shared/ecf/taxes.py": "tables of the law",
    "shared/http/aws_lambda.py": "the one app of this process",
    "shared/identity/tokens.py": "the whole token is the key: only who holds it asks with it",
    "shared/telemetry/traces.py": "the one tracer of this process",
}
"""Functions that remember answers for the whole process, and why none of them is about a company."""

TENANT = st.from_regex(r"[a-z0-9-]{1,36}", fullmatch=True)
TEXT = st.text(max_size=40)
WRITES = ("get", "put", "drop", "only_one", "run")


class Recorder(Cache):
    """Remembers keys and holds nothing."""

    def __init__(self) -> None:
        super().__init__("redis://127.0.0.1:1")
        self.keys: list[str] = []

    def _ask(self, question: Callable[[Any], Any], absent: Any = None) -> Any:
        def keep(key: str, *_: object, **__: object) -> None:
            self.keys.append(key)

        def script(_: str) -> Callable[..., None]:
            return lambda keys, args: self.keys.extend(keys)

        question(SimpleNamespace(get=keep, set=keep, delete=keep, register_script=lambda text: _Quiet(script(text))))
        return absent


class _Quiet:
    def __init__(self, call: Callable[..., None]) -> None:
        self._call = call

    def __call__(self, **given: Any) -> None:
        self._call(**given)


def is_listed(key: str, tenants: set[str]) -> bool:
    begins = key.partition(":")[0] in tenants
    return begins or any(re.fullmatch(pattern, key) for pattern in PLATFORM_WIDE)


def test_every_key_of_the_main_job_begins_with_its_company_or_is_listed(fresh: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = fresh  # on the shared one, what other tests left undone would be done here, for companies of theirs
    recorder = Recorder()
    monkeypatch.setattr(Cache, "_ask", lambda self, question, absent=None: recorder._ask(question, absent))
    companies = [owner(house) for _ in range(2)]
    for boss in companies:
        house.upload_certificate(boss.tenant)
        house.register_range(boss.tenant, 31, 1, 10)
        house.settle()
        assert house.emit(boss.tenant, FACTURA).status_code == 201
        house.settle()
        entered = log_in(house, boss)
        assert house.client("auth").get("/auth/me", headers=bearer(entered) | {"X-Tenant-ID": "another"}).status_code == 403
        session = house.client("auth").get("/auth/sessions", headers=bearer(entered)).json()["items"][0]["id"]
        house.client("auth").delete(f"/auth/sessions/{session}", headers=bearer(entered))
    tenants = {boss.tenant for boss in companies} | {"platform"}
    assert [key for key in recorder.keys if not is_listed(key, tenants)] == []
    kinds = {re.sub(r"[0-9a-f-]{32,}|[0-9.]+/\d+|platform", "·", key) for key in recorder.keys}
    assert len(kinds) >= 5, kinds


def test_a_key_without_its_company_is_seen() -> None:
    assert not is_listed("limit:write:a-tenant", {"a-tenant"})
    assert not is_listed("another:limit:write", {"a-tenant"})


@given(one=TENANT, other=TENANT, who=st.lists(TEXT, min_size=3, max_size=3), elsewhere=st.lists(TEXT, min_size=3, max_size=3))
def test_two_companies_never_share_a_key(one: str, other: str, who: list[str], elsewhere: list[str]) -> None:
    pairs = [
        (repeat_key(one, *who), repeat_key(other, *elsewhere)),
        (secret_name(one, who[0]), secret_name(other, who[0])),
    ]
    for kind in Class:
        pairs.append((f"{one}:limit:{kind.name.lower()}", f"{other}:limit:{kind.name.lower()}"))
    for mine, theirs in pairs:
        assert mine.removeprefix("/getupnet/").startswith((f"{one}:", f"{one}/"))
        assert one == other or mine != theirs


def test_one_companys_flood_takes_nothing_from_another_without_redis() -> None:
    limiter, one, other = Limiter(Cache("redis://127.0.0.1:1")), uuid7(), uuid7()
    room = limiter.take(other, Class.PUBLIC).remaining
    for _ in range(10 * Class.PUBLIC.burst):
        with suppress(RateLimited):
            limiter.take(one, Class.PUBLIC)
    assert limiter.take(other, Class.PUBLIC).remaining >= room - 1


def test_a_session_named_like_another_companys_key_revokes_nothing_of_it() -> None:
    """The poisoning: a session's id is part of a key; whatever stood in it, the key is still one of revocations."""
    recorder = Recorder()
    revocations = Revocations(recorder)
    for session in ("a-tenant:limit:write", "../a-tenant", "a-tenant\n:x", uuid7()):
        revocations.revoke(session)
        assert revocations.is_revoked(session)
    assert all(key.startswith("revoked:") for key in recorder.keys)


def sources() -> Iterator[tuple[str, ast.AST]]:
    for path in (p for top in ("functions", "shared") for p in sorted((ROOT / top).rglob("*.py"))):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def asks_the_cache(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in WRITES and ast.unparse(called.value).endswith("cache")


def remembers(node: ast.AST) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(re.match(r"(functools\.)?(lru_cache|cache)\b", ast.unparse(one)) for one in decorators)


def test_whoever_asks_redis_is_looked_at_here() -> None:
    """A new caller shows up: it builds a key, which must begin with the tenant."""
    callers = {name for name, tree in sources() if any(asks_the_cache(node) for node in ast.walk(tree))}
    assert callers == {
        "functions/dgii/seeds.py",
        "functions/dgii/tokens.py",
        "functions/dgii/turns.py",
        "shared/identity/limits.py",
        "shared/identity/repeats.py",
        "shared/identity/revocations.py",
    }


def test_what_a_whole_process_remembers_is_about_no_company() -> None:
    found = {name for name, tree in sources() if any(remembers(node) for node in ast.walk(tree))}
    assert found <= set(MEMORIES), "say why no company can see another's answer, or put the tenant into the key"
    assert all((ROOT / path).is_file() for path in MEMORIES)
