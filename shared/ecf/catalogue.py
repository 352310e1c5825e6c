"""The page of the rules from their table: `python -m shared.ecf.catalogue docs/rules.md` writes it, `--check` fails on drift."""

import argparse
import sys
from itertools import groupby
from pathlib import Path

from shared.ecf.codes import Code, table

_HEAD = """# The rules

Written by `./task rules` from `shared/ecf/codes.csv`; do not edit. What a document is checked for, in the words its issuer reads.
A code is public and stable: it never changes its meaning and is never used again. `{{name}}` is filled with the facts of the case.

| verdict | what DGII is expected to do, and what we do |
|---|---|
| rechazado | DGII would refuse the document, so it is not issued |
| aceptado_condicional | DGII would accept it with an observation; it is issued and shown, unless the caller is strict |
| aviso | DGII would accept it; worth a look |

`python -m shared.ecf rules` lists and filters the same table; `GET /tenant/emit/rules` serves it. {count} codes.
"""
_GROUPS = {
    "ECF-00": "The body",
    "ECF-01": "Names and shapes",
    "ECF-02": "Values",
    "ECF-10": "Rules of a document",
    "ECF-11": "Rules of the companions",
    "ECF-20": "Amounts of lines and adjustments",
    "ECF-21": "Totals",
    "ECF-90": "XML",
}


def page() -> str:
    """The whole page in Markdown, one section for each hundred of codes."""
    parts = [_HEAD.format(count=len(table()))]
    for prefix, codes in groupby(sorted(table().values(), key=lambda row: row.code), key=lambda row: row.code[:6]):
        parts.append(f"\n## {prefix}xx{f' · {_GROUPS[prefix]}' if prefix in _GROUPS else ''}\n")
        parts.append("| code | verdict | DGII | documents | source | what it says |\n|---|---|---|---|---|---|")
        parts.extend(_row(code) for code in codes)
    return "\n".join(parts) + "\n"


def _row(row: Code) -> str:
    cells = (row.code, str(row.verdict), row.codigo_dgii or "", ", ".join(row.kinds) or "all", row.source, row.detail)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.ecf.catalogue", description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not current")
    options = parser.parse_args()
    target: Path = options.page
    if options.check:
        current = target.exists() and target.read_text(encoding="utf-8") == page()
        if not current:
            sys.stderr.write(f"{target} is not what codes.csv says: run ./task rules\n")
        return 0 if current else 1
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
