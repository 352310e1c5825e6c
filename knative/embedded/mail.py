"""Mails of one machine: what stands in for SES keeps them as files; here they are read, and shown by `./task mail`."""

import argparse
import json
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Self

from knative.embedded.process import LOOPBACK, Process, answers, ended_with_parent, free_port


@dataclass(frozen=True)
class Kept:
    """One mail. `id` is its file's name, which begins with when it came (nanoseconds since 1970)."""

    id: str
    message: EmailMessage

    @property
    def came(self) -> str:
        at = datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9).astimezone()
        return at.isoformat(sep=" ", timespec="seconds")

    def part(self, kind: str) -> str:
        """Its `plain` or `html` part; empty when it has none."""
        body = self.message.get_body((kind,))
        return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""

    def told(self) -> str:
        """As text, with the headers people look at."""
        heads = [f"{name}: {self.message.get(name, '')}" for name in ("From", "To", "Subject")]
        return "\n".join([f"── {self.came} ──", *heads, "", self.part("plain").rstrip(), ""])


@dataclass(frozen=True)
class Mailbox:
    """A folder of .eml files; mails carry links that let their reader in, so nobody else may read them."""

    folder: Path

    def keep(self, message: bytes) -> str:
        """The new mail's id."""
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = self.folder / f"{name}.new"
        draft.touch(mode=0o600)
        draft.write_bytes(message)
        draft.rename(self._file(name))
        return name

    def read(self, name: str) -> Kept | None:
        if name not in self._names():
            return None
        return Kept(name, message_from_bytes(self._file(name).read_bytes(), policy=default))

    def newest(self, limit: int) -> Iterator[Kept]:
        for name in sorted(self._names(), reverse=True)[:limit]:
            if (kept := self.read(name)) is not None:
                yield kept

    def _names(self) -> set[str]:
        return {file.stem for file in self.folder.glob("*.eml")}

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.eml"


class MailSink:
    """The process that takes mails and shows them; its `url` is both what boto3 is told and what a browser opens."""

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        self.data, self.port = data.resolve(), port or free_port()
        self._process = Process("mail", self.data.with_suffix(".log"))

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Start and return when it answers."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Start without waiting."""
        program = [sys.executable, "-m", "knative.embedded.mail_sink", str(self.data), str(self.port)]
        self._process.start([*ended_with_parent("TERM"), *program])

    def wait_ready(self) -> None:
        """Block until it accepts connections, raising ServerFailed with its log."""
        self._process.wait_ready(lambda: answers(self.port))

    def stop(self) -> None:
        self._process.stop(signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./task mail --", description="Los correos que la plataforma local envió.")
    parser.add_argument("--data", type=Path, default=Path(".local"), help="data folder of the stand-in (default: .local)")
    parser.add_argument("--last", type=int, default=5, help="how many of the newest (default: 5)")
    options = parser.parse_args()
    for kept in reversed(list(Mailbox(options.data / "services/mail").newest(options.last))):
        print(kept.told())
    state = options.data / "state.json"
    urls = json.loads(state.read_text(encoding="utf-8"))["urls"] if state.exists() else {}
    print(f"Todos, en el navegador: {urls['mail']}" if "mail" in urls else "Para verlos en el navegador: ./task up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
