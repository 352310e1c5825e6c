"""Talk to DGII: seed and token, reception, RFCE, consultas. What it says becomes a value, what goes wrong a fact."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.dgii import answers
from shared.dgii.answers import Outcome, Token, Tracking
from shared.dgii.environments import Hosts
from shared.ecf.gate import OTHER, ForeignXmlRefused, open_foreign
from shared.ecf.types import Environment
from shared.errors import AppError, InvalidInput, NotAllowed, NotAuthenticated, Unavailable

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
ANSWER_LIMIT = 1024 * 1024


class AuthorityUnavailable(Unavailable):
    """DGII was not reached or is busy: what we wanted to send did not arrive. `retry_after` in seconds when DGII said it."""

    slug = "dgii-unavailable"


class AnswerLost(Unavailable):
    """The request may have arrived and nothing is known about it: ask before sending anything again."""

    slug = "dgii-answer-lost"


class AuthorityTokenRefused(NotAuthenticated):
    """401: the token is over. A second one in a row is a matter of configuration."""

    slug = "dgii-token-refused"


class SignerNotDelegated(NotAllowed):
    """The certificate's holder may not act for this RNC: no retry helps, people must be told."""

    slug = "dgii-signer-not-delegated"


class SeedRefused(InvalidInput):
    """DGII did not accept the signed seed; `reason` holds its words."""

    slug = "dgii-seed-refused"


class SeedUnusable(Unavailable):
    """What came as a seed is none."""

    slug = "dgii-seed-unusable"


class SubmissionRefused(InvalidInput):
    """DGII did not take the file, in its own words (`reason`): the document was not received."""

    slug = "dgii-submission-refused"


def http_client() -> "httpx.Client":
    """A client with the limits of every call: no redirects, no proxies from the environment, certificates verified."""
    import httpx  # 100 ms; the first call to DGII pays it, not the readiness probe

    return httpx.Client(timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS), trust_env=False, follow_redirects=False)


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str

    @property
    def value(self) -> answers.Value:
        return answers.read(self.body)


@dataclass(frozen=True)
class Dgii:
    """The services of one environment."""

    http: "httpx.Client"
    hosts: Hosts
    environment: Environment

    def authenticate(self, sign: Callable[[bytes], bytes]) -> Token:
        """Seed, signature by the caller, token (Descripción Técnica, autenticación)."""
        base = "autenticacion/api/autenticacion"
        answer = self._call("GET", self._ecf(f"{base}/semilla"), accept="application/xml", lost=AuthorityUnavailable)
        if answer.status != 200:
            raise AuthorityUnavailable(status=answer.status)
        signed = sign(_seed(answer.body))
        url = self._ecf(f"{base}/validarsemilla")
        answer = self._call("POST", url, file=("semilla.xml", signed, "text/xml"), lost=AuthorityUnavailable)
        if answer.status == 200:
            token = answers.token(answer.value)
            if token is None:
                raise AuthorityUnavailable(status=answer.status)
            return token
        reason = answers.complaint(answer.body)
        # The revocation service behind DGII is down: it says so with the words of its own exception.
        if answer.status != 400 or not reason or "connection attempt failed" in reason.lower():
            raise AuthorityUnavailable(status=answer.status)
        raise _delegation(reason) or SeedRefused(reason=reason)

    def send_ecf(self, token: str, filename: str, xml: bytes) -> str:
        """The trackId: a receipt, not a verdict. SubmissionRefused when DGII did not take the file."""
        answer = self._post(self._ecf("recepcion/api/facturaselectronicas"), filename, xml, token)
        self._usable(answer)
        if answer.status == 200 and (track_id := answers.text(answer.value, "trackid")):
            return track_id
        raise self._refusal(answer)

    def send_rfce(self, token: str, filename: str, xml: bytes) -> Outcome:
        """The final verdict, whatever the HTTP status it comes with."""
        answer = self._post(self._fc("recepcionfc/api/recepcion/ecf"), filename, xml, token)
        self._usable(answer)
        outcome = answers.outcome(answer.value, answer.body)
        if outcome is not None and outcome.estado in answers.FINAL:
            return outcome
        raise self._refusal(answer)

    def result(self, token: str, track_id: str) -> Outcome:
        """Consulta de resultado; only for documents sent by `send_ecf`."""
        url = self._ecf("consultaresultado/api/consultas/estado")
        return self._outcome(self._get(url, token, {"trackid": track_id}))

    def state(self, token: str, rnc_emisor: str, encf: str, rnc_comprador: str, codigo_seguridad: str) -> Outcome:
        """Consulta de estado; finds RFCE too. Does not exist in certification."""
        query = {"rncemisor": rnc_emisor, "ncfelectronico": encf}
        query |= {"rnccomprador": rnc_comprador} if rnc_comprador else {}
        query |= {"codigoseguridad": codigo_seguridad} if codigo_seguridad else {}
        return self._outcome(self._get(self._ecf("consultaestado/api/consultas/estado"), token, query))

    def track_ids(self, token: str, rnc_emisor: str, encf: str) -> tuple[Tracking, ...]:
        """Every submission of a number. Does not exist in certification."""
        url = self._ecf("consultatrackids/api/trackids/consulta")
        answer = self._get(url, token, {"rncemisor": rnc_emisor, "encf": encf})
        found = answers.trackings(answer.value)
        if found is None:
            raise AuthorityUnavailable(status=answer.status)
        return found

    def rfce(self, token: str, rnc_emisor: str, encf: str, codigo_seguridad: str) -> Outcome:
        """Consulta de RFCE, by number and security code."""
        query = {"RNC_Emisor": rnc_emisor, "ENCF": encf, "Cod_Seguridad_eCF": codigo_seguridad}
        return self._outcome(self._get(self._fc("consultarfce/api/Consultas/Consulta"), token, query))

    def _ecf(self, path: str) -> str:
        return self.hosts.ecf_url(self.environment, path)

    def _fc(self, path: str) -> str:
        return self.hosts.fc_url(self.environment, path)

    def _get(self, url: str, token: str, query: Mapping[str, str]) -> _Answer:
        answer = self._call("GET", url, token=token, query=query, lost=AuthorityUnavailable)
        self._usable(answer)
        if answer.status != 200:
            reason = answers.complaint(answer.body)
            raise _delegation(reason) or AuthorityUnavailable(status=answer.status, reason=reason)
        return answer

    def _post(self, url: str, filename: str, xml: bytes, token: str) -> _Answer:
        # The whole part is in memory, so httpx sends Content-Length: without it DGII finds the multipart empty.
        return self._call("POST", url, token=token, file=(filename, xml, "text/xml"))

    def _call(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        file: tuple[str, bytes, str] | None = None,
        accept: str = "application/json",
        lost: type[Unavailable] = AnswerLost,
    ) -> _Answer:
        """One exchange. `lost` is what a missing answer means: only a document that may have arrived is worth asking for."""
        import httpx  # as above

        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        until = time.monotonic() + TOTAL_SECONDS
        files = {"xml": file} if file else None
        try:
            with self.http.stream(method, url, params=query, headers=headers, files=files) as response:
                chunks, size = [], 0
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > ANSWER_LIMIT or time.monotonic() > until:
                        raise lost(reason="too large or too slow")
                    chunks.append(chunk)
                return _Answer(response.status_code, b"".join(chunks), response.headers.get("Retry-After", ""))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise AuthorityUnavailable(reason=type(error).__name__) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise lost(reason=type(error).__name__) from error

    @staticmethod
    def _usable(answer: _Answer) -> None:
        """Raise for the statuses that mean the same at every service behind a token."""
        if answer.status == 401:
            raise AuthorityTokenRefused
        if answer.status == 403:
            raise SignerNotDelegated(reason=answers.complaint(answer.body))
        if answer.status == 429:
            seconds = answer.retry_after
            raise AuthorityUnavailable(retry_after=int(seconds) if seconds.isdigit() else 60)

    @staticmethod
    def _outcome(answer: _Answer) -> Outcome:
        outcome = answers.outcome(answer.value, answer.body)
        if outcome is None:
            raise AuthorityUnavailable(status=answer.status)
        return outcome

    @staticmethod
    def _refusal(answer: _Answer) -> AppError:
        """What a reception that took nothing means: a 4xx in DGII's own words is a refusal, all else proves nothing."""
        reason = answers.complaint(answer.body)
        if answer.status < 500 and reason:
            return _delegation(reason) or SubmissionRefused(reason=reason)
        return AnswerLost(status=answer.status)


def _seed(body: bytes) -> bytes:
    try:
        root = open_foreign(body, kind=OTHER)
    except ForeignXmlRefused as error:
        raise SeedUnusable(reason=error.reason) from error
    if root.tag != "SemillaModel" or not (root.findtext("valor") or "").strip():
        raise SeedUnusable(reason="no valor")
    return body


def _delegation(reason: str) -> SignerNotDelegated | None:
    words = reason.lower()
    missing = "delegado" in words and ("no está" in words or "no esta" in words or "no se encuentra" in words)
    return SignerNotDelegated(reason=reason) if missing or "no está autorizado" in words else None
