"""A batch as it comes: one JSON object a line, read one line at a time; what cannot be read is a row with its faults. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.errors import FieldError, InvalidInput, TooLarge
from shared.http.json_body import FieldRepeated, JsonUnreadable, parse_json

MOST_ROWS = 10_000
LONGEST_LINE = 2 * 1024 * 1024
"""Bytes; as much as a single emission may send."""

_LONGEST_KEY = 100
_MEMBERS = ("key", "document", "refers_to")
_BOM = b"\xef\xbb\xbf"


class BatchTooLong(TooLarge):
    slug = "batch-too-long"


class BatchEmpty(InvalidInput):
    slug = "batch-empty"


@dataclass(frozen=True)
class Row:
    """One line: its number in the body, the caller's own key, the line of the row it refers to, its text, its faults.

    A row with faults is not worked; `key` is None when it could not be read.
    """

    line: int
    key: str | None
    refers_line: int | None
    source: str | None
    errors: tuple[FieldError, ...]


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Every line that is not blank, with its number from 1; None for one that is longer than LONGEST_LINE."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
            yield number, None
        elif stripped := (raw.removeprefix(_BOM) if number == 1 else raw).strip():
            yield number, stripped


def check_length(file: BinaryIO) -> None:
    """BatchTooLong or BatchEmpty, before anything is stored."""
    count = 0
    for _ in lines(file):
        count += 1
        if count > MOST_ROWS:
            raise BatchTooLong(limit=MOST_ROWS)
    if count == 0:
        raise BatchEmpty


def rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of a batch, one at a time; only the keys are remembered."""
    known: dict[str, int] = {}
    for number, raw in lines(file):
        row = _row(number, raw, known)
        if row.key is not None:
            known.setdefault(row.key, number)
        yield row


def document_of(source: str) -> Any:
    """The document inside a line that was read before."""
    return parse_json(source.encode())["document"]


def _row(line: int, raw: bytes | None, known: dict[str, int]) -> Row:
    if raw is None:
        return _unreadable(line, "too-large", f"La línea pasa de {LONGEST_LINE} bytes.")
    try:
        given = parse_json(raw)
    except JsonUnreadable as error:
        reason = str(error.facts["reason"]).replace("El cuerpo", "La línea").replace("línea 1, ", "")
        return _unreadable(line, error.slug, reason)
    except FieldRepeated as error:
        return Row(line, None, None, None, error.errors)
    if not isinstance(given, dict):
        return _unreadable(line, "dict-type", "Cada línea debe ser un objeto JSON con «key» y «document».")
    extra = "Este campo no existe. Una línea lleva «key», «document» y, si modifica a otra, «refers_to»."
    faults = [FieldError("/" + _pointed(name), "extra", extra) for name in given if name not in _MEMBERS]
    key = _name(given, "key", faults, required=True)
    if key is not None and key in known:
        faults.append(FieldError("/key", "key-repeated", f"La línea {known[key]} ya lleva esta clave. Use una por documento."))
    if not isinstance(given.get("document"), dict):
        faults.append(FieldError("/document", "dict-type", "«document» debe ser un objeto JSON: el comprobante."))
    refers_to = _name(given, "refers_to", faults, required=False)
    if refers_to is not None and refers_to not in known:
        faults.append(FieldError("/refers_to", "refers-to-unknown", "Ninguna línea anterior del lote lleva esta clave."))
    if refers_to is not None and _names_its_original(given.get("document")):
        pointer = "/document/informacion_referencia/ncf_modificado"
        faults.append(FieldError(pointer, "extra", "Con «refers_to», el NCF modificado y su fecha los ponemos nosotros. Quítelos."))
    refers_line = known.get(refers_to) if refers_to is not None else None
    return Row(line, key, refers_line, raw.decode(), tuple(faults))


def _unreadable(line: int, code: str, detail: str) -> Row:
    return Row(line, None, None, None, (FieldError("", code, detail),))


def _name(given: dict[str, Any], member: str, faults: list[FieldError], *, required: bool) -> str | None:
    found = given.get(member)
    if found is None and not required:
        return None
    if isinstance(found, str) and 1 <= len(found) <= _LONGEST_KEY and found.isprintable():
        return found
    faults.append(FieldError(f"/{member}", "key", f"«{member}» debe ser un texto de 1 a {_LONGEST_KEY} caracteres."))
    return None


def _names_its_original(document: Any) -> bool:
    reference = document.get("informacion_referencia") if isinstance(document, dict) else None
    return isinstance(reference, dict) and not {"ncf_modificado", "fecha_ncf_modificado"}.isdisjoint(reference)


def _pointed(name: str) -> str:
    shown = name[:40].encode("utf-8", "replace").decode("utf-8")
    return shown.replace("~", "~0").replace("/", "~1")
