"""A DGII of a few lines with a virtual clock: what the submission machine must survive."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.dgii import domain
from functions.dgii.attempt import Submission
from functions.dgii.domain import Decision, Step
from functions.dgii.observations import FoundInProcess, Judged, Lost, NotDone, NotFound, Observation, Received
from functions.dgii.pace import Waits
from shared.dgii.answers import Estado, Mensaje, Outcome

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
ACCEPTED = Outcome(Estado.ACEPTADO, (), True)
USED = Outcome(Estado.RECHAZADO, (Mensaje("1209", "Este número de secuencia ya ha sido utilizado."),), True)


def submission(**changes: object) -> Submission:
    values: dict[str, object] = {
        "encf": "E310000000001",
        "intento": 1,
        "invoice_id": "01a20c14-0000-7000-8000-000000000001",
        "environment": "testecf",
        "channel": "ecf",
        "rnc_emisor": "131880738",
        "rnc_comprador": "131880681",
        "tipo_ecf": 31,
        "monto_total": "1180.00",
        "codigo_seguridad": "aB/d+1",
        "certificate_id": "01a20c14-0000-7000-8000-000000000002",
        "sha256": "0" * 64,
        "xml": b"<ECF/>",
        "created_at": START,
    }
    return Submission(**(values | changes))  # type: ignore[arg-type]


@dataclass
class World:
    """`faults` are taken one a call (ok when used up); a consulta sees an arrival only after `lag`."""

    faults: Iterator[str]
    lag: timedelta = timedelta()
    in_process: int = 0
    now: datetime = START
    arrivals: list[datetime] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)

    def perform(self, step: Step) -> Observation:
        fault = next(self.faults, "ok")
        if fault == "not done":
            return NotDone("refused")
        if step is Step.SEND:
            if fault != "lost before":
                self.arrivals.append(self.now)
            return Received(f"t{len(self.arrivals)}") if fault == "ok" else Lost(fault)
        if step is Step.QUERY:
            seen = [at for at in self.arrivals if self.now - at >= self.lag]
            return FoundInProcess("t1") if seen else NotFound()
        if self.in_process > 0:
            self.in_process -= 1
            return Judged(Outcome(Estado.EN_PROCESO))
        return Judged(ACCEPTED if len(self.arrivals) == 1 else USED)

    def run(self, waits: Waits, *, steps: int = 500, crash_at: int | None = None) -> Submission:
        """Follow one submission to its end; at step `crash_at` the worker dies after the call and before its record."""
        held = submission()
        for number in range(steps):
            held = domain.recover(held)
            step = domain.next_step(held)
            if step is None:
                break
            if step is Step.SEND:
                held = domain.intend(held, self.now)
            seen = self.perform(step)
            if number == crash_at:
                self.now += timedelta(seconds=60)
                continue
            decision = self.note(domain.decide(held, seen, self.now, waits))
            held = decision.submission
            if decision.bury:
                break
            self.now += decision.again or timedelta()
        return held

    def note(self, decision: Decision) -> Decision:
        if decision.announce:
            self.announced.append(decision.announce.type.split(".")[-2])
        return decision
