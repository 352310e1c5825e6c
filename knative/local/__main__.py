"""`python -m knative.local`: the platform on one machine, and what it says about itself."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from knative.embedded.process import ServerFailed
from knative.embedded.state import Addresses, State, UnknownReference, as_yaml
from knative.local.standin import Standin
from knative.rules.delivery import Profile
from knative.rules.manifests import ManifestRefused, read


def main() -> int:
    """Run one command; 0 when it worked, 1 with one clear line when it did not."""
    options = _parser().parse_args()
    try:
        return int(options.run(options) or 0)
    except (ManifestRefused, UnknownReference, ServerFailed, OSError, httpx.HTTPError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knative.local", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="project folder with knative/ and eventing/")
    parser.add_argument("--data", type=Path, help="where everything is kept (default: ROOT/.local)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    up = command("up", _up, "start data services, migrate, start broker, functions and schedules; Ctrl-C ends it")
    up.add_argument("--port", type=int, default=8080, help="public port on 127.0.0.1, 0 = a free one (default: 8080)")
    up.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.KAFKA, help="which broker to imitate")
    up.add_argument("--replicas", type=int, default=2, help="most processes a function may have here (default: 2)")
    up.add_argument("--detach", action="store_true", help="return when it runs; `down` ends it")
    command("down", _down, "end what `up` started; the data stays")
    command("ps", _ps, "functions, processes, queues, due work and dead letters").add_argument(
        "--json", action="store_true", help="for programs"
    )
    logs = command("logs", _logs, "print what a function wrote")
    logs.add_argument("function", help="name of the function, or `up` for a detached stand-in")
    logs.add_argument("--lines", type=int, default=100, help="how many of the last lines (default: 100)")
    command("run-once", _run_once, "fire a PingSource now").add_argument("ping", help="name of the PingSource")
    secrets = command("secrets", _secrets, "print every Secret and ConfigMap that the manifests need, as Kubernetes YAML")
    secrets.add_argument("--database", required=True, metavar="HOST:PORT", help="PostgreSQL as the pods reach it")
    secrets.add_argument("--redis-url", required=True, help="Valkey or Redis as the pods reach it")
    secrets.add_argument("--aws-endpoint-url", help="AWS emulator as the pods reach it; without it the real AWS")
    secrets.add_argument("--aws-region", default="us-east-1")
    return parser


def _folder(options: argparse.Namespace) -> Path:
    folder: Path = options.data or options.root / ".local"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _running(options: argparse.Namespace) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((_folder(options) / "state.json").read_text(encoding="utf-8"))
        os.kill(state["pid"], 0)
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ServerFailed("the stand-in does not run here; start it with `up`") from error
    return state


def _up(options: argparse.Namespace) -> None:
    folder = _folder(options)
    state, log = folder / "state.json", folder / "logs/up.log"
    if options.detach:
        log.parent.mkdir(exist_ok=True)
        state.unlink(missing_ok=True)
        arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
        with log.open("wb") as out:
            command = [sys.executable, "-m", "knative.local", *arguments]
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        while not state.exists():
            if child.poll() is not None:
                raise ServerFailed(log.read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        print(f"{_running(options)['url']} (pid {child.pid})")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Standin(options.root, folder, port=options.port, profile=options.profile, cap=options.replicas) as standin:
        draft = folder / "state.json.new"
        content = {"pid": os.getpid(), "url": standin.url, "control": standin.urls["control"], "urls": standin.urls}
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(state)
        for name, url in standin.urls.items():
            print(f"{name:10} {url}", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()
        state.unlink(missing_ok=True)


def _down(options: argparse.Namespace) -> None:
    pid = _running(options)["pid"]
    os.kill(pid, signal.SIGTERM)
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise ServerFailed(f"process {pid} does not end")


def _ps(options: argparse.Namespace) -> None:
    status = httpx.get(_running(options)["control"] + "/status").raise_for_status().json()
    if options.json:
        print(json.dumps(status, indent=1))
        return
    table = Table("function", "ready", "processes", "active", "queue", "cold starts", "due work")
    for name, row in status["functions"].items():
        pids = " ".join(map(str, row["processes"]))
        table.add_row(name, *map(str, (row["ready"], pids, row["active"], row["queue"], row["cold_starts"], row["due_work"])))
    console = Console()
    console.print(table)
    waiting = ", ".join(f"{name} {count}" for name, count in status["undelivered"].items()) or "none"
    console.print(f"undelivered: {waiting}; dead letters: {status['dead_letters']}")


def _logs(options: argparse.Namespace) -> None:
    text = (_folder(options) / "logs" / f"{options.function}.log").read_text(encoding="utf-8", errors="replace")
    print("\n".join(text.splitlines()[-options.lines :]))


def _run_once(options: argparse.Namespace) -> None:
    httpx.post(f"{_running(options)['control']}/pings/{options.ping}").raise_for_status()


def _secrets(options: argparse.Namespace) -> None:
    references = read(options.root).references()
    at = Addresses(options.database, options.redis_url, options.aws_endpoint_url, options.aws_region)
    print(as_yaml(State(_folder(options) / "secrets.json").fill(references, at)), end="")


if __name__ == "__main__":
    sys.exit(main())
