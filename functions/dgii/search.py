"""Is our document at DGII, and which of its answers are about it? By the trackIds of the number and by the security code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from functions.dgii.attempt import Submission
from functions.dgii.observations import Foreign, FoundInProcess, Judged, NotDone, NotFound, Observation, TakenByAnother
from shared.dgii.answers import FINAL, Estado, Outcome, Tracking
from shared.dgii.client import Dgii
from shared.ecf.clock import SANTO_DOMINGO

T = TypeVar("T")
_ACCEPTED = frozenset({Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL})
_SKEW = timedelta(minutes=10)
"""So far may DGII's clock be from ours."""


@dataclass(frozen=True)
class Consultas:
    """DGII's consultas about one document; `ask` makes a call with a token."""

    ask: Callable[[Callable[[Dgii, str], T]], T]
    submission: Submission

    def track_ids(self) -> tuple[Tracking, ...]:
        s = self.submission
        return self.ask(lambda dgii, token: dgii.track_ids(token, s.rnc_emisor, s.encf).rows)

    def state(self, code: str) -> Outcome:
        """Of the document with that security code; with none, of whichever document has the number."""
        s = self.submission
        return self.ask(lambda dgii, token: dgii.state(token, s.rnc_emisor, s.encf, s.rnc_comprador if code else "", code))

    def result(self, track_id: str) -> Outcome:
        return self.ask(lambda dgii, token: dgii.result(token, track_id))


def search(s: Submission, consultas: Consultas) -> Observation:
    """A state is ours when DGII gives it for our security code; a rejection also when nothing says that it is another's."""
    trackings = [tracking for tracking in consultas.track_ids() if _may_be(s, tracking)]
    if not trackings:
        return NotFound()
    state = consultas.state(s.codigo_seguridad)
    if state.estado in FINAL and state.codigo_seguridad in ("", s.codigo_seguridad):
        return _settled(s, state, trackings, consultas)
    if in_process := [tracking for tracking in trackings if tracking.estado is Estado.EN_PROCESO]:
        return FoundInProcess(in_process[0].track_id)
    holder = consultas.state("")
    known = holder.estado in FINAL and holder.codigo_seguridad != ""
    if known and holder.codigo_seguridad == s.codigo_seguridad:
        return _settled(s, holder, trackings, consultas)
    if known and holder.estado in _ACCEPTED:
        return TakenByAnother()
    if any(tracking.estado in _ACCEPTED for tracking in trackings):
        return NotDone("the number is accepted, and no consulta says yet for which document")
    return NotFound() if known else _rejected(s, trackings, consultas)


def own(s: Submission, outcome: Outcome, track_id: str | None = None) -> Judged | Foreign:
    """An answer about another issuer, number or trackId is nobody's answer."""
    asked = (track_id or s.track_id or "").lower()
    other = asked != "" and outcome.track_id.lower() not in ("", asked)
    if other or outcome.rnc not in ("", s.rnc_emisor) or outcome.encf not in ("", s.encf):
        return Foreign(f"the answer speaks of {outcome.rnc} {outcome.encf} {outcome.track_id}: {outcome.raw[:300]}")
    return Judged(outcome, track_id)


def _may_be(s: Submission, tracking: Tracking) -> bool:
    """Neither rejected for another attempt at the number nor received before there was a document to send."""
    if tracking.estado is Estado.RECHAZADO and tracking.track_id.lower() in {known.lower() for known in s.earlier}:
        return False
    received = _moment(tracking.fecha_recepcion)
    return received is None or received >= s.created_at - _SKEW


def _moment(fecha_recepcion: str) -> datetime | None:
    """DGII writes `9/25/2026 4:14:51 PM`, in Dominican time."""
    try:
        return datetime.strptime(fecha_recepcion, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=SANTO_DOMINGO)
    except ValueError:
        return None


def _settled(s: Submission, state: Outcome, trackings: list[Tracking], consultas: Consultas) -> Observation:
    """The state holds for our document; the remarks are with its trackId."""
    alike = _ACCEPTED if state.estado in _ACCEPTED else {state.estado}
    for tracking in trackings:
        if tracking.estado in alike:
            outcome = consultas.result(tracking.track_id)
            return own(s, outcome if outcome.final else state, tracking.track_id)
    return own(s, state)


def _rejected(s: Submission, trackings: list[Tracking], consultas: Consultas) -> Observation:
    """Of several rejections the one that says why counts: those after it only say that the number was used."""
    found: Observation = NotFound()
    for tracking in trackings:
        seen = own(s, consultas.result(tracking.track_id), tracking.track_id)
        if isinstance(seen, Foreign) or not (seen.outcome.transient or seen.outcome.number_was_used):
            return seen
        if seen.outcome.number_was_used:
            found = seen
    return found
