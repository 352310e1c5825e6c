"""`python -m functions new NAME`: the skeleton of a function in the anatomy of the house."""

import argparse
import re
from pathlib import Path

FILES = {
    "__init__.py": "",
    "app.py": '''"""{name}: what comes in, what goes out; say it in one line."""

from fastapi import FastAPI

from functions.{name}.handlers import ROUTES
from functions.{name}.settings import Settings
from shared.http.app import create_app


def build(settings: Settings) -> FastAPI:
    return create_app("{name}", settings, routes=ROUTES)
''',
    "handlers.py": '''"""{name}'s doors."""

from shared.http.routes import Route

ROUTES: list[Route] = []
''',
    "domain.py": '''"""{name}'s rules. Pure: values in, a value or an error out."""
''',
    "store.py": '''"""{name}'s tables and all its SQL."""
''',
    "settings.py": '''"""{name}'s environment."""

from shared.settings import DatabaseSettings


class Settings(DatabaseSettings):
    """Tables."""
''',
}
REST = """Now: add "{name}" to shared/db/migrate.py FUNCTIONS and write shared/db/migrations/versions/{name}_0001.py;
its group in pyproject.toml; knative/services/{name}.yaml, eventing/triggers/{name}.yaml, knative/routes.yaml;
its line in tests/contracts/test_heavy_modules.py. `./task check` names what is missing."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m functions", description=__doc__)
    commands = parser.add_subparsers(required=True)
    new = commands.add_parser("new", help="make functions/NAME")
    new.add_argument("name")
    name = parser.parse_args().name
    folder = Path("functions") / name
    if not re.fullmatch(r"[a-z][a-z]{1,19}", name) or folder.exists():
        parser.error(f"{name!r}: one lower-case English word that is not taken")
    folder.mkdir()
    for file, text in FILES.items():
        (folder / file).write_text(text.format(name=name), encoding="utf-8")
    print(REST.format(name=name))


if __name__ == "__main__":
    main()
