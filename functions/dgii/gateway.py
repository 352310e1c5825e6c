"""dgii's outside: the authority itself, and sign for the seeds. One step in, one observation out."""

import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from functions.dgii.alarms import Code
from functions.dgii.attempt import Submission
from functions.dgii.breaker import Breaker
from functions.dgii.domain import Step
from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    Foreign,
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
from functions.dgii.pace import Pace
from functions.dgii.tokens import Tokens
from shared.dgii.answers import FINAL, Estado, Outcome, Tracking
from shared.dgii.client import NO_TRACK_ID, Dgii, StatusService
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
from shared.errors import AppError
from shared.identity.callee import CalleeUnavailable
from shared.signer.client import Signer, SigningRefused

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
_SEEDS = 256


@dataclass
class Services:
    """DGII's services of each environment over one pool of connections, made with the first call.

    `status_key` opens its status service, where DGII granted one.
    """

    hosts: Hosts
    status_key: str = ""

    def of(self, environment: Environment) -> Dgii:
        return Dgii(self._http, self.hosts, environment)

    @property
    def status(self) -> StatusService | None:
        """None without an address or a key: a platform must work without it."""
        ready = self.hosts.status and self.status_key
        return StatusService(self._http, self.hosts.status, self.status_key) if ready else None

    @cached_property
    def _http(self) -> "httpx.Client":
        return http_client()


@dataclass
class Authority:
    """DGII as the submission machine sees it; `quarantine` is how long a document whose answer was lost is only asked for.

    `paces` is what this process knows of how long DGII takes, by environment and type; `watching`: whether it has asked for the
    look at the status service.
    """

    services: Services
    signer: Signer
    tokens: Tokens
    quarantine: timedelta
    breaker: Breaker = field(default_factory=Breaker)
    paces: dict[tuple[str, int], Pace] = field(default_factory=dict)
    watching: bool = False
    _seeds: deque[bytes] = field(default_factory=lambda: deque(maxlen=_SEEDS))
    pause: Callable[[float], None] = time.sleep

    @property
    def status(self) -> StatusService | None:
        return self.services.status

    def perform(self, step: Step, tenant: str, submission: Submission) -> Observation:
        """One step at DGII; never raises for what DGII or sign do."""
        if not self.breaker.admits(submission.environment):
            return NotDone("DGII does not answer; its breaker is open")
        try:
            seen = self._perform(step, tenant, submission)
        except AnswerLost as error:
            empty = error.facts.get("reason") == NO_TRACK_ID
            self.breaker.saw(submission.environment, failed=not empty)
            return Lost(_facts(error.facts), Code.TRACK_ID_VACIO if empty else None, _fact(error, "status"))
        except (AuthorityUnavailable, SeedUnusable) as error:
            retry_after = _fact(error, "retry_after")
            # Whoever says when to come back is there.
            self.breaker.saw(submission.environment, failed=retry_after is None)
            return NotDone(_facts(error.facts), retry_after, _fact(error, "status"))
        except CalleeUnavailable as error:
            return NotDone(_facts(error.facts))
        except (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused) as error:
            return Blocked(f"{error.slug} {_facts(error.facts)}")
        except SubmissionRefused as error:
            seen = Refused(str(error.facts.get("reason", "")), _fact(error, "status"))
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
        """An answer about another issuer, number or trackId is nobody's answer."""
        asked = (track_id or s.track_id or "").lower()
        other = asked != "" and outcome.track_id.lower() not in ("", asked)
        if other or outcome.rnc not in ("", s.rnc_emisor) or outcome.encf not in ("", s.encf):
            return Foreign(f"the answer speaks of {outcome.rnc} {outcome.encf} {outcome.track_id}: {outcome.raw[:300]}")
        return Judged(outcome, track_id)

    def _result(self, tenant: str, s: Submission, track_id: str) -> Outcome:
        return self._ask(tenant, s, lambda d, t: d.result(t, track_id))

    def _ask(self, tenant: str, s: Submission, call: Callable[[Dgii, str], T]) -> T:
        return self.ask(tenant, Environment(s.environment), s.certificate_id, call)

    def ask(self, tenant: str, environment: Environment, certificate_id: str, call: Callable[[Dgii, str], T]) -> T:
        """A call with the token of a certificate; a refused token is renewed once."""
        dgii = self.services.of(environment)
        name = f"{tenant}:dgii:token:{environment}:{certificate_id}"

        def sign(seed: bytes) -> bytes:
            self._fresh(seed)
            return self.signer.sign(seed, tenant=tenant, certificate_id=certificate_id, purpose="semilla").xml

        token = self.tokens.get(name, lambda: dgii.authenticate(sign))
        try:
            return call(dgii, token)
        except AuthorityTokenRefused:
            return call(dgii, self.tokens.get(name, lambda: dgii.authenticate(sign), refused=token))

    def _fresh(self, seed: bytes) -> None:
        """A seed is signed once: one that comes again was not made for us."""
        digest = hashlib.sha256(seed).digest()
        if digest in self._seeds:
            raise SeedUnusable(reason="reused")
        self._seeds.append(digest)


def _facts(facts: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())[:400]


def _fact(error: AppError, name: str) -> int | None:
    """A number that came with the error."""
    value = error.facts.get(name)
    return value if isinstance(value, int) else None
