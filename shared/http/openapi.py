"""OpenAPI files from the routes: `python -m shared.http.openapi docs/openapi` writes them, `--check` fails on drift."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.http.routes import router

PROBLEM = {
    "description": "RFC 9457 problem",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string", "description": "urn:getupnet:<slug>"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": ["string", "null"], "description": "trace id"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "pointer": {"type": "string"},
                                "code": {"type": "string"},
                                "detail": {"type": "string"},
                            },
                        },
                    },
                },
            }
        }
    },
}


def document(function: str) -> dict[str, Any]:
    """The OpenAPI document of one function's table of routes."""
    handlers = importlib.import_module(f"functions.{function}.handlers")
    app = FastAPI(title=f"GetUpNet {function}", version="1")
    app.include_router(router(handlers.ROUTES))
    made = app.openapi()
    made.setdefault("components", {})["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        made["components"].get("schemas", {}).pop(unused, None)
    return made


def functions() -> list[str]:
    """Functions with a table of routes that others may read; the sandbox speaks DGII's protocol and is left out."""
    found = sorted(path.parent.name for path in Path("functions").glob("*/handlers.py"))
    handlers = {name: importlib.import_module(f"functions.{name}.handlers") for name in found if name != "sandbox"}
    return [name for name, module in handlers.items() if getattr(module, "ROUTES", None)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.http.openapi", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not current")
    options = parser.parse_args()
    stale = []
    for function in functions():
        text = json.dumps(document(function), indent=2, ensure_ascii=False) + "\n"
        path: Path = options.folder / f"{function}.json"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not options.check:
            options.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    verb = "not current" if options.check else "written"
    sys.stdout.writelines(f"{verb}: {path}\n" for path in stale)
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
