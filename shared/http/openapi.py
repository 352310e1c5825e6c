"""OpenAPI files from the routes: `python -m shared.http.openapi docs/openapi` writes them, `--check` fails on drift."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.http.routes import Public, Route, router
from shared.identity.permissions import Permission

_FAULT = ("pointer", "code", "detail", "expected", "observed", "tolerance")
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:getupnet:<slug>", "pattern": "^urn:getupnet:[a-z0-9-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": ["string", "null"], "description": "trace id"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in _FAULT},
            },
        },
    },
}
REFUSED = {
    "description": "RFC 9457 problem",
    "headers": {
        "X-Trace-ID": {"schema": {"type": "string"}},
        "Retry-After": {"description": "seconds, with 429 and some of 409 and 503", "schema": {"type": "integer", "minimum": 0}},
    },
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document(function: str) -> dict[str, Any]:
    """The OpenAPI document of one function."""
    return described(function, importlib.import_module(f"functions.{function}.app").ROUTES)


def described(function: str, routes: list[Route]) -> dict[str, Any]:
    """The OpenAPI document of a table of routes: each names every status it may answer."""
    app = FastAPI(title=f"GetUpNet {function}", version="1")
    app.include_router(router(routes))
    made = app.openapi()
    components = made.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for route in routes:
        operation = made["paths"][route.path][route.method.lower()]
        found = refusals(route, names=any(one["required"] for one in operation.get("parameters", ())))
        operation["responses"].pop("422", None)
        operation["responses"] |= {str(status): {"$ref": "#/components/responses/Problem"} for status in sorted(found)}
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"], components["responses"] = PROBLEM, {"Problem": REFUSED}
    return made


def refusals(route: Route, *, names: bool) -> set[int]:
    """What a route may answer in place of what was asked, by who may call it and how; `names` when it cannot do without a
    parameter.

    Public doors that the world reaches take their credential in the body; acts name in it what may not be there.
    """
    acts, public = route.method != "GET", isinstance(route.access, Public)
    found = {400, 422, 503}
    if not public:
        found |= {401, 403}
    if isinstance(route.access, Permission):
        found.add(429)
    if isinstance(route.access, Public) and route.access.counted:
        found |= {401, 429} if acts else {429}
    if acts or names:
        found.add(404)
    if acts:
        found |= {409, 413}
    return found


def functions() -> list[str]:
    """Functions with a table of routes that others may read; the sandbox speaks DGII's protocol and is left out."""
    found = sorted(path.parent.name for path in Path("functions").glob("*/app.py"))
    apps = {name: importlib.import_module(f"functions.{name}.app") for name in found if name != "sandbox"}
    return [name for name, module in apps.items() if getattr(module, "ROUTES", None)]


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
