"""The platform on one machine, as the manifests describe it: no cluster, the same functions, events and schedules."""

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
from rich import print as show
from rich.table import Table

from knative.demo.login import told
from knative.embedded.process import ServerFailed
from knative.embedded.state import Addresses, State, UnknownReference, as_yaml
from knative.local.standin import Standin
from knative.rules.delivery import Profile
from knative.rules.manifests import ManifestRefused, read


def main() -> int:
    """Run one command; 0 when it worked, 1 with one clear line when it did not."""
    options = _parser().parse_args()
    options.data = options.data or options.root / ".local"
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        options.run(options)
    except (ManifestRefused, UnknownReference, ServerFailed, OSError, ValueError, httpx.HTTPError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knative.local", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="project folder with knative/ and eventing/")
    parser.add_argument("--data", type=Path, help="where everything is kept (default: ROOT/.local)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any, text: str) -> Any:
        made = commands.add_parser(run.__name__.strip("_").replace("_", "-"), help=text, description=text)
        made.set_defaults(run=run)
        return made.add_argument

    option = command(_up, "start data services, migrate, start broker, functions and schedules; Ctrl-C ends it")
    option("--port", type=int, default=8080, help="public port on 127.0.0.1, 0 takes a free one (default: 8080)")
    option("--profile", type=Profile, choices=list(Profile), default=Profile.KAFKA, help="which broker to imitate (default: kafka)")
    option("--replicas", type=int, default=2, help="most processes of one function on this machine (default: 2)")
    option("--detach", action="store_true", help="return when it runs; `down` ends it")
    command(_down, "end what `up` started; the data stays")
    command(_ps, "functions, processes, queues, due work and dead letters")("--json", action="store_true", help="for programs")
    option = command(_logs, "print what a function wrote")
    option("function", help="name of the function, or `up` for a detached stand-in")
    option("--lines", type=int, default=100, help="how many of the last lines (default: 100)")
    command(_run_once, "fire a PingSource now")("ping", help="name of the PingSource")
    option = command(_secrets, "print every Secret and ConfigMap that the manifests name, as Kubernetes YAML")
    option("--database", required=True, metavar="HOST:PORT", help="PostgreSQL as the pods reach it")
    option("--redis-url", required=True, help="Valkey or Redis as the pods reach it")
    option("--aws-endpoint-url", help="AWS emulator as the pods reach it; without it the real AWS")
    option("--aws-region", default="us-east-1", help="(default: us-east-1)")
    return parser


def _running(options: argparse.Namespace) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((options.data / "state.json").read_text(encoding="utf-8"))
        os.kill(state["pid"], 0)
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ServerFailed("the stand-in does not run here; `up` starts it") from error
    return state


def _up(options: argparse.Namespace) -> None:
    with suppress(ServerFailed):
        raise OSError(f"the stand-in runs already: {_running(options)['urls']['front']}")
    state, log = options.data / "state.json", options.data / "logs/up.log"
    state.unlink(missing_ok=True)
    if options.detach:
        log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "knative.local", *(word for word in sys.argv[1:] if word != "--detach")]
        with log.open("wb") as out:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        while not state.exists() and child.poll() is None:
            time.sleep(0.05)
        print(log.read_text(encoding="utf-8")[-2000:], end="")
        if child.poll() is not None:
            raise ServerFailed(f"see {log}")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Standin(options.root, options.data, port=options.port, profile=options.profile, cap=options.replicas) as standin:
        for name, url in standin.urls.items():
            print(f"{name:10} {url}", flush=True)
        print(told(options.root, options.data, standin.environments.get("auth")), flush=True)
        state.write_text(json.dumps({"pid": os.getpid(), "urls": standin.urls}), encoding="utf-8")
        with suppress(KeyboardInterrupt):
            signal.pause()
    state.unlink(missing_ok=True)


def _down(options: argparse.Namespace) -> None:
    pid = _running(options)["pid"]
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while (options.data / "state.json").exists():
            time.sleep(0.05)
            os.kill(pid, 0)


def _ps(options: argparse.Namespace) -> None:
    status = httpx.get(_running(options)["urls"]["control"] + "/status").raise_for_status().json()
    if options.json:
        print(json.dumps(status, indent=1))
        return
    table = Table("function", "ready", "processes", "active", "queue", "cold starts", "due work")
    for name, row in status["functions"].items():
        table.add_row(name, *(" ".join(map(str, v)) if isinstance(v, list) else str(v) for v in row.values()))
    show(table)
    waiting = ", ".join(f"{name} {count}" for name, count in status["undelivered"].items()) or "none"
    show(f"undelivered: {waiting}; dead letters: {status['dead_letters']}")


def _logs(options: argparse.Namespace) -> None:
    text = (options.data / "logs" / f"{options.function}.log").read_text(encoding="utf-8", errors="replace")
    print("\n".join(text.splitlines()[-options.lines :]))


def _run_once(options: argparse.Namespace) -> None:
    httpx.post(f"{_running(options)['urls']['control']}/pings/{options.ping}").raise_for_status()


def _secrets(options: argparse.Namespace) -> None:
    at = Addresses(options.database, options.redis_url, options.aws_endpoint_url, options.aws_region)
    print(as_yaml(State(options.data / "secrets.json").fill(read(options.root).references(), at)), end="")


if __name__ == "__main__":
    sys.exit(main())
