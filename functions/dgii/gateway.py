"""dgii's outside: the authority itself, and sign for the seeds. One step in, one observation out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, partial
from http import HTTPStatus
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
from functions.dgii.seeds import Seeds
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
    pause: Callable[[float], None] = time.sleep

    @property
    def status(self) -> StatusService | None:
        return self.services.status

    @cached_property
    def _seeds(self) -> Seeds:
        return Seeds(self.tokens.kept.cache)

    def perform(self, step: Step, tenant: str, submission: Submission) -> Observation:
        """One step at DGII; never raises for what DGII or sign do."""
        try:
            return self._perform(step, tenant, submission)
        except AnswerLost as error:
            alarm = Code.TRACK_ID_VACIO if _is_empty(error) else None
            return Lost(_facts(error.facts), alarm, _fact(error, "status"), error.raw)
        except (AuthorityUnavailable, SeedUnusable, CalleeUnavailable) as error:
            return NotDone(_facts(error.facts), _fact(error, "retry_after"), _fact(error, "status"))
        except (SignerNotDelegated, SeedRefused, SigningRefused, AuthorityTokenRefused) as error:
            return Blocked(f"{error.slug} {_facts(error.facts)}")
        except SubmissionRefused as error:
            return self._refused(tenant, submission, error.outcome)

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
        with self._through_breaker(environment):
            return self._called(tenant, environment, certificate_id, call)

    def _called(self, tenant: str, environment: Environment, certificate_id: str, call: Callable[[Dgii, str], T]) -> T:
        dgii = self.services.of(environment)
        name = f"{tenant}:dgii:token:{environment}:{certificate_id}"

        def sign(seed: bytes) -> bytes:
            self._seeds.use(seed)
            return self.signer.sign(seed, tenant=tenant, certificate_id=certificate_id, purpose="semilla").xml

        token = self.tokens.get(name, lambda: dgii.authenticate(sign))
        try:
            return call(dgii, token)
        except AuthorityTokenRefused:
            return call(dgii, self.tokens.get(name, lambda: dgii.authenticate(sign), refused=token))

    @contextmanager
    def _through_breaker(self, environment: Environment) -> Iterator[None]:
        """AuthorityUnavailable while the environment is given a rest; what a call meets counts."""
        if not self.breaker.admits(environment):
            raise AuthorityUnavailable(reason="DGII does not answer; its breaker is open")
        try:
            yield
        except AppError as error:
            self.breaker.saw(environment, failed=_is_away(error))
            raise
        self.breaker.saw(environment, failed=False)


def _is_empty(error: AnswerLost) -> bool:
    return error.facts.get("reason") == NO_TRACK_ID


def _is_away(error: AppError) -> bool:
    """Whoever refuses or asks for fewer calls is there; whoever is in maintenance is not, though it may say until when."""
    if isinstance(error, AnswerLost):
        return not _is_empty(error)
    return isinstance(error, AuthorityUnavailable | SeedUnusable) and _fact(error, "status") != HTTPStatus.TOO_MANY_REQUESTS


def _facts(facts: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())[:400]


def _fact(error: AppError, name: str) -> int | None:
    """A number that came with the error."""
    value = error.facts.get(name)
    return value if isinstance(value, int) else None
