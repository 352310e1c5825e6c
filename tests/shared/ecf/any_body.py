"""Bodies with any fields of the table in any combination, every value one that the intake takes."""

import random
from typing import Any

from shared.ecf.fields import Node, ValueType, model
from tests.shared.ecf.specimen import valid

_DECIMALS = ["0", "0.00", "0.01", "1", "5.00", "99.99", "100.00", "1234567.89"]
_SMALL = ["0", "0.01", "1", "2.50", "10", "100", "999.99"]


_DERIVED = ("totales", "otra_moneda_detalle", "monto_item", "descuento_monto", "recargo_monto", "descuentos_o_recargos", "paginas")
_RULED = ("informacion_referencia", "total_paginas", "indicador_norma1007", "fecha_limite_pago", "fecha_desde", "retencion")


def any_body(kind: str, chance: random.Random, rate: float, *, bare: bool = False) -> dict[str, Any]:
    """One body; `rate` is how likely each optional field is; a bare one leaves out what rules and sums look at."""
    without = frozenset(_DERIVED + _RULED if bare else ())
    found = _group(model(kind), chance, rate, without)
    found["tipo_ecf"] = int(kind)
    found.get("id_doc", {}).pop("tipo_ecf", None)
    found.get("emisor", {}).pop("rnc_emisor", None)
    return found


def _group(node: Node, chance: random.Random, rate: float, without: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, child in node.members.items():
        needed = name in node.required and child.origin == "caller"
        if child.origin == "us" or name in without or not (needed or chance.random() < rate):
            continue
        if child.repeats:
            entries = [_one(child, chance, rate, without) for _ in range(chance.randint(1, min(child.high, 3)))]
            held: Any = [entry for entry in entries if entry != {}]
        else:
            held = _one(child, chance, rate, without)
        if held not in ({}, []):
            found[name] = held
    return found


def _one(node: Node, chance: random.Random, rate: float, without: frozenset[str]) -> Any:
    return _group(node, chance, rate, without) if node.type is None else _value(node.type, chance)


def _value(type_: ValueType, chance: random.Random) -> Any:
    if type_.codes:
        return chance.choice(type_.codes)
    if type_.kind == "decimal":
        choices = _SMALL if type_.total_digits in ("5", "7") else _DECIMALS
        held = chance.choice(choices)
        return "1" if type_.above and not float(held) else held
    if type_.kind == "date":
        return chance.choice(["2026-11-24", "01-12-2026", "31-12-1999"])
    return "Abc" if type_.name == "letters_20_notes" else valid(type_)
