"""The table of public codes: unique, complete, in Spanish, and each one used."""

import re
import string
from pathlib import Path

from shared.ecf import codes
from shared.ecf.codes import fault, finding, table
from shared.ecf.findings import Verdict

FOLDER = Path(codes.__file__).parent
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))


def test_a_code_is_written_once() -> None:
    written = re.findall(r"(?m)^(ECF-\d{4}),", (FOLDER / "codes.csv").read_text(encoding="utf-8"))
    assert len(written) == len(set(written)) == len(table())
    assert written == sorted(written)


def test_every_code_is_used_and_every_used_one_is_in_the_table() -> None:
    assert set(re.findall(r"ECF-\d{4}", SOURCE)) == set(table())


def test_texts_are_whole_sentences_with_plain_places() -> None:
    for code in table().values():
        assert code.detail.strip().endswith((".", "}", "…")), code.code
        assert code.source, code.code
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(code.detail))


def test_a_fault_and_a_finding_carry_the_rows_facts() -> None:
    assert fault("ECF-0103", "/x", name="x", kind="31").detail.startswith("Falta «x»")
    found = finding("ECF-1001", "/comprador/rnc_comprador")
    assert (found.verdict, found.codigo_dgii) == (Verdict.REFUSED, "1381")
