"""The demo: three receipts through the whole platform on this machine, told step by step; exit 0 only if all are accepted."""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from knative.demo.driver import Driver, StepFailed
from knative.demo.login import BootstrapFailed, first_login
from knative.demo.story import show_events, show_mails, show_receipts, show_steps
from knative.embedded.mail import Mailbox
from knative.local.standin import Standin

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./task demo --", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="wipe everything that earlier runs left in .local")
    parser.add_argument("--data", type=Path, default=ROOT / ".local", help="where everything is kept (default: .local)")
    options = parser.parse_args()
    if options.fresh:
        shutil.rmtree(options.data, ignore_errors=True)
    console = Console(highlight=False)
    out: Path = options.data / "demo"
    shutil.rmtree(out, ignore_errors=True)
    (out / "rfce").mkdir(parents=True)
    with console.status("Arrancando PostgreSQL, Valkey, AWS de prueba, broker y funciones…"):
        standin = Standin(ROOT, options.data)
        standin.__enter__()
    try:
        console.print(f"[green]✓[/] Plataforma en {standin.url}")
        return _run(console, standin, out)
    except (StepFailed, BootstrapFailed) as failure:
        show_events(console, standin.history()[-40:])
        console.print(f"[red]✗[/] {failure}\nLo que dijo cada función: [bold]{options.data / 'logs'}[/]")
        return 1
    finally:
        with console.status("Deteniendo…"):
            standin.__exit__(None, None, None)


def _run(console: Console, standin: Standin, out: Path) -> int:
    before = len(standin.history())
    with Driver(standin.url, standin.cold_starts, console) as driver:
        login = first_login(ROOT, standin.data, standin.environments["auth"])
        company = driver.open_company(login)
        receipts = [driver.emit(name, body) for name, body in driver.receipts()]
        for receipt in receipts:
            driver.await_verdict(receipt)
            driver.collect(receipt, out)
        audit = driver.audit()
    history = [a for a in standin.history()[before:] if a.tenant == company.id]
    show_steps(console, driver.steps)
    show_events(console, history)
    show_receipts(console, receipts, audit)
    summary = {
        "documents": [receipt.summary() for receipt in receipts],
        "functions": [
            {"name": name, "cold_starts_ms": [round(s * 1000) for s in starts]}
            for name, starts in sorted(standin.cold_starts().items())
        ],
        "events": [asdict(attempt) for attempt in history],
        "company": {"id": company.id, "rnc": company.rnc},
        "audit": audit,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    show_mails(console, Mailbox(standin.data / "services/mail"))
    console.print(f"Documentos, PDF y resumen en [bold]{out}[/]")
    return 0 if all(receipt.accepted for receipt in receipts) and audit["intact"] else 1


if __name__ == "__main__":
    sys.exit(main())
