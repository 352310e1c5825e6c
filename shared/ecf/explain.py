"""What gate, signature and schema say, in Spanish: one problem each, with code, place and what to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from shared.ecf.codes import fault
from shared.ecf.fields import Node, ValueType, model
from shared.ecf.findings import Finding, Verdict
from shared.ecf.reasons import REASONS
from shared.ecf.schema import SchemaFault
from shared.ecf.text import shown
from shared.ecf.values import day
from shared.errors import FieldError

_PLACE = re.compile(r"line (\d+), column (\d+)")
_NAMES = re.compile(r"[A-Za-z0-9_]+")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (.+?) \)")
_LENGTH = re.compile(r"length of '(\d+)'.*length of '(\d+)'")
_LIMIT = re.compile(r"\('?(-?[0-9.]+)'?\)")
_MOST_NAMES = 6


@dataclass(frozen=True)
class Problem:
    """`pointer`: JSON pointer into our JSON, or the path of the element in an XML; `verdict` is what DGII would do."""

    code: str
    pointer: str
    detail: str
    verdict: Verdict = Verdict.REFUSED
    codigo_dgii: str | None = None


def of_reason(area: str, reason: str, detail: object = "") -> Problem:
    """A refusal of the gate (area `xml`) or of the signature (`firma`)."""
    place = _PLACE.search(str(detail))
    said = f"línea {place[1]}, columna {place[2]}" if place else shown(str(detail), 200) if reason != "syntax" else ""
    more = f" ({said})" if said else ""
    return Problem(f"{area}:{reason}", "", REASONS[reason] + more)


def of_finding(one: Finding) -> Problem:
    return Problem(one.code, one.pointer, one.detail, one.verdict, one.codigo_dgii)


def of_error(one: FieldError) -> Problem:
    return Problem(one.code, one.pointer, one.detail)


def of_schema(root: "etree._Element", kind: str, found: list[SchemaFault]) -> list[Problem]:
    """What the schema refuses; the validator says several things about one value, which is one problem here."""
    told: dict[str, Problem] = {}
    for one in found:
        node, parent = _nodes(model(kind), one.path)
        told.setdefault(one.path, _schema_problem(root, kind, one, node, parent))
    return list(told.values())


def _schema_problem(root: "etree._Element", kind: str, one: SchemaFault, node: Node | None, parent: Node | None) -> Problem:
    name = next(iter(reversed(_NAMES.findall(re.sub(r"\[\d+\]", "", one.path)))), one.path)
    path, detail = one.path, one.detail
    expected = _expected(detail)
    if "Missing child" in detail:
        return of_error(fault("ECF-0103", path, name=expected or name, kind=kind))
    if "not expected" in detail:
        if node is None and parent is not None:
            return of_error(fault("ECF-0101", path, name=name, hint=f" Aquí se espera «{expected}»." if expected else ""))
        wanted = f"aquí se espera «{expected}»" if expected else "no se espera nada más"
        return Problem("xsd:orden", path, f"«{name}» no corresponde en este lugar: {wanted}. Revise el orden y lo que falta antes.")
    if node is not None and node.type is not None and ("facet" in detail or "atomic type" in detail):
        return _value(node.type, name, path, _text(root, path), detail)
    for words, says in _OTHERS:
        if words in detail:
            return Problem("xsd:forma", path, says.format(name=name))
    return Problem("xsd", path, detail)


_OTHERS = (
    ("attribute", "«{name}» lleva un atributo que el esquema no admite. Quítelo."),
    ("Character content", "«{name}» solo admite otros elementos y trae texto suelto. Quítelo."),
    ("Element content", "«{name}» admite solo texto y trae otros elementos."),
    ("No matching global", "La raíz «{name}» no es la de este documento."),
)


def _value(type_: ValueType, name: str, path: str, text: str, detail: str) -> Problem:
    length = _LENGTH.search(detail)
    if not text.strip():
        return of_error(fault("ECF-0201", path, name=name))
    if type_.codes:
        some = ", ".join(type_.codes[:12]) + ("…" if len(type_.codes) > 12 else "")
        return of_error(fault("ECF-0206", path, name=name, value=shown(text), hint=f"Use {some}."))
    if length and "maxLength" in detail:
        return of_error(fault("ECF-0205", path, name=name, limit=length[2], count=length[1]))
    if type_.says:
        return of_error(fault("ECF-0207", path, name=name, says=type_.says))
    limit = _LIMIT.search(detail)
    return of_error(fault("ECF-0209", path, name=name, bound=f"de otra forma (límite {limit[1]})" if limit else "de otra forma"))


def empties(root: "etree._Element") -> Iterator[Problem]:
    """Every element without content, which DGII forbids whatever the schema says."""
    tree = root.getroottree()
    for element in root.iter():
        signature = "xmldsig" in str(element.tag)
        if not signature and not len(element) and not (element.text or "").strip():
            yield of_error(fault("ECF-0106", tree.getpath(element), name=shown(str(element.tag))))


def settle_dates(root: "etree._Element", kind: str) -> Iterator[Problem]:
    """Days that no calendar has and the pattern of the schema lets through; `1-2-2026`, which it takes, becomes `01-02-2026`."""
    yield from _dates(model(kind), root, root.getroottree())


def _dates(node: Node, element: "etree._Element", tree: "etree._ElementTree") -> Iterator[Problem]:
    for child in element:
        place = node.by_element.get(str(child.tag))
        if place is None or (place.type is not None and place.type.kind not in ("date", "moment")):
            continue
        if place.type is None:
            yield from _dates(place, child, tree)
            continue
        text, _, clock = (child.text or "").strip().partition(" ")
        parts = text.split("-")
        padded = "-".join(part.zfill(2) for part in parts)
        if day(padded) is None:
            yield of_error(fault("ECF-0208", tree.getpath(child), name=place.element, says="una fecha que exista en el calendario"))
        else:
            child.text = f"{padded} {clock}".rstrip()


def _expected(detail: str) -> str:
    match = _EXPECTED.search(detail)
    names = [name for name in (match[1].split(", ") if match else []) if not name.startswith("#")]
    return " o ".join(names[:_MOST_NAMES]) + ("…" if len(names) > _MOST_NAMES else "")


def _nodes(node: Node, path: str) -> tuple[Node | None, Node | None]:
    """The row of the table an XML path stands for, and that of its parent; None where the table has none."""
    here: Node | None = node
    parent: Node | None = None
    for name in re.sub(r"\[\d+\]", "", path).strip("/").split("/")[1:]:
        parent, here = here, here.by_element.get(name) if here is not None else None
    return here, parent


def _text(root: "etree._Element", path: str) -> str:
    found = root.xpath(path) if path else []
    first = found[0] if isinstance(found, list) and found else None
    return first.text or "" if isinstance(first, etree._Element) else ""
