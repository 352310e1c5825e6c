"""The JSON body of an emission read against the table of fields: every fault is collected, nothing is guessed."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches

from shared.ecf.codes import fault
from shared.ecf.fields import Node, every_name, model, places
from shared.ecf.text import shown
from shared.ecf.tree import Tree, Value
from shared.ecf.types import TipoECF
from shared.ecf.values import value, written_day
from shared.errors import FieldError, InvalidInput

_MOST_FAULTS = 500
_MOST_HINTS = 20
_SHORTEST_STEM = 3
_TYPES: dict[int | str, str] = {key: f"{tipo:d}" for tipo in TipoECF for key in (int(tipo), f"{tipo:d}")}
_NOTES = frozenset({"33", "34"})
ANONYMOUS = "CONSUMIDOR FINAL"


def read(payload: object, *, emisor: Mapping[str, object], today: date) -> tuple[str, Tree]:
    """The kind of document and its tree, from the body of an emission; `document.parse` says what the arguments are."""
    kind, given = opened(payload)
    reader = _Reader(kind)
    node = model(kind)
    body = {name: held for name, held in given.items() if name != "tipo_ecf"}
    body["id_doc"] = reader.with_type(body.get("id_doc", {}))
    body["emisor"] = reader.with_company(node.members["emisor"], body.get("emisor", {}), emisor, today)
    if kind == "32" or (kind in _NOTES and _corrects_a_consumo(body)):
        body.setdefault("comprador", {"razon_social_comprador": ANONYMOUS})
    tree = reader.group(node, body, "", "")
    if reader.faults:
        raise InvalidInput(*reader.faults[:_MOST_FAULTS], *reader.surplus())
    return kind, tree


def opened(payload: object) -> tuple[str, dict[str, object]]:
    """The type of e-CF a body asks for ("31" … "47") and the body; InvalidInput when it is no object or names no type."""
    if not isinstance(payload, dict):
        raise InvalidInput(fault("ECF-0001", ""))
    tipo = payload.get("tipo_ecf")
    if tipo is None:
        raise InvalidInput(fault("ECF-0002", "/tipo_ecf"))
    kind = _TYPES.get(tipo) if isinstance(tipo, (int, str)) and not isinstance(tipo, bool) else None
    if kind is None:
        raise InvalidInput(fault("ECF-0003", "/tipo_ecf", value=shown(tipo)))
    return kind, payload


def _corrects_a_consumo(body: dict[str, object]) -> bool:
    """Whether a note refers to a consumo, whose buyer may be anonymous in both."""
    held = body.get("informacion_referencia")
    return isinstance(held, dict) and str(held.get("ncf_modificado"))[:3] in ("E32", "B02")


class _Reader:
    """Walks table and body together; depth is bounded by the table, so a hostile body cannot nest us."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.faults: list[FieldError] = []
        self._hints = 0

    def surplus(self) -> list[FieldError]:
        return [fault("ECF-0005", "", count=_MOST_FAULTS)] if len(self.faults) > _MOST_FAULTS else []

    def with_type(self, given: object) -> object:
        if not isinstance(given, dict):
            return given
        if given.get("tipo_ecf", self.kind) not in (self.kind, int(self.kind)):
            self.faults.append(fault("ECF-0115", "/id_doc/tipo_ecf", expected=self.kind))
        return {**given, "tipo_ecf": self.kind}

    def with_company(self, node: Node, given: object, company: Mapping[str, object], today: date) -> object:
        """The caller's issuer over the company's data; what the company leaves empty or the type does not have is left out."""
        if not isinstance(given, dict):
            return given
        own = {name: held for name, held in company.items() if name in node.members and held not in (None, "", [], {})}
        rnc = own.get("rnc_emisor")
        if "rnc_emisor" in given and given["rnc_emisor"] != rnc:
            self.faults.append(fault("ECF-0114", "/emisor/rnc_emisor", expected=rnc))
            given = {**given, "rnc_emisor": rnc}
        return {"fecha_emision": written_day(today), **own, **given}

    def group(self, node: Node, given: object, name: str, pointer: str) -> Tree:
        """One object of the body; the tree has only what could be read."""
        if given is None:
            self.faults.append(fault("ECF-0109", pointer, name=name))
        elif not isinstance(given, dict):
            self.faults.append(fault("ECF-0104", pointer, name=name))
        elif not given:
            self.faults.append(fault("ECF-0106", pointer, name=name))
        else:
            return self._members(node, given, pointer)
        return {}

    def _members(self, node: Node, given: dict[object, object], pointer: str) -> Tree:
        members = node.members
        for key in given:
            if len(self.faults) > _MOST_FAULTS:
                break
            if key not in members:
                self._unknown(node, key, pointer)
        tree: Tree = {}
        for name, child in members.items():
            if name not in given:
                if name == "version":
                    tree[name] = "1.0"
                elif name in node.required and child.origin == "caller":
                    self.faults.append(fault("ECF-0103", f"{pointer}/{name}", name=name, kind=self.kind))
                continue
            here = f"{pointer}/{name}"
            if child.origin == "us":
                self.faults.append(fault("ECF-0108", here, name=name))
                continue
            read = self._many(child, given[name], name, here) if child.repeats else self._one(child, given[name], name, here)
            if read is not None:
                tree[name] = read
        return tree

    def _one(self, node: Node, given: object, name: str, pointer: str) -> Value | None:
        if node.type is None:
            return self.group(node, given, name, pointer)
        read = value(node.type, given, name, pointer)
        if isinstance(read, FieldError):
            self.faults.append(read)
            return None
        return read

    def _many(self, node: Node, given: object, name: str, pointer: str) -> Value | None:
        if given is None:
            self.faults.append(fault("ECF-0109", pointer, name=name))
        elif not isinstance(given, list):
            self.faults.append(fault("ECF-0105", pointer, name=name))
        elif not given:
            self.faults.append(fault("ECF-0106", pointer, name=name))
        elif len(given) > node.high:
            self.faults.append(fault("ECF-0107", pointer, name=name, limit=node.high, count=len(given)))
        else:
            return self._entries(node, given, name, pointer)
        return None

    def _entries(self, node: Node, given: list[object], name: str, pointer: str) -> list[Value]:
        entries: list[Value] = []
        counts = "numero_linea" in node.members
        for index, entry in enumerate(given):
            if len(self.faults) > _MOST_FAULTS:
                break
            if counts and isinstance(entry, dict) and entry:
                entry = {"numero_linea": index + 1, **entry}
            read = self._one(node, entry, name, f"{pointer}/{index}")
            if read is not None:
                entries.append(read)
        return entries

    def _unknown(self, node: Node, key: object, pointer: str) -> None:
        name = shown(key)
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in every_name():
            place = places(self.kind).get(name)
            hint = f" Va en {place}." if place else ""
            self.faults.append(fault("ECF-0102", here, name=name, kind=self.kind, hint=hint))
            return
        self._hints += 1
        close = _nearest(name, node) if self._hints <= _MOST_HINTS else None
        self.faults.append(fault("ECF-0101", here, name=name, hint=f" ¿Quiso decir «{close}»?" if close else ""))


def _nearest(name: str, node: Node) -> str | None:
    """The field a caller most likely meant: one that begins so (`precio`), or else the one spelt most alike."""
    offered = [offer for offer, child in node.members.items() if child.origin != "us"]
    low = name.lower()
    begun = [offer for offer in offered if len(low) >= _SHORTEST_STEM and offer.startswith(low)]
    return min(begun, key=len) if begun else next(iter(get_close_matches(low, offered, n=1)), None)
