"""JSON as money needs it: no duplicate keys, no NaN, numbers that are not integers kept as what was written."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.errors import Malformed


class JsonUnreadable(Malformed):
    """`reason` is one Spanish sentence."""

    slug = "json-unreadable"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        twice = twice[:40].encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be answered
        raise JsonUnreadable(reason=f"El campo «{twice}» aparece dos veces en el mismo objeto.")
    return seen


def _constant(name: str) -> Any:
    raise JsonUnreadable(reason=f"«{name}» no es un valor JSON.")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise JsonUnreadable(reason="Un número no se puede leer.") from error


def _integer(text: str) -> int:
    if len(text) > 40:
        raise JsonUnreadable(reason="Un número tiene demasiados dígitos.")
    return int(text)


def parse_json(body: bytes) -> Any:
    """Bytes to JSON values; Malformed with a Spanish reason otherwise. Non-integers arrive as Decimal."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise JsonUnreadable(reason="El cuerpo no está en UTF-8.") from error
    except RecursionError as error:
        raise JsonUnreadable(reason="El cuerpo tiene demasiados niveles.") from error
    except json.JSONDecodeError as error:
        raise JsonUnreadable(reason=f"El cuerpo no es JSON válido: línea {error.lineno}, columna {error.colno}.") from error
