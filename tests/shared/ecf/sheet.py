"""DGII's certification sheets (reference set A) turned into bodies of our API, through the table of fields."""

import json
import re
from pathlib import Path
from typing import Any

from lxml import etree

from shared.ecf.fields import Node, model

ROOT = Path(__file__).resolve().parents[3]
DGII = ROOT.parent / "shared" / "dgii"
SET_A = DGII / "samples" / "set-a"
MISSING = "the reference ../shared/dgii is not beside the project"
_COLUMN = re.compile(r"(\w+?)((?:\[\d+\])*)")
_OURS = {"version", "encf", "fecha_vencimiento_secuencia"}


def rows(sheet: str) -> list[dict[str, str]]:
    """The rows of a sheet (ECF, RFCE); none without the reference."""
    path = SET_A / f"setA_{sheet}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def reference(row: dict[str, str], root: str) -> etree._Element:
    """DGII's values as XML, without the blanks between elements."""
    (path,) = SET_A.glob(f"setA_*_{root}_{row['TipoeCF']}_{row['ENCF']}.xml")
    return etree.fromstring(path.read_bytes(), etree.XMLParser(remove_blank_text=True))


def body_of(row: dict[str, str], kind: str) -> dict[str, Any]:
    """The body that says what a row of the sheet says (its headings are not always spelt as the elements are)."""
    places = _places(model(kind), (), {})
    tree: dict[str, Any] = {}
    for column, held in row.items():
        if column == "CasoPrueba":
            continue
        match = _COLUMN.fullmatch(column)
        assert match, column
        element = {"ENCF": "eNCF", "NumeroLineaDoR": "NumeroLinea"}.get(match[1], match[1])
        indices = [int(index) - 1 for index in re.findall(r"\d+", match[2])]
        found = [path for path in places[element.lower()] if sum(node.repeats for node in path) == len(indices)]
        if element == "NumeroLinea":
            wanted = "descuentos_o_recargos" if match[1] == "NumeroLineaDoR" else "items"
            found = [path for path in found if path[0].json == wanted]
        assert len(found) == 1, (column, found)
        if found[0][-1].json not in _OURS:
            _put(tree, found[0], indices, held)
    tree["tipo_ecf"] = int(tree["id_doc"].pop("tipo_ecf"))
    return tree


def _places(node: Node, path: tuple[Node, ...], found: dict[str, list[tuple[Node, ...]]]) -> dict[str, list[tuple[Node, ...]]]:
    for child in node.members.values():
        here = (*path, child)
        if child.type is not None:
            found.setdefault(child.element.lower(), []).append(here)
        _places(child, here, found)
    return found


def _put(tree: dict[str, Any], path: tuple[Node, ...], indices: list[int], held: str) -> None:
    indices = list(indices)
    here: Any = tree
    for node in path[:-1]:
        if node.repeats:
            entries = here.setdefault(node.json, [])
            index = indices.pop(0)
            while len(entries) <= index:
                entries.append({})
            here = entries[index]
        else:
            here = here.setdefault(node.json, {})
    last = path[-1]
    if last.repeats:
        here.setdefault(last.json, []).append(held)
    else:
        here[last.json] = held
