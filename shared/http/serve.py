"""Process entry: `python -m shared.http.serve <function>`; reads PORT (8080) and LISTEN_HOST (127.0.0.1)."""

import importlib
import os
import re
import sys
from typing import Any

import uvicorn


def load(name: str) -> Any:
    """The ASGI app of a function, built from the environment."""
    if not re.fullmatch(r"[a-z][a-z_]*", name):
        raise SystemExit(f"not a function: {name!r}")
    settings = importlib.import_module(f"functions.{name}.settings").Settings()
    return importlib.import_module(f"functions.{name}.app").build(settings)


def main(name: str) -> None:
    uvicorn.run(
        load(name),
        host=os.environ.get("LISTEN_HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8080")),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=25,
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m shared.http.serve <function>")
    main(sys.argv[1])
