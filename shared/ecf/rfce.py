"""The summary (RFCE) that travels to DGII instead of a consumo below the limit."""

from decimal import Decimal

from shared.ecf.document import Document
from shared.ecf.fields import Node, model
from shared.ecf.intake import ANONYMOUS
from shared.ecf.money import written
from shared.ecf.tree import Tree, arranged

LIMITE_RFCE = Decimal("250000.00")


def travels_as_rfce(document: Document) -> bool:
    """Whether DGII takes the summary: a 32 with MontoTotal strictly below the limit."""
    return document.kind == "32" and document.monto_total < LIMITE_RFCE


def summarise(document: Document, codigo_seguridad: str) -> Document:
    """The RFCE of a complete, numbered 32 with the security code of its signature; every amount has two decimals."""
    if document.kind != "32":
        raise ValueError(f"only a 32 has a summary, not a {document.kind}")
    node = model("RFCE")
    tree = _kept(node, document.tree)
    # The element is compulsory and may not be empty; the whole document may know the buyer by other fields only.
    tree.setdefault("comprador", {"razon_social_comprador": ANONYMOUS})
    tree["codigo_seguridad_ecf"] = codigo_seguridad
    return Document("RFCE", arranged(node, tree))


def _kept(node: Node, tree: Tree) -> Tree:
    """What the summary has of the whole document: same names, fewer of them."""
    kept: Tree = {}
    for name, child in node.members.items():
        held = tree.get(name)
        if isinstance(held, dict):
            below = _kept(child, held)
            if below:
                kept[name] = below
        elif isinstance(held, list):
            kept[name] = [_kept(child, row) for row in held if isinstance(row, dict)]
        elif isinstance(held, str):
            kept[name] = written(Decimal(held)) if child.type is not None and child.type.kind == "decimal" else held
    return kept
