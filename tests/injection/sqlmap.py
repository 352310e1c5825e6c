"""sqlmap's verdict on one request: every value in its path, its query and its body."""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from tests.injection.samples import Sample

MARK = "*"
_OPTIONS = (
    *("--batch", "--level=3", "--risk=2", "--dbms=PostgreSQL", "--threads=2", "--timeout=60", "--retries=0", "--time-sec=2"),
    *("--disable-coloring", "--flush-session", "--ignore-code=*", "--skip-heuristics"),
)
_FOUND = re.compile(r"^Parameter: .*$|^    Type: .*$", re.MULTILINE)
_NONE = "all tested parameters do not appear to be injectable"


@dataclass(frozen=True)
class Judged:
    """`found`: what is injectable and how, empty when nothing is; `values` how many were tried."""

    found: list[str]
    values: int


class NoVerdict(Exception):
    """sqlmap ended without one; the last it said."""


def marked(sample: Sample) -> tuple[str, bytes]:
    """Target and body with a mark where sqlmap is to try."""
    path, _, query = sample.target.partition("?")
    template = sample.operation.partition(" ")[2].split("/")
    parts = [part + MARK if word.startswith("{") else part for part, word in zip(path.split("/"), template, strict=True)]
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = urlencode([(name, value.replace(MARK, "") + MARK) for name, value in pairs], safe=MARK)
    return "/".join(parts) + (f"?{asked}" if asked else ""), _marked_body(sample)


def _marked_body(sample: Sample) -> bytes:
    try:
        return json.dumps(_marked_value(json.loads(sample.body))).encode()
    except ValueError:  # no JSON, or broken on purpose
        return sample.body.replace(MARK.encode(), b"")


def _marked_value(value: Any) -> Any:
    match value:
        case dict():
            return {name: _marked_value(held) for name, held in value.items()}
        case list():
            return [_marked_value(held) for held in value[:2]]
        case str():
            return value.replace(MARK, "") + MARK
        case _:
            return value


def has_values(sample: Sample) -> bool:
    """Whether there is anything of its caller's to try."""
    target, body = marked(sample)
    return MARK in target or MARK.encode() in body


def judge(address: str, sample: Sample) -> Judged:
    """Raises NoVerdict."""
    target, body = marked(sample)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "request"
        head = f"{sample.method} {quote(target, safe='/?&=*%+')} HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\n"
        head += f"Content-Type: {sample.media_type}\r\n" if body else ""
        file.write_bytes(head.encode() + b"\r\n" + body)
        command = [sys.executable, "-m", "sqlmap.sqlmap", "-r", str(file), "--output-dir", folder, *_OPTIONS]
        said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout
    found = [line.strip() for line in _FOUND.findall(said)]
    if not found and _NONE not in said:
        raise NoVerdict("\n".join(said.splitlines()[-15:]))
    return Judged(found, target.count(MARK) + body.count(MARK.encode()))
