"""dgii's outside: the authority itself, and sign for the seeds. One step in, one observation out."""

import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from functions.dgii.alarms import Code
from functions.dgii.attempt import Submission
from functions.dgii.breaker import Breaker
from functions.dgii.domain import Step
from functions.dgii.observations import (
    Blocked,
    CannotAsk,
    Foreign,
    Lost,
    NotDone,
    NotFound,
    Observation,
    Received,
    Refused,
)
from functions.dgii.pace import Pace
from functions.dgii.search import Consultas, own, search
from functions.dgii.tokens import Tokens
from shared.dgii.answers import Estado, Outcome
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
            return Lost(_facts(error.facts), Code.TRACK_ID_VACIO if empty else None, _fact(error, "status"), error.raw)
        except (AuthorityUnavailable, SeedUnusable) as error:
            retry_after = _fact(error, "retry_after")
            # Whoever says when to come back is there.
            self.breaker.saw(submission.environment, failed=retry_after is None)
            return NotDone(_facts(error.facts), retry_after, _fact(error, "status"))
        except CalleeUnavailable as error:  # sign was asked for because DGII gave a seed
            seen = NotDone(_facts(error.facts))
        except (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused) as error:
            seen = Blocked(f"{error.slug} {_facts(error.facts)}")
        except SubmissionRefused as error:
            seen = self._refused(tenant, submission, error.outcome)
        self.breaker.saw(submission.environment, failed=False)
        return seen

    def _perform(self, step: Step, tenant: str, s: Submission) -> Observation:
        if step is Step.SEND and s.channel == "rfce":
            return self._answered(s, self._ask(tenant, s, lambda d, t: d.send_rfce(t, s.filename, s.xml)))
        if step is Step.SEND:
            receipt = self._ask(tenant, s, lambda d, t: d.send_ecf(t, s.filename, s.xml))
            return Received(receipt.track_id, receipt.raw)
        if step is Step.POLL and s.track_id:
            return own(s, self._ask(tenant, s, lambda d, t: d.result(t, s.track_id or "")))
        return self._search(tenant, s)

    def _search(self, tenant: str, s: Submission) -> Observation:
        """Is our document there?"""
        if s.channel == "rfce":
            outcome = self._ask(tenant, s, lambda d, t: d.rfce(t, s.rnc_emisor, s.encf, s.codigo_seguridad))
            return NotFound() if outcome.estado is Estado.NO_ENCONTRADO else own(s, outcome)
        if Environment(s.environment) in HAS_NO_CONSULTAS:
            return CannotAsk()
        return search(s, self._consultas(tenant, s))

    def _answered(self, s: Submission, outcome: Outcome) -> Observation:
        """What came for a sending, if it speaks of what was sent: otherwise ours may have arrived too."""
        seen = own(s, outcome)
        return Lost(seen.detail, Code.RESPUESTA_AJENA, outcome.http_status, outcome.raw) if isinstance(seen, Foreign) else seen

    def _refused(self, tenant: str, s: Submission, outcome: Outcome) -> Observation:
        """A refusal that does not say what became of the number: it is free when DGII never had it."""
        told = outcome.secuencia_utilizada is not None or outcome.transient or outcome.number_was_used
        if told or s.posts > 1 or Environment(s.environment) in HAS_NO_CONSULTAS:
            return Refused(outcome)
        try:
            holder = self._consultas(tenant, s).state("")
        except AppError:
            return Refused(outcome)
        free = holder.estado is Estado.NO_ENCONTRADO
        return Refused(replace(outcome, secuencia_utilizada=False) if free else outcome)

    def _consultas(self, tenant: str, s: Submission) -> Consultas:
        return Consultas(partial(self._ask, tenant, s), s)

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
