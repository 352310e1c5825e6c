"""A whole document as JSON and back: what `read` prints and `build` takes, with number, dates and version where it has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.codes import fault
from shared.ecf.document import Document
from shared.ecf.emission import prepare
from shared.ecf.encf import ENCF
from shared.ecf.fields import ROOTS, Node, model
from shared.ecf.findings import Finding
from shared.ecf.text import shown
from shared.ecf.tree import branch
from shared.ecf.values import day, read_moment
from shared.errors import FieldError, InvalidInput

# Under this name stands which of the other formats a JSON is; an e-CF has `tipo_ecf` instead.
DOCUMENTO = "documento"
_OURS = ("version", "fecha_hora_firma")


@dataclass(frozen=True)
class Assigned:
    """What a body does not have and a whole document does; None: taken from the JSON, where it has it."""

    encf: str | None = None
    vencimiento: str | None = None
    firma: str | None = None


def as_json(document: Document) -> dict[str, object]:
    """The tree with `tipo_ecf` at its top as in a body, or with the name of the format where it is no e-CF."""
    if document.kind in ROOTS:
        return {DOCUMENTO: document.kind, **document.tree}
    id_doc = {name: held for name, held in branch(document.tree, "id_doc").items() if name != "tipo_ecf"}
    return {"tipo_ecf": int(document.kind), **document.tree, "id_doc": id_doc}


def load(data: bytes) -> object:
    """JSON in UTF-8 with each key once; InvalidInput (code `json`) otherwise."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidInput(FieldError("", "json", f"El campo «{shown(twice)}» está dos veces en el mismo objeto."))
        return found

    def never(text: str) -> object:
        raise InvalidInput(FieldError("", "json", f"{text} no es un valor JSON."))

    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=never)
    except UnicodeDecodeError as error:
        raise InvalidInput(FieldError("", "json", "El archivo no está en UTF-8.")) from error
    except json.JSONDecodeError as error:
        where = f"línea {error.lineno}, columna {error.colno}"
        raise InvalidInput(FieldError("", "json", f"No es JSON válido ({where}).")) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(FieldError("", "json", "El JSON tiene un número enorme o está anidado sin fin.")) from error


def build(
    given: object, *, emisor: Mapping[str, object] | None, today: date, now: datetime, assigned: Assigned
) -> tuple[Document, tuple[Finding, ...]]:
    """A whole document from a body or from what `as_json` gave; InvalidInput lists what is wrong with it.

    `emisor` is the company as in `emission.prepare`; None takes the body's word for it. What is no e-CF is only read here: schema
    and rules are for the caller to ask.
    """
    if isinstance(given, dict) and DOCUMENTO in given:
        return _companion(given), ()
    body = dict(given) if isinstance(given, dict) else given
    if isinstance(body, dict):
        assigned = _taken(body, assigned)
        company = body.get("emisor")
        if emisor is None:
            emisor = {"rnc_emisor": company.get("rnc_emisor")} if isinstance(company, dict) else {}
    draft = prepare(body, emisor=emisor or {}, today=today)
    return _numbered(draft.document, assigned, now), draft.findings


def _taken(body: dict[str, object], assigned: Assigned) -> Assigned:
    """What the JSON itself says of number and dates, out of the body, which may not have them."""
    held = {name: body.pop(name, None) for name in _OURS}
    id_doc = body.get("id_doc")
    if isinstance(id_doc, dict):
        id_doc = dict(id_doc)
        held["encf"], held["vencimiento"] = id_doc.pop("encf", None), id_doc.pop("fecha_vencimiento_secuencia", None)
        body["id_doc"] = id_doc
    own = {"encf": held.get("encf"), "vencimiento": held.get("vencimiento"), "firma": held["fecha_hora_firma"]}
    texts = {name: value if isinstance(value, str) else None for name, value in own.items()}
    return Assigned(assigned.encf or texts["encf"], assigned.vencimiento or texts["vencimiento"], assigned.firma or texts["firma"])


def _numbered(document: Document, assigned: Assigned, now: datetime) -> Document:
    wrong: list[FieldError] = []
    encf = vencimiento = firma = None
    if not assigned.encf:
        wrong.append(FieldError("/id_doc/encf", "numero", "Falta el e-NCF: indíquelo con --encf."))
    else:
        try:
            encf = ENCF.parse(assigned.encf)
        except ValueError:
            wrong.append(
                FieldError("/id_doc/encf", "numero", f"«{shown(assigned.encf)}» no es un e-NCF, por ejemplo E310000000005.")
            )
        if encf and f"{encf.tipo:d}" != document.kind:
            wrong.append(FieldError("/id_doc/encf", "numero", f"El e-NCF {encf} no es de un e-CF {document.kind}."))
    if "fecha_vencimiento_secuencia" in model(document.kind).members["id_doc"].members:
        pointer = "/id_doc/fecha_vencimiento_secuencia"
        vencimiento = day(assigned.vencimiento or "")
        if vencimiento is None:
            wrong.append(FieldError(pointer, "fecha", "Indique el vencimiento de la secuencia con --vencimiento dd-MM-yyyy."))
    firma = moment(assigned.firma) if assigned.firma else now
    if firma is None:
        wrong.append(
            FieldError("/fecha_hora_firma", "fecha", "Indique la fecha y hora de firma con --firma «dd-MM-yyyy HH:mm:ss».")
        )
    if wrong or encf is None or firma is None:
        raise InvalidInput(*wrong)
    return document.numbered(encf, vencimiento=vencimiento, firma=firma)


def moment(text: str | None) -> datetime | None:
    """A signing time in DGII's form or in ISO 8601 (without offset: Dominican); None when it is neither."""
    for read in (read_moment, datetime.fromisoformat):
        try:
            found = read(text or "")
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=SANTO_DOMINGO)
    return None


def _companion(given: dict[str, object]) -> Document:
    kind = given[DOCUMENTO]
    if not isinstance(kind, str) or kind not in ROOTS:
        known = ", ".join(ROOTS)
        raise InvalidInput(FieldError(f"/{DOCUMENTO}", "json", f"«{shown(kind)}» no es un formato. Use {known}."))
    tree = {name: held for name, held in given.items() if name != DOCUMENTO}
    wrong = [fault("ECF-0101", pointer, name=pointer.rpartition("/")[2], hint="") for pointer in unknown_names(kind, tree)]
    if wrong:
        raise InvalidInput(*wrong)
    return Document(kind, tree)  # type: ignore[arg-type]  # every value was just seen to be of a tree


def unknown_names(kind: str, tree: object) -> list[str]:
    """Pointers of what the table does not have in a document of that kind, or has in another shape."""
    return _unknown(model(kind), tree, "")


def _unknown(node: Node, tree: object, pointer: str) -> list[str]:
    if not isinstance(tree, dict) or not tree:
        return [pointer]
    found: list[str] = []
    for name, held in tree.items():
        here, child = f"{pointer}/{name}", node.members.get(str(name))
        if child is None:
            found.append(here)
            continue
        entries = held if child.repeats and isinstance(held, list) and held else [held]
        for index, entry in enumerate(entries):
            at = f"{here}/{index}" if child.repeats else here
            if child.type is None:
                found += _unknown(child, entry, at)
            elif not isinstance(entry, str) or not entry:
                found.append(at)
    return found
