"""Process entry of the harness: `python -m tests.reliability.serve FUNCTION FOLDER`, a function with failpoints and mutants."""

import os
import sys
from pathlib import Path

from shared.http import serve
from tests.reliability import failpoints, mutants


def main(function: str, folder: Path) -> None:
    (folder / "pids" / f"{function}.{os.getpid()}").touch()
    # A failpoint stands around what a mutant made of a place.
    mutants.install(function, folder)
    failpoints.install(function, folder)
    serve.main(function)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
