"""Folders of schemas that are not the built-in ones."""

from pathlib import Path

from shared.ecf.fields import KINDS
from shared.ecf.schema import xsd


def folder_of(folder: Path, **needed: str) -> Path:
    """All schemas under DGII's kind of names; `needed`: kind → an optional element that this folder's schema wants (`ecf31=…`)."""
    for kind in KINDS:
        name = f"ecf{kind}" if kind.isdigit() else {"RFCE": "rfce32"}.get(kind, kind.lower())
        text = xsd(kind)
        if wanted := needed.get(name):
            before, found, after = text.partition(f'<xs:element name="{wanted}"')
            assert found, wanted
            text = before + found + after.replace(' minOccurs="0"', "", 1)
        (folder / f"{name}.xsd").write_text(text, encoding="utf-8")
    return folder
