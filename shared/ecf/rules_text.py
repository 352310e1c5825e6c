"""The encoding guard for documents that did not come through our intake: broken texts, controls, carriage returns."""

from collections.abc import Iterator

from shared.ecf.codes import finding, table
from shared.ecf.document import Document
from shared.ecf.fields import Node, model
from shared.ecf.findings import Finding
from shared.ecf.text import cleaned
from shared.ecf.tree import Tree
from shared.errors import FieldError

Findings = Iterator[Finding]


def _texts(document: Document) -> Findings:
    # A draft came through the intake, which has looked at every text already; what is signed may come from anybody.
    if "id_doc" not in document.tree or document.kind == "RFCE" or "fecha_hora_firma" in document.tree:
        yield from _below(model(document.kind), document.tree, "")


def _below(node: Node, tree: Tree, pointer: str) -> Findings:
    for name, held in tree.items():
        child, here = node.members[name], f"{pointer}/{name}"
        if isinstance(held, str):
            if child.type is not None and child.type.kind == "text" and not (held.isascii() and held.isprintable()):
                yield from _text(child, held, name, here)
        elif isinstance(held, dict):
            yield from _below(child, held, here)
        else:
            for index, row in enumerate(held):
                if isinstance(row, dict):
                    yield from _below(child, row, f"{here}/{index}")


def _text(node: Node, held: str, name: str, pointer: str) -> Findings:
    if "\r" in held:
        yield finding("ECF-0213", pointer, name=name)
        return
    read = cleaned(held, name, pointer, node.type.longest if node.type is not None else None)
    if isinstance(read, FieldError):
        row = table()[read.code]
        yield Finding(read.code, pointer, read.detail, row.verdict, row.codigo_dgii)


RULES = (_texts,)
