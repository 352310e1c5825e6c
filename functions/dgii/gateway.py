"""dgii's outside: the authority itself, and sign for the seeds. One step in, one observation out."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from functions.dgii.domain import Step, Submission
from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    FoundInProcess,
    Judged,
    Lost,
    NotDone,
    NotFound,
    Observation,
    Received,
    Refused,
    TakenByAnother,
)
from functions.dgii.tokens import Tokens
from shared.dgii.answers import FINAL, Estado, Outcome, Tracking
from shared.dgii.client import Dgii
from shared.dgii.environments import HAS_NO_CONSULTAS, Hosts
from shared.dgii.exchange import http_client
from shared.dgii.failures import (
    AnswerLost,
    AuthorityTokenRefused,
    AuthorityUnavailable,
    SeedRefused,
    SeedUnusable,
    SignerNotDelegated,
    SubmissionRefused,
)
from shared.ecf.types import Environment
from shared.errors import Unavailable
from shared.identity.callee import CalleeUnavailable
from shared.signer.client import Signer, SigningRefused

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
OPENS_AFTER = 10
OPEN_SECONDS = 30.0


@dataclass
class Breaker:
    """Ten failures in a row at one environment: for half a minute only one call at a time tries again."""

    _failures: dict[str, int] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def closed(self, environment: str) -> bool:
        with self._lock:
            if time.monotonic() < self._until.get(environment, 0.0):
                return False
            if self._failures.get(environment, 0) >= OPENS_AFTER:
                self._until[environment] = time.monotonic() + OPEN_SECONDS  # this caller is the probe
            return True

    def saw(self, environment: str, *, failed: bool) -> None:
        with self._lock:
            self._failures[environment] = self._failures.get(environment, 0) + 1 if failed else 0
            if not failed:
                self._until.pop(environment, None)
            elif self._failures[environment] == OPENS_AFTER:
                self._until[environment] = time.monotonic() + OPEN_SECONDS


@dataclass
class Services:
    """DGII's services of each environment over one pool of connections, made with the first call."""

    hosts: Hosts

    def of(self, environment: Environment) -> Dgii:
        return Dgii(self._http, self.hosts, environment)

    @cached_property
    def _http(self) -> "httpx.Client":
        return http_client()


@dataclass
class Authority:
    """DGII as the submission machine sees it; `quarantine` is how long a document whose answer was lost is only asked for."""

    services: Services
    signer: Signer
    tokens: Tokens
    quarantine: timedelta
    breaker: Breaker = field(default_factory=Breaker)
    pause: Callable[[float], None] = time.sleep

    def perform(self, step: Step, tenant: str, submission: Submission) -> Observation:
        """One step at DGII; never raises for what DGII or sign do."""
        if not self.breaker.closed(submission.environment):
            return NotDone("DGII does not answer; its breaker is open")
        try:
            seen = self._perform(step, tenant, submission)
        except AnswerLost as error:
            self.breaker.saw(submission.environment, failed=True)
            return Lost(_facts(error.facts))
        except (AuthorityUnavailable, SeedUnusable) as error:
            self.breaker.saw(submission.environment, failed=True)
            return NotDone(_facts(error.facts), _retry_after(error))
        except CalleeUnavailable as error:
            return NotDone(_facts(error.facts))
        except (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused) as error:
            return Blocked(f"{error.slug} {_facts(error.facts)}")
        except SubmissionRefused as error:
            seen = Refused(str(error.facts.get("reason", "")))
        self.breaker.saw(submission.environment, failed=False)
        return seen

    def _perform(self, step: Step, tenant: str, s: Submission) -> Observation:
        if step is Step.SEND and s.channel == "rfce":
            return Judged(self._ask(tenant, s, lambda d, t: d.send_rfce(t, s.filename, s.xml)))
        if step is Step.SEND:
            return Received(self._ask(tenant, s, lambda d, t: d.send_ecf(t, s.filename, s.xml)))
        if step is Step.POLL and s.track_id:
            return self._own(s, self._result(tenant, s, s.track_id))
        if s.channel == "rfce":
            outcome = self._ask(tenant, s, lambda d, t: d.rfce(t, s.rnc_emisor, s.encf, s.codigo_seguridad))
            return NotFound() if outcome.estado is Estado.NO_ENCONTRADO else self._own(s, outcome)
        if Environment(s.environment) in HAS_NO_CONSULTAS:
            return CannotAsk()
        return self._query(tenant, s)

    def _query(self, tenant: str, s: Submission) -> Observation:
        """Is our document there? The trackIds of the number, and the consulta that compares the security code."""
        trackings = self._ask(tenant, s, lambda d, t: d.track_ids(t, s.rnc_emisor, s.encf))
        if not trackings:
            return NotFound()
        code = s.codigo_seguridad
        state = self._ask(tenant, s, lambda d, t: d.state(t, s.rnc_emisor, s.encf, s.rnc_comprador, code))
        # DGII echoes the code; another one would be another document.
        ours = state.estado in FINAL and state.codigo_seguridad in ("", code)
        if ours:
            return self._settled(tenant, s, state, trackings)
        if in_process := [t for t in trackings if t.estado is Estado.EN_PROCESO]:
            return FoundInProcess(in_process[0].track_id)
        if any(t.estado in (Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL) for t in trackings):
            return TakenByAnother()
        return self._own(s, self._result(tenant, s, trackings[0].track_id), trackings[0].track_id)

    def _settled(self, tenant: str, s: Submission, state: Outcome, trackings: tuple[Tracking, ...]) -> Observation:
        """The state holds for our document; the remarks are with its trackId."""
        accepted = {Estado.ACEPTADO, Estado.ACEPTADO_CONDICIONAL}
        alike = accepted if state.estado in accepted else {state.estado}
        for tracking in trackings:
            if tracking.estado in alike:
                outcome = self._result(tenant, s, tracking.track_id)
                return self._own(s, outcome if outcome.final else state, tracking.track_id)
        return self._own(s, state)

    def _own(self, s: Submission, outcome: Outcome, track_id: str | None = None) -> Observation:
        """An answer about another issuer or number is nobody's answer."""
        if outcome.rnc not in ("", s.rnc_emisor) or outcome.encf not in ("", s.encf):
            return NotDone("the answer speaks of another document")
        return Judged(outcome, track_id)

    def _result(self, tenant: str, s: Submission, track_id: str) -> Outcome:
        return self._ask(tenant, s, lambda d, t: d.result(t, track_id))

    def _ask(self, tenant: str, s: Submission, call: Callable[[Dgii, str], T]) -> T:
        """A call with a token; a refused token is renewed once."""
        dgii = self.services.of(Environment(s.environment))
        name = f"dgii:token:{tenant}:{s.environment}:{s.certificate_id}"

        def sign(seed: bytes) -> bytes:
            return self.signer.sign(seed, tenant=tenant, certificate_id=s.certificate_id, purpose="semilla").xml

        token = self.tokens.get(name, lambda: dgii.authenticate(sign))
        try:
            return call(dgii, token)
        except AuthorityTokenRefused:
            return call(dgii, self.tokens.get(name, lambda: dgii.authenticate(sign), refused=token))


def _facts(facts: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())[:400]


def _retry_after(error: Unavailable) -> int | None:
    seconds = error.facts.get("retry_after")
    return seconds if isinstance(seconds, int) else None
