"""Talk to DGII: every service of one environment, and the status service. What it says becomes a value, what goes wrong a fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from shared.dgii import answers, services
from shared.dgii.answers import Outcome, Receipt, Token, Trackings
from shared.dgii.environments import Hosts
from shared.dgii.exchange import Answer, Call, exchange
from shared.dgii.failures import AnswerLost, AuthorityUnavailable, SeedRefused, SeedUnusable
from shared.dgii.refusals import not_received, said, signer_refused, unavailable, usable, words_of
from shared.dgii.services import Listed, Processed, ServiceState, Window
from shared.dgii.wording import says_internal
from shared.ecf.gate import OTHER, ForeignXmlRefused, open_foreign
from shared.ecf.types import Environment

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
DIRECTORY_LIMIT = 32 * 1024 * 1024
"""The whole directory holds every electronic issuer of the country."""

NO_TRACK_ID = "no trackId"
"""The reason of an AnswerLost whose answer came, as a receipt with nothing on it."""


@dataclass(frozen=True)
class Dgii:
    """The services of one environment."""

    http: "httpx.Client"
    hosts: Hosts
    environment: Environment

    def authenticate(self, sign: Callable[[bytes], bytes]) -> Token:
        """Seed, signature by the caller, token (Descripción Técnica, autenticación)."""
        base = "autenticacion/api/autenticacion"
        answer = self._ask(Call("GET", self._ecf(f"{base}/semilla"), accept="application/xml"))
        if answer.status != 200:
            raise unavailable(answer)
        signed = sign(_seed(answer.body))
        answer = self._ask(Call("POST", self._ecf(f"{base}/validarsemilla"), file=("semilla.xml", signed, "text/xml")))
        if answer.status == 200 and (token := answers.token(answer.value)):
            return token
        reason = words_of(answer)
        # The revocation service behind DGII is down: it says so with the words of its own exception.
        if answer.status not in (400, 403) or not reason or says_internal(reason):
            raise unavailable(answer)
        raise signer_refused(reason) or SeedRefused(reason=reason)

    def send_ecf(self, token: str, filename: str, xml: bytes) -> Receipt:
        """The trackId: a receipt, not a verdict. SubmissionRefused when DGII did not take the file."""
        answer = self._post(self._ecf("recepcion/api/facturaselectronicas"), filename, xml, token)
        if answer.status == 200 and (track_id := answers.text(answer.value, "trackid")):
            return Receipt(track_id, answer.text)
        if answer.status == 200 and not said(answer) and _is_receipt(answer.value):
            raise AnswerLost(reason=NO_TRACK_ID, status=answer.status, raw=answer.text)
        raise not_received(answer)

    def send_rfce(self, token: str, filename: str, xml: bytes) -> Outcome:
        """The final verdict, with a 200 or a 400."""
        answer = self._post(self._fc("recepcionfc/api/recepcion/ecf"), filename, xml, token)
        outcome = answers.outcome(answer.value, answer.body) if answer.status in (200, 400) else None
        if outcome is not None and outcome.estado in answers.FINAL:
            return replace(outcome, http_status=answer.status)
        raise not_received(answer)

    def approve(self, token: str, filename: str, xml: bytes) -> Processed:
        """Aprobación comercial (ACECF): whether DGII recorded the buyer's word, not what the word was."""
        return self._processed(self._ecf("aprobacioncomercial/api/aprobacioncomercial"), filename, xml, token)

    def void(self, token: str, filename: str, xml: bytes) -> Processed:
        """Anulación de rangos (ANECF). Does not exist in certification."""
        return self._processed(self._ecf("anulacionrangos/api/operaciones/anularrango"), filename, xml, token)

    def result(self, token: str, track_id: str) -> Outcome:
        """Consulta de resultado; only for documents sent by `send_ecf`."""
        return self._outcome(self._ecf("consultaresultado/api/consultas/estado"), token, {"trackid": track_id})

    def state(self, token: str, rnc_emisor: str, encf: str, rnc_comprador: str, codigo_seguridad: str) -> Outcome:
        """Consulta de estado; finds RFCE too. Does not exist in certification."""
        query = {"rncemisor": rnc_emisor, "ncfelectronico": encf}
        query |= {"rnccomprador": rnc_comprador} if rnc_comprador else {}
        query |= {"codigoseguridad": codigo_seguridad} if codigo_seguridad else {}
        return self._outcome(self._ecf("consultaestado/api/consultas/estado"), token, query)

    def track_ids(self, token: str, rnc_emisor: str, encf: str) -> Trackings:
        """Every submission of a number. Does not exist in certification."""
        url = self._ecf("consultatrackids/api/trackids/consulta")
        answer = self._get(Call("GET", url, _bearer(token), {"rncemisor": rnc_emisor, "encf": encf}))
        return Trackings(_said(answers.trackings(answer.value), answer), answer.text)

    def rfce(self, token: str, rnc_emisor: str, encf: str, codigo_seguridad: str) -> Outcome:
        """Consulta de RFCE, by number and security code."""
        query = {"RNC_Emisor": rnc_emisor, "ENCF": encf, "Cod_Seguridad_eCF": codigo_seguridad}
        return self._outcome(self._fc("consultarfce/api/Consultas/Consulta"), token, query)

    def directory(self, token: str) -> tuple[Listed, ...]:
        """Every electronic issuer. Does not exist in certification."""
        url = self._ecf("consultadirectorio/api/consultas/listado")
        answer = self._get(Call("GET", url, _bearer(token), limit=DIRECTORY_LIMIT))
        return _said(services.listed(answer.value), answer)

    def directory_of(self, token: str, rnc: str) -> Listed | None:
        """One issuer's addresses; None for who is none. Does not exist in certification."""
        url = self._ecf("consultadirectorio/api/consultas/obtenerdirectorioporrnc")
        answer = self._get(Call("GET", url, _bearer(token), {"RNC": rnc}))
        return next((one for one in _said(services.listed(answer.value), answer) if one.rnc == rnc), None)

    def _ecf(self, path: str) -> str:
        return self.hosts.ecf_url(self.environment, path)

    def _fc(self, path: str) -> str:
        return self.hosts.fc_url(self.environment, path)

    def _ask(self, call: Call) -> Answer:
        """An exchange whose loss costs nothing."""
        return exchange(self.http, call, lost=AuthorityUnavailable)

    def _get(self, call: Call) -> Answer:
        answer = self._ask(call)
        usable(answer)
        if answer.status != 200:
            raise signer_refused(words_of(answer)) or unavailable(answer)
        return answer

    def _post(self, url: str, filename: str, xml: bytes, token: str) -> Answer:
        answer = exchange(self.http, Call("POST", url, _bearer(token), file=(filename, xml, "text/xml")))
        usable(answer)
        return answer

    def _outcome(self, url: str, token: str, query: Mapping[str, str]) -> Outcome:
        answer = self._get(Call("GET", url, _bearer(token), query))
        return _said(answers.outcome(answer.value, answer.body), answer)

    def _processed(self, url: str, filename: str, xml: bytes, token: str) -> Processed:
        answer = self._post(url, filename, xml, token)
        seen = services.processed(answer.value, answer.body) if answer.status in (200, 400) else None
        if seen is None:
            raise not_received(answer)
        if seen.transient:
            raise AuthorityUnavailable(status=answer.status, reason=seen.words[0])
        refused = None if seen.done else signer_refused(" ".join(seen.words))
        if refused is not None:
            raise refused
        return seen


@dataclass(frozen=True)
class StatusService:
    """DGII's word on its own services, of all environments, with a key that it grants on request."""

    http: "httpx.Client"
    url: str
    key: str

    def services(self) -> tuple[ServiceState, ...]:
        answer = self._get("obtenerestatus", {})
        return _said(services.service_states(answer.value), answer)

    def windows(self) -> tuple[Window, ...]:
        answer = self._get("obtenerventanasmantenimiento", {})
        return _said(services.windows(answer.value), answer)

    def available(self, environment: Environment) -> bool:
        answer = self._get("verificarestado", {"ambiente": _NUMBERS[environment]})
        return _said(services.available(answer.value), answer)

    def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        url = f"{self.url.rstrip('/')}/api/estatusservicios/{path}"
        answer = exchange(self.http, Call("GET", url, f"Apikey {self.key}", query), lost=AuthorityUnavailable)
        if answer.status != 200:
            raise unavailable(answer)
        return answer


_NUMBERS = {Environment.TESTECF: "1", Environment.ECF: "2", Environment.CERTECF: "3"}


def _bearer(token: str) -> str:
    return f"Bearer {token}"


def _said(value: T | None, answer: Answer) -> T:
    """What the answer says, or AuthorityUnavailable when it says nothing we know."""
    if value is None:
        raise unavailable(answer)
    return value


def _is_receipt(answer: answers.Value) -> bool:
    return isinstance(answer, dict) and "trackid" in answer


def _seed(body: bytes) -> bytes:
    try:
        root = open_foreign(body, kind=OTHER)
    except ForeignXmlRefused as error:
        raise SeedUnusable(reason=error.reason) from error
    if root.tag != "SemillaModel" or not (root.findtext("valor") or "").strip():
        raise SeedUnusable(reason="no valor")
    return body
