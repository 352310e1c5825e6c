"""Another key signs, and nobody's token is refused meanwhile: known, used, forgotten, each step in its time."""

import json
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.auth import signing_keys
from functions.auth.app import build
from functions.auth.signing_keys import REST, KeyStepRefused
from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.tokens import ACCESS_SECONDS, TokenRefused, UserClaims, issue_user_token, verify_user_token
from tests.house import House
from tests.places import ROOT

CLAIMS = UserClaims("u", "t", "TENANT", (), "s")
NOW = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
READERS = 5
ROLL = 60
"""Seconds until the last of the readers runs with a new set of keys."""


def command(*words: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", "functions.auth", "rotate-key", *words]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The set of known keys, with one in it."""
    old = FunctionKey("old", "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=")
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"old": old.public}))
    return path


def test_a_key_is_added_used_and_dropped_by_command(keys: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    tried = command("add", "--keys", str(keys), "--signing-key", str(new), "--dry-run")
    assert (tried.returncode, json.loads(tried.stdout)["dry_run"]) == (0, True)
    assert (new.exists(), len(json.loads(keys.read_text()))) == (False, 1)
    added = command("add", "--keys", str(keys), "--signing-key", str(new))
    assert added.returncode == 0, added.stderr
    kid, seed = new.read_text().split(":")
    known = json.loads(keys.read_text())
    assert (stat.S_IMODE(new.stat().st_mode), known[kid], seed in added.stdout) == (0o600, FunctionKey(kid, seed).public, False)
    token = issue_user_token(CLAIMS, FunctionKey(kid, seed))
    assert verify_user_token(token, PublicKeys(keys.read_text())) == CLAIMS
    assert {jwk["kid"] for jwk in PublicKeys(keys.read_text()).as_jwks()} == {"old", kid}
    assert command("use", "--keys", str(keys), "--signing-key", str(new)).returncode == 0
    early = datetime.now(UTC).isoformat()
    refused = command("drop", "--keys", str(keys), "--signing-key", str(new), "--kid", "old", "--stopped", early)
    assert (refused.returncode, "tokens of old may live until" in refused.stderr) == (2, True)
    late = (datetime.now(UTC) - REST).isoformat()
    assert command("drop", "--keys", str(keys), "--signing-key", str(new), "--kid", "old", "--stopped", late).returncode == 0
    assert set(json.loads(keys.read_text())) == {kid}


def test_a_key_that_readers_do_not_know_is_not_used(keys: Path, tmp_path: Path) -> None:
    for text in ("new:bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA=", "old:bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA="):
        (tmp_path / "other").write_text(text)
        refused = command("use", "--keys", str(keys), "--signing-key", str(tmp_path / "other"))
        assert (refused.returncode, "not among the known keys" in refused.stderr) == (2, True)


def test_auth_does_not_start_with_a_key_that_nobody_would_believe(house: House) -> None:
    settings = house.settings("auth").model_copy(update={"user_keys": "{}"})
    with pytest.raises(KeyStepRefused):
        build(settings)


def test_three_keys_are_enough_and_none_is_taken_twice() -> None:
    known = {"a": "1", "b": "2"}
    full = signing_keys.add(known, "c", "3")
    with pytest.raises(KeyStepRefused):
        signing_keys.add(full, "d", "4")
    with pytest.raises(KeyStepRefused):
        signing_keys.add(known, "a", "4")


@pytest.mark.parametrize(("kid", "stopped"), [("b", NOW - REST), ("x", NOW - REST), ("a", NOW - REST + timedelta(seconds=1))])
def test_the_key_that_signs_an_unknown_one_and_one_with_living_tokens_stay(kid: str, stopped: datetime) -> None:
    with pytest.raises(KeyStepRefused):
        signing_keys.drop({"a": "1", "b": "2"}, kid, signing="b", stopped=stopped, now=NOW)
    assert signing_keys.drop({"a": "1", "b": "2"}, "a", signing="b", stopped=NOW - REST, now=NOW) == {"b": "2"}


def refused(used_at: int, dropped_at: int) -> tuple[int, int]:
    """(refused, judged): tokens issued each half minute, each judged by every reader through its whole life.

    Seconds count from the `add`; readers take a new set one after the other. What is judged at a moment was issued up to its age
    before that, so the clock of the verifier, which is the real one, stands still and tokens are made older instead.
    """
    old, new = (FunctionKey(name, f"{name * 10}IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA="[:43] + "=") for name in ("old0", "new0"))
    sets = [{"old0": old.public}, {"old0": old.public, "new0": new.public}, {"new0": new.public}]
    believed = [PublicKeys(json.dumps(one)) for one in sets]
    wrong = judged = 0
    real, tokens = time.time(), dict[tuple[str, int], str]()
    for moment in range(-60, dropped_at + ROLL + ACCESS_SECONDS, 30):
        for age in range(0, ACCESS_SECONDS + 1, 60):
            signer = new if moment - age >= used_at else old
            made = (signer.function, age)
            tokens.setdefault(made, issue_user_token(CLAIMS, signer, now=real - age))
            for reader in range(READERS):
                lag = ROLL * reader // (READERS - 1)
                keys = believed[(moment >= lag) + (moment >= dropped_at + lag)]
                judged += 1
                wrong += not _believes(keys, tokens[made], _MEMORY)
    return wrong, judged


_MEMORY: dict[tuple[str, str], bool] = {}


def _believes(keys: PublicKeys, token: str, memory: dict[tuple[str, str], bool]) -> bool:
    if (keys.text, token) not in memory:
        memory[keys.text, token] = _verifies(keys, token)
    return memory[keys.text, token]


def _verifies(keys: PublicKeys, token: str) -> bool:
    try:
        verify_user_token(token, keys)
    except TokenRefused:
        return False
    return True


def test_of_all_tokens_of_a_rotation_none_is_refused() -> None:
    wrong, judged = refused(used_at=ROLL, dropped_at=ROLL + int(REST.total_seconds()))
    assert (wrong, judged > 5000) == (0, True)


@pytest.mark.parametrize("hasty", [{"used_at": 0, "dropped_at": 2000}, {"used_at": ROLL, "dropped_at": ROLL + 300}])
def test_a_step_before_its_time_is_seen(hasty: Mapping[str, int]) -> None:
    assert refused(**hasty)[0] > 0
