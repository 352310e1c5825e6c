"""What DGII's texts mean, whatever their case, accents and full stops (Descripción Técnica, texts of each service)."""

import re
import unicodedata
from http import HTTPStatus

_USED = re.compile(r"\bya han? sido utilizad")
# Within a sentence, and bounded: an answer may be a megabyte of one word.
_NOT_ALLOWED = re.compile(
    r"\bno (?:esta|se encuentra)\b[^.;]{0,100}\bdelegad|\bno (?:\w+ ){0,2}autorizad[oa]s? (?:a|para) \w+[aei]r\b"
)
_OVER = r"(?:vencid|expirad|caducad|revocad|no (?:\w+ )?vigente)"
_CERTIFICATE_OVER = re.compile(rf"\bcertificado\b[^.;,]{{0,60}}\b{_OVER}|\b{_OVER}[^.;,]{{0,60}}\bcertificado\b")
_PASSING = "favor intentar nueva"
_INTERNAL = ("connection attempt failed", "one or more errors occurred")
_NO_FILE = "multipart cannot be empty"
# What any server says; a status line may be repeated in the body.
_PHRASES = frozenset(status.phrase.casefold() for status in HTTPStatus if status >= 400)
_NUMBER = re.compile(r"^(?:http )?(?:error )?\d{3}\b[\s:.-]*")


def plain(words: str) -> str:
    """Lower case, without accents, and without a full stop at the end."""
    apart = unicodedata.normalize("NFD", words.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).strip(" .")


def says_used(words: str) -> bool:
    """The number, alone or with its code, arrived before."""
    return _USED.search(plain(words)) is not None


def says_not_allowed(words: str) -> bool:
    """The signer may not act for the issuer, or the issuer may not issue."""
    return _NOT_ALLOWED.search(plain(words)) is not None


def says_certificate_over(words: str) -> bool:
    return _CERTIFICATE_OVER.search(plain(words)) is not None


def says_try_again(words: str) -> bool:
    """DGII failed, not the document: the same bytes may be sent again."""
    return _PASSING in plain(words)


def says_internal(words: str) -> bool:
    """The words of an exception inside DGII, which prove nothing."""
    return any(sign in plain(words) for sign in _INTERNAL)


def says_no_file(words: str) -> bool:
    """The file did not reach the service: something between us lost it or its length."""
    return _NO_FILE in plain(words)


def is_commonplace(words: str) -> bool:
    """A phrase of HTTP: not DGII's own words."""
    said = plain(words)
    return _NUMBER.sub("", said) in _PHRASES or said.startswith("bad request") or not said
