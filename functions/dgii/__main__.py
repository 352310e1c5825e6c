"""Operator's command of dgii, for the hour after a restore (docs/restore.md); nothing of the platform may run meanwhile.

The environment is that of the Job `migrate`: MIGRATION_DATABASE_URL, whose role sees all companies, and TENANT_SEAL_KEY.
"""

import argparse
import json

from functions.dgii import doubts
from shared.db.operators import administrators
from shared.db.seal import PLATFORM


def doubt(only: str | None) -> None:
    """What the backup believes unsent is asked for before it is sent, whoever wakes first. Repeating it changes nothing."""
    with administrators(PLATFORM) as tx:
        doubted = doubts.doubt(tx, only)
    print(json.dumps({"en_duda": doubted}))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m functions.dgii", description="Comandos de operador de dgii")
    commands = parser.add_subparsers(dest="command", required=True)
    after = commands.add_parser("doubt", help="tras restaurar un respaldo: nada se envía sin preguntar antes a la DGII")
    after.add_argument("--tenant", help="solo esta empresa")
    doubt(parser.parse_args(arguments).tenant)


if __name__ == "__main__":
    main()
