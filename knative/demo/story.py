"""What the demo tells at its end: the steps, the events behind them, the receipts."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from knative.demo.driver import Receipt, Step
from knative.embedded.mail import Mailbox
from knative.rules.delivery import Attempt


def show_steps(console: Console, steps: Sequence[Step]) -> None:
    table = Table("función", "paso", "ms", "arranque", title="Lo que se pidió por la puerta pública")
    for step in steps:
        table.add_row(step.function, step.what, str(step.ms), "frío" if step.cold else "")
    console.print(table)


def show_events(console: Console, history: Sequence[Attempt]) -> None:
    table = Table("evento", "de", "a", "intento", "estado", "ms", "arranque", title="Lo que viajó por el broker")
    for attempt in history:
        kind = attempt.type.removeprefix("do.getupnet.")
        source = attempt.source.removeprefix("/functions/")
        cold = "frío" if attempt.cold else ""
        table.add_row(kind, source, attempt.function, str(attempt.attempt), str(attempt.status), str(attempt.ms), cold)
    console.print(table)


def show_receipts(console: Console, receipts: Sequence[Receipt], audit: dict[str, Any]) -> None:
    table = Table("e-NCF", "estado", "total", "código", "trackId", "cargo", "firmado", "veredicto", title="Comprobantes")
    for receipt in receipts:
        invoice, ms = receipt.invoice, receipt.ms
        table.add_row(
            invoice["encf"],
            invoice["estado"],
            invoice["monto_total"],
            invoice["codigo_seguridad"],
            invoice["track_id"] or "RFCE",
            receipt.fee,
            f"{ms['emit']} ms",
            f"{ms['verdict']} ms",
        )
    console.print(table)
    state = "íntegra" if audit["intact"] else f"ROTA en {audit['broken_at']}"
    console.print(f"Cadena de auditoría {state}: {audit['records']} hechos sellados, cabeza {audit['head'][:16]}…")


def show_mails(console: Console, mailbox: Mailbox) -> None:
    for kept in mailbox.newest(1):
        said = escape(f"Correo a {kept.message['To']}: «{kept.message['Subject']}»")
        console.print(f"{said} [dim](léalo con ./task mail)[/]")
