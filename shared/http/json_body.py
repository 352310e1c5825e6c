"""JSON as money needs it: no duplicate keys, no NaN, numbers that are not integers kept as what was written."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from shared.errors import FieldError, InvalidInput, Malformed


class JsonUnreadable(Malformed):
    """`reason` is one Spanish sentence."""

    slug = "json-unreadable"


class FieldRepeated(InvalidInput):
    """The body can be read in two ways: one object has a field twice."""

    def __init__(self, name: str) -> None:
        shown = name[:40].encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be answered
        super().__init__(FieldError("", "field-repeated", f"El campo «{shown}» aparece dos veces en el mismo objeto. Deje uno."))


class JsonRoute(APIRoute):
    """A route whose JSON body is read by `parse_json`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def read(request: Request) -> Response:
            return await handle(_JsonRequest(request.scope, request.receive))

        return read


class _JsonRequest(Request):
    async def json(self) -> Any:
        return parse_json(await self.body())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise FieldRepeated(next(name for name in counts if counts[name] > 1))
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
    """Bytes to JSON values; JsonUnreadable or FieldRepeated otherwise. Non-integers arrive as Decimal."""
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
