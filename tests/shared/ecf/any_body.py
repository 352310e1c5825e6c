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


_CLASS = {"43": 4, "44": 4, "47": 4, "46": 3}


def plausible_body(kind: str, chance: random.Random, rate: float) -> dict[str, Any]:
    """One body with any fields, bent to what the rules of its type ask, so that many are accepted."""
    found = any_body(kind, chance, rate, bare=True)
    id_doc, buyer = found["id_doc"], found.setdefault("comprador", {})
    id_doc.pop("fecha_limite_pago", None)
    id_doc.update(indicador_monto_gravado=chance.choice([0, 1]), tipo_pago=1, tipo_ingresos="01")
    buyer.update(rnc_comprador="131880681", razon_social_comprador="Cliente de Prueba")
    buyer.pop("identificador_extranjero", None)
    if "responsable_pago" in buyer:
        buyer["responsable_pago"] = "Abc"
    members = model(kind).members
    for name, offered in (("id_doc", id_doc), ("comprador", buyer)):
        allowed = members[name].members if name in members else {}
        for extra in [one for one in offered if one not in allowed]:
            del offered[extra]
    if "comprador" not in members or not buyer:
        found.pop("comprador")
    for index, line in enumerate(found["items"]):
        line.update(numero_linea=index + 1, indicador_facturacion=_CLASS.get(kind, line["indicador_facturacion"]))
        line.pop("impuestos_adicionales", None)
        if kind in ("41", "47"):
            withheld = {"indicador_agente_retencion_o_percepcion": 1, "monto_isr_retenido": "0.00"}
            line["retencion"] = {**withheld, "monto_itbis_retenido": "0.00"} if kind == "41" else withheld
        if kind == "47":
            line["indicador_bien_o_servicio"] = 2
        for table in ("sub_descuentos", "sub_recargos"):
            line.pop(table, None)
    found.pop("otra_moneda", None) if chance.random() < 0.5 else None
    if kind in ("33", "34"):
        found["informacion_referencia"] = {
            "ncf_modificado": "E310000000001",
            "fecha_ncf_modificado": found.get("emisor", {}).get("fecha_emision", "24-11-2026"),
            "codigo_modificacion": 3,
        }
    if kind == "34":
        id_doc["indicador_nota_credito"] = 0
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
