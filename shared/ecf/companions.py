"""The small formats built from facts: acknowledgement (ARECF), approval (ACECF), voiding (ANECF) and seed (format.md §17)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from itertools import groupby

from shared.ecf.codes import fault
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.fields import Node, model
from shared.ecf.findings import Verdict
from shared.ecf.money import ZERO, written
from shared.ecf.rules_companions import OF_ACECF, OF_ANECF, OF_ARECF, Rule
from shared.ecf.tree import Tree, Value
from shared.ecf.values import value, written_day, written_moment
from shared.errors import FieldError, InvalidInput

_RULES: dict[str, tuple[Rule, ...]] = {"ARECF": OF_ARECF, "ACECF": OF_ACECF, "ANECF": OF_ANECF}


class MotivoNoRecibido(IntEnum):
    """CodigoMotivoNoRecibido of an ARECF (Formato Acuse de Recibo)."""

    ESPECIFICACION = 1
    FIRMA_DIGITAL = 2
    ENVIO_DUPLICADO = 3
    RNC_COMPRADOR = 4


def arecf(
    *, rnc_emisor: str, rnc_comprador: str, encf: ENCF, fecha_hora: datetime, motivo: MotivoNoRecibido | None = None
) -> Document:
    """The acknowledgement of a received e-CF: received, or not received for a reason. InvalidInput lists what cannot be."""
    tree: Tree = {
        "rnc_emisor": rnc_emisor,
        "rnc_comprador": rnc_comprador,
        "encf": str(encf),
        "estado": "0" if motivo is None else "1",
        "fecha_hora_acuse_recibo": written_moment(fecha_hora),
    }
    if motivo is not None:
        tree["codigo_motivo_no_recibido"] = f"{motivo:d}"
    return _built("ARECF", tree)


def acecf(
    *,
    rnc_emisor: str,
    rnc_comprador: str,
    encf: ENCF,
    fecha_emision: date,
    monto_total: Decimal,
    fecha_hora: datetime,
    rechazo: str | None = None,
) -> Document:
    """The commercial approval of a 31, 33, 34, 44 or 45, or its rejection with the reason (at most 250 characters)."""
    tree: Tree = {
        "rnc_emisor": rnc_emisor,
        "encf": str(encf),
        "fecha_emision": written_day(fecha_emision),
        "monto_total": written(monto_total),
        "rnc_comprador": rnc_comprador,
        "estado": "1" if rechazo is None else "2",
        "fecha_hora_aprobacion_comercial": written_moment(fecha_hora),
    }
    if rechazo is not None:
        tree["detalle_motivo_rechazo"] = rechazo
    if not monto_total.is_finite() or monto_total < ZERO:
        raise InvalidInput(fault("ECF-0209", "/monto_total", name="monto_total", bound="0 o más"))
    return _built("ACECF", tree)


def anecf(*, rnc_emisor: str, rangos: Sequence[tuple[ENCF, ENCF]], fecha_hora: datetime) -> Document:
    """The voiding of numbers never used: first and last of each range, at most 10,000 ranges a type, none overlapping."""
    entries: list[Value] = []
    total = 0
    by_type = groupby(sorted(rangos, key=lambda ends: ends[0].tipo), key=lambda ends: ends[0].tipo)
    for line, (tipo, group) in enumerate(by_type, start=1):
        ranges = list(group)
        count = sum(max(last.secuencia - first.secuencia + 1, 0) for first, last in ranges)
        total += count
        entries.append(
            {
                "no_linea": [str(line)],
                "tipo_ecf": f"{tipo:d}",
                "secuencias": [{"secuencia_encf_desde": str(first), "secuencia_encf_hasta": str(last)} for first, last in ranges],
                "cantidad_encf_anulados": str(count),
            }
        )
    tree: Tree = {
        "rnc_emisor": rnc_emisor,
        "cantidad_encf_anulados": str(total),
        "fecha_hora_anulacion_encf": written_moment(fecha_hora),
        "anulaciones": entries,
    }
    return _built("ANECF", tree)


def semilla(*, valor: str, fecha: datetime) -> Document:
    """A seed of our own for whoever wants to deliver to us; `fecha` is an aware instant."""
    if fecha.tzinfo is None:
        raise ValueError("the instant of a seed names its offset")
    return _built("Semilla", {"valor": valor, "fecha": fecha.isoformat()})


def _built(kind: str, tree: Tree) -> Document:
    """The document in schema order, every value seen by the table and the whole by the rules; InvalidInput says what is wrong."""
    wrong: list[FieldError] = []
    document = Document(kind, _checked(model(kind), tree, "", wrong))
    if not wrong:
        found = [one for rule in _RULES.get(kind, ()) for one in rule(document)]
        wrong = [one.fault for one in found if one.verdict is Verdict.REFUSED]
    if wrong:
        raise InvalidInput(*wrong)
    return document


def _checked(node: Node, tree: Tree, pointer: str, wrong: list[FieldError]) -> Tree:
    found: Tree = {}
    for name, child in node.members.items():
        here = f"{pointer}/{name}"
        held = "1.0" if name == "version" else tree.get(name)
        if isinstance(held, list):
            if not 1 <= len(held) <= child.high:
                wrong.append(fault("ECF-0107", here, name=name, limit=child.high, count=len(held)))
            else:
                found[name] = [_one(child, row, name, f"{here}/{index}", wrong) for index, row in enumerate(held)]
        elif held is not None:
            found[name] = _one(child, held, name, here, wrong)
    return found


def _one(node: Node, held: Value, name: str, pointer: str, wrong: list[FieldError]) -> Value:
    if isinstance(held, dict):
        return _checked(node, held, pointer, wrong)
    if node.type is None or node.type.kind == "moment" or not isinstance(held, str):
        return held
    read = value(node.type, held, name, pointer)
    if isinstance(read, FieldError):
        wrong.append(read)
        return held
    return read
