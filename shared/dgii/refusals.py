"""What it means when a service gives no receipt and no state: DGII's own words are told from those of whatever stands before it."""

from dataclasses import replace

from shared.dgii.answers import Estado, Mensaje, Outcome, Value, flag, mensajes_of, outcome, read, text, written
from shared.dgii.exchange import Answer
from shared.dgii.failures import (
    AnswerLost,
    AuthorityTokenRefused,
    AuthorityUnavailable,
    CertificateRefused,
    SignerNotDelegated,
    SubmissionRefused,
)
from shared.dgii.wording import is_commonplace, says_certificate_over, says_internal, says_no_file, says_not_allowed
from shared.errors import AppError

BUSY_SECONDS = 60
"""What a 429 without Retry-After asks for."""

_SPANISH = frozenset({"trackid", "mensaje", "mensajes"})
# A state where a service has one; anything else in `codigo` is the code of the one message.
_STATES = frozenset({"", "0", "1", "2", "3", "4", "00", "01", "02", "03", "04"})


def remarks(body: bytes) -> tuple[Mensaje, ...]:
    """DGII's words with their codes, from any of its error bodies; none of HTML, of nothing, and of the phrases of HTTP.

    A text, quoted or not; `mensajes` as objects or texts; `mensaje`, `message`, `error`; ASP.NET's ProblemDetails.
    """
    answer = read(body)
    if isinstance(answer, dict):
        return _own(_of_members(answer))
    return _own(mensajes_of(answer if answer is not None else _plain_text(body)))


def said(answer: Answer) -> tuple[Mensaje, ...]:
    """The remarks of an answer: at 400 in all their forms, elsewhere only in a form that no other server has."""
    value = answer.value
    own_form = isinstance(value, str | list) or (isinstance(value, dict) and bool(_SPANISH & value.keys()))
    return remarks(answer.body) if answer.status == 400 or own_form else ()


def words_of(answer: Answer) -> str:
    return _joined(said(answer))


def refusal(answer: Answer) -> Outcome | None:
    """The rejection in a 400 or 200 that DGII itself wrote; None for what proves nothing about the document."""
    if answer.status not in (200, 400):
        return None
    verdict, found = outcome(answer.value, answer.body), said(answer)
    if verdict is not None and verdict.estado is not Estado.RECHAZADO:
        return None
    if verdict is not None:
        return replace(verdict, mensajes=verdict.mensajes or found, http_status=answer.status)
    if not found or says_internal(_joined(found)):
        return None
    used = flag(answer.value.get("secuenciautilizada")) if isinstance(answer.value, dict) else None
    return Outcome(Estado.RECHAZADO, found, used, raw=answer.text, http_status=answer.status)


def not_received(answer: Answer) -> AppError:
    """What a reception without a receipt means: refused, not allowed, not taken, or unknown."""
    refused = refusal(answer)
    if refused is None:
        return AnswerLost(raw=answer.text, **_facts(answer))
    if says_no_file(refused.words):
        return AuthorityUnavailable(reason=refused.words, **_facts(answer))
    return (None if refused.secuencia_utilizada else signer_refused(refused.words)) or SubmissionRefused(refused)


def signer_refused(words: str) -> SignerNotDelegated | None:
    """A matter of the tenant's configuration and not of the document."""
    if says_certificate_over(words):
        return CertificateRefused(reason=words)
    return SignerNotDelegated(reason=words) if says_not_allowed(words) else None


def usable(answer: Answer) -> None:
    """Raise for the statuses that mean the same at every service behind a token."""
    if answer.status == 401:
        raise AuthorityTokenRefused
    if answer.status == 403:
        _allowed(answer)
    if answer.status == 429:
        raise unavailable(answer)


def _allowed(answer: Answer) -> None:
    """A 403 of DGII has its words or nothing; a firewall's has a page or a phrase, and is left to be trouble on the way."""
    refused = signer_refused(_joined(remarks(answer.body)))
    if refused is not None or words_of(answer) or not answer.body.strip():
        raise refused or SignerNotDelegated(reason=words_of(answer))


def unavailable(answer: Answer) -> AuthorityUnavailable:
    return AuthorityUnavailable(**_facts(answer))


def _facts(answer: Answer) -> dict[str, object]:
    """The status, and when to come back if that was said."""
    wait = BUSY_SECONDS if answer.retry_after is None and answer.status == 429 else answer.retry_after
    facts: dict[str, object] = {"status": answer.status, "retry_after": wait}
    return {name: value for name, value in facts.items() if value is not None}


def _of_members(answer: dict[str, Value]) -> tuple[Mensaje, ...]:
    listed = mensajes_of(answer.get("mensajes")) or mensajes_of(answer.get("mensaje"))
    direct = listed or mensajes_of(text(answer, "message", "error", "detail", "valor")) or mensajes_of(answer.get("errors"))
    code = text(answer, "codigo")
    if code in _STATES or any(m.codigo != "0" for m in direct):
        return direct
    return tuple(Mensaje(code, m.valor) for m in direct)


def _joined(found: tuple[Mensaje, ...]) -> str:
    return " ".join(m.valor for m in found if m.valor)


def _own(found: tuple[Mensaje, ...]) -> tuple[Mensaje, ...]:
    return tuple(m for m in found if m.codigo != "0" or not is_commonplace(m.valor))


def _plain_text(body: bytes) -> str:
    """A text without quotes; what only looks like JSON or a page is none."""
    plain = written(body).strip()
    return "" if plain.startswith(("<", "{", "[", '"')) or plain.lower() == "null" else plain
