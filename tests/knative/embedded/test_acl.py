"""Redis as the manifests run it, and what a function may do there (RED-06): parsed, and asked of a live server."""

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from functions.dgii import turns
from functions.dgii.seeds import Seeds
from functions.dgii.turns import Turn
from knative.embedded import acl
from knative.embedded.process import Process, answers, ended_with_parent, free_port
from knative.embedded.valkey import Valkey, binary
from knative.rules.manifests import read
from shared.cache.redis import Cache
from shared.db.ids import uuid7
from shared.dgii.failures import SeedUnusable
from shared.identity.limits import Class, Limiter
from shared.identity.revocations import Revocations
from tests.places import ROOT
from tests.shared.identity.test_limits import accepted

FUNCTIONS = sorted({r.name for r in read(ROOT).references() if r.key == "redis-url"})
KEEPING = {"--appendonly": "yes", "--appendfsync": "everysec", "--maxmemory-policy": "noeviction", "--save": ""}
FORBIDDEN = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("KEYS", "*"),
    ("SCAN", "0"),
    ("RANDOMKEY",),
    ("CONFIG", "GET", "*"),
    ("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"),
    ("ACL", "LIST"),
    ("ACL", "SETUSER", "x"),
    ("DEBUG", "SLEEP", "0"),
    ("SHUTDOWN",),
    ("REPLICAOF", "127.0.0.1", "1"),
    ("MONITOR",),
    ("CLIENT", "LIST"),
    ("MODULE", "LIST"),
    ("SWAPDB", "0", "1"),
    ("EVAL", "return redis.call('FLUSHALL')", "0"),
    ("EVAL", "return redis.call('KEYS', '*')", "0"),
    ("EVAL", "return redis.call('GET', 'anything')", "0"),
    ("GET", "anything"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    made = Valkey(Path(tmp_path_factory.mktemp("acl")) / "data").start()
    made.admit({name: f"clave-{name}" for name in FUNCTIONS})
    yield made
    made.stop()


def as_user(server: Valkey, function: str) -> str:
    return f"redis://fn_{function}:clave-{function}@127.0.0.1:{server.port}/0"


def refused(server: Valkey, function: str, *words: str) -> bool:
    client = redis.Redis.from_url(as_user(server, function))
    try:
        client.execute_command(*words)
    except (redis.exceptions.NoPermissionError, redis.exceptions.ResponseError) as error:
        return "NOPERM" in str(error) or "permission" in str(error) or "not allowed" in str(error).lower()
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()
    return False


def manifest() -> dict[str, Any]:
    documents = yaml.safe_load_all((ROOT / "knative/overlays/dev/data/data.yaml").read_text(encoding="utf-8"))
    (found,) = [d for d in documents if d["kind"] == "Deployment" and d["metadata"]["name"] == "valkey"]
    spec: dict[str, Any] = found["spec"]["template"]["spec"]
    return spec


def test_red_06_the_manifest_keeps_every_second_evicts_nothing_and_knows_its_users() -> None:
    (container,) = manifest()["containers"]
    options = dict(zip(container["args"][::2], container["args"][1::2], strict=True))
    assert {name: options[name] for name in KEEPING} == KEEPING
    mounted = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
    secret = {v["name"]: v["secret"]["secretName"] for v in manifest()["volumes"] if "secret" in v}
    assert secret[mounted[str(Path(options["--aclfile"]).parent)]] == "valkey"


def test_red_06_no_manifest_runs_redis_any_other_way() -> None:
    """What may evict would be another instance: there is one Redis, and no cache lives in it that would want to."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "knative").rglob("*.yaml"))
    assert text.count("--maxmemory-policy") == 1
    assert not any(policy in text for policy in ("allkeys-", "volatile-"))


def test_red_06_the_embedded_server_is_configured_alike(server: Valkey) -> None:
    said = redis.Redis.from_url(server.url, decode_responses=True).config_get(*(name[2:] for name in KEEPING))
    assert {f"--{name}": value for name, value in said.items()} == KEEPING


def test_red_06_every_function_has_a_user_and_no_other_user_is_open(server: Valkey) -> None:
    lines = redis.Redis.from_url(server.url, decode_responses=True).acl_list()
    rules = {line.split()[1]: line.split()[2:] for line in lines}
    assert set(rules) == {"default", *(f"fn_{name}" for name in FUNCTIONS)}
    assert not [name for name, words in rules.items() if "nopass" in words]
    for name in FUNCTIONS:
        words = rules[f"fn_{name}"]
        assert words[0] == "on"
        assert {"-@all", "resetchannels"} <= set(words)
        assert not [word for word in words if word.startswith("+@") or word in ("~*", "allkeys", "allchannels")]
        granted = {word[1:] for word in words if word.startswith("+")}
        assert not granted & {"flushall", "flushdb", "keys", "config", "acl", "scan", "debug", "eval_ro", "script|flush"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_red_06_a_function_can_neither_empty_nor_list_nor_reconfigure(server: Valkey, function: str) -> None:
    client = redis.Redis.from_url(server.url)
    client.set("anything", "x")
    assert [words for words in FORBIDDEN if not refused(server, function, *words)] == []
    assert client.get("anything") == b"x"


def test_red_06_a_user_that_may_more_is_seen(server: Valkey) -> None:
    """The mutant: with all commands allowed the same questions are answered."""
    client = redis.Redis.from_url(server.url)
    client.acl_setuser("fn_loose", enabled=True, reset=True, passwords=["+clave-loose"], keys=["*"], categories=["+@all"])
    try:
        assert not refused(server, "loose", "KEYS", "*")
        assert not refused(server, "loose", "CONFIG", "GET", "*")
        assert not refused(server, "loose", "EVAL", "return redis.call('KEYS', '*')", "0")
    finally:
        client.acl_deluser("fn_loose")


def test_red_06_what_functions_do_in_redis_is_what_they_may(server: Valkey) -> None:
    """A missing right would look like an absent Redis: everything here would fall back and nobody would notice."""
    session, tenant = uuid7(), uuid7()
    Revocations(Cache(as_user(server, "auth"))).revoke(session)
    for function in FUNCTIONS:
        cache = Cache(as_user(server, function))
        assert Revocations(cache).is_revoked(session)
        limiters = itertools.cycle([Limiter(Cache(as_user(server, function))) for _ in range(2)])
        taken = sum(accepted(next(limiters), f"{tenant}-{function}", Class.PUBLIC) for _ in range(3 * Class.PUBLIC.burst))
        assert taken < 1.5 * Class.PUBLIC.burst, "two processes share one counter"
        assert cache.only_one(f"{tenant}:said:x-{function}", seconds=5)
        assert not cache.only_one(f"{tenant}:said:x-{function}", seconds=5)
    tokens = Cache(as_user(server, "dgii"))
    tokens.put("dgii:token:a", "t", seconds=5)
    assert tokens.get("dgii:token:a") == "t"
    tokens.drop("dgii:token:a")
    turn = Turn(tokens, "dgii:token:a:asking")
    assert turn.take()
    assert tokens.run(turns._RENEW, [turn.name], [turn.mark, 5]) == [1]
    assert not Turn(tokens, turn.name).take()
    with turn.kept():
        pass
    assert Turn(tokens, turn.name).take(), "left, and free at once"
    Seeds(tokens).use(b"<seed/>")
    with pytest.raises(SeedUnusable):
        Seeds(Cache(as_user(server, "dgii"))).use(b"<seed/>")


def test_red_06_only_auth_ends_sessions_and_only_dgii_reads_its_tokens(server: Valkey) -> None:
    for function in FUNCTIONS:
        assert refused(server, function, "SET", "revoked:x", "1") == (function != "auth")
        assert refused(server, function, "GET", "dgii:token:t") == (function != "dgii")


def test_red_06_the_printed_file_is_one_that_a_server_starts_with(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "knative.embedded.acl", "--data", str(tmp_path / "data"), "--root", str(ROOT)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert {line.split()[1] for line in printed.splitlines()} == {"default", *(f"fn_{name}" for name in FUNCTIONS)}
    (tmp_path / "users.acl").write_text(printed, encoding="utf-8")
    port = free_port()
    server = Process("Valkey", tmp_path / "valkey.log")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    server.start([*ended_with_parent("TERM"), str(binary()), *options, "--aclfile", str(tmp_path / "users.acl")])
    try:
        server.wait_ready(lambda: answers(port))
        with pytest.raises(redis.exceptions.AuthenticationError):
            redis.Redis(port=port).ping()
    finally:
        server.stop(signal.SIGTERM)


def test_a_password_is_nowhere_in_a_line() -> None:
    assert "s3creta" not in acl.user("billing", "s3creta")
