"""Whatever a file holds, a command answers with a reason and never with a traceback."""

from pathlib import Path

import pytest

from tests.shared.ecf.terminal import COMMANDS, objects, run

HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "binary": bytes(range(256)) * 50,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "text": b"hola",
    "half an XML": b"<ECF><Encabezado>",
    "another XML": b"<html><body>1</body></html>",
    "entities": b'<!DOCTYPE ECF [<!ENTITY a SYSTEM "file:///etc/hostname">]><ECF>&a;</ECF>',
    "an empty element": b"<ECF><Encabezado/></ECF>",
    "no type": b"<ECF><a>1</a></ECF>",
    "deep JSON": b"[" * 100_000,
    "a list": b"[]",
    "NaN": b'{"tipo_ecf": NaN}',
    "a key twice": b'{"tipo_ecf": 31, "tipo_ecf": 32}',
    "a huge number": b'{"tipo_ecf": ' + b"9" * 5000 + b"}",
    "another format": b'{"documento": ["ARECF"]}',
    "a format without content": b'{"documento": "ARECF"}',
    "what steers a terminal": b'{"tipo_ecf": "\\u001b[31m", "\\u009b2J": 1}',
}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "rules"])
def test_nothing_that_a_file_holds_brings_a_traceback(tmp_path: Path, command: str) -> None:
    """All in one run: a file each, a folder, a name that is not there, and one that is too large."""
    names: list[str | Path] = ["no-existe", tmp_path]
    for number, data in enumerate(HOSTILE.values()):
        names.append(tmp_path / f"{number}.dat")
        (tmp_path / f"{number}.dat").write_bytes(data)
    huge = tmp_path / "enorme.xml"
    with huge.open("wb") as file:
        file.write(b"<")
        file.truncate(17 * 1024 * 1024)
    done = run(command, "--json", *names, huge)
    rows = objects(done)
    assert done.returncode == 2
    assert [row["archivo"] for row in rows] == [str(name) for name in [*names, huge]]
    assert all(row["estado"] != "ok" and row["hallazgos"][0]["detalle"] for row in rows)
    assert not [row for row in rows if row["hallazgos"][0]["codigo"] == "interno"]
    assert b"\x1b" not in run(command, *names).stdout + run(command, *names).stderr
