"""What the linter says: one mistake at one place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """`path` is the place inside the document (`spec.filters[0]`), empty for the whole of it; `line` counts from 1."""

    file: Path
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path or '(document)'}: {self.message}"


Finding = tuple[str, str]
"""(path inside the document, message) before file and line are known."""
