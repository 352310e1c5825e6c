"""The first log-in of a stand-in: a platform admin made by the operator's command, password and second factor kept beside the data.

`python -m knative.demo.login` prints the current code of its second factor.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import pyotp

ADMIN_EMAIL = "admin@plataforma.example"
ROOT = Path(__file__).resolve().parents[2]


class BootstrapFailed(OSError):
    """The operator's command said no; the message is its last line."""


@dataclass(frozen=True)
class Login:
    """`otpauth` is the address of the second factor, as an authenticator app reads it."""

    email: str
    password: str
    otpauth: str

    def codes(self) -> Iterator[str]:
        """Codes that may be good now, the next one after half a minute; each is good once."""
        totp, step = pyotp.parse_uri(self.otpauth), int(time.time()) // 30
        while True:
            for candidate in (step, step + 1):
                yield str(totp.at(candidate * 30))  # type: ignore[attr-defined]  # parse_uri gives the kind its address says
            time.sleep(max(0.0, (step + 1) * 30 - time.time()))
            step += 1


def answer_challenge(http: httpx.Client, challenge: str, codes: Iterator[str]) -> httpx.Response:
    """auth's answer to a code. A code counts once, so that of a run a moment ago is refused and the next one is tried."""
    until = time.monotonic() + 60
    while True:
        answer = http.post("/auth/mfa/verify", json={"challenge": challenge, "code": next(codes)})
        if answer.status_code != 401 or time.monotonic() > until:
            return answer


def first_login(root: Path, data: Path, auth_environment: Mapping[str, str]) -> Login:
    """The platform admin of this data folder, made at the first call; repeating it changes nothing."""
    found = kept(data)
    if found is not None:
        return found
    password = secrets.token_urlsafe(18)
    done = subprocess.run(
        [sys.executable, "-m", "functions.auth", "bootstrap", "--email", ADMIN_EMAIL, "--second-factor"],
        input=password + "\n",
        env={**os.environ, **auth_environment},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BootstrapFailed((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1])
    login = Login(ADMIN_EMAIL, password, done.stdout.strip())
    keep = data / "login.json"
    keep.touch(mode=0o600)
    keep.write_text(json.dumps(asdict(login)), encoding="utf-8")
    return login


def kept(data: Path) -> Login | None:
    """None for a folder that has no admin, or one of before there were second factors."""
    file = data / "login.json"
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Login(**held) if "otpauth" in held else None


def told(root: Path, data: Path, auth_environment: Mapping[str, str] | None) -> str:
    """The lines that `up` prints."""
    if auth_environment is None:
        return "log-in     none"
    login = first_login(root, data, auth_environment)
    return f"log-in     {login.email} / {login.password}\n2nd factor {login.otpauth}  (a code: ./task otp)"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./task otp --", description="El código actual del administrador local.")
    parser.add_argument("--data", type=Path, default=ROOT / ".local", help="where everything is kept (default: .local)")
    login = kept(parser.parse_args().data)
    if login is None:
        print("Aún no hay administrador: corra ./task up o ./task demo primero.", file=sys.stderr)
        return 1
    print(next(login.codes()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
