"""The first log-in of a stand-in: a platform admin made by the operator's command, its password kept beside the data."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ADMIN_EMAIL = "admin@plataforma.example"


class BootstrapFailed(OSError):
    """The operator's command said no; the message is its last line."""


@dataclass(frozen=True)
class Login:
    email: str
    password: str


def first_login(root: Path, data: Path, auth_environment: Mapping[str, str]) -> Login:
    """The platform admin of this data folder, made at the first call; repeating it changes nothing."""
    keep = data / "login.json"
    if keep.exists():
        return Login(**json.loads(keep.read_text(encoding="utf-8")))
    login = Login(ADMIN_EMAIL, secrets.token_urlsafe(18))
    done = subprocess.run(
        [sys.executable, "-m", "functions.auth", "bootstrap", "--email", login.email],
        input=login.password + "\n",
        env={**os.environ, **auth_environment},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BootstrapFailed((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1])
    keep.touch(mode=0o600)
    keep.write_text(json.dumps({"email": login.email, "password": login.password}), encoding="utf-8")
    return login


def told(root: Path, data: Path, auth_environment: Mapping[str, str] | None) -> str:
    """The line that `up` prints."""
    if auth_environment is None:
        return "log-in     none"
    login = first_login(root, data, auth_environment)
    return f"log-in     {login.email} / {login.password}"
