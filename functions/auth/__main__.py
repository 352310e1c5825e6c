"""Operator's commands: `python -m functions.auth bootstrap --email E --name N` makes the first platform admin.

The password is read from standard input (or asked for); the environment is auth's own.
"""

import argparse
import getpass
import sys

from functions.auth import store
from functions.auth.gateway import Hasher
from functions.auth.settings import Settings
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal

SHORTEST_PASSWORD = 12


def bootstrap(email: str, name: str, password: str) -> None:
    """Make `email` a platform admin with this password. Safe to repeat; the newest password stands."""
    settings = Settings()
    seal = Seal.from_base64(settings.tenant_seal_key.get_secret_value())
    database = Database(settings.database_url.get_secret_value(), seal, pool_size=1)
    with database.transaction(PLATFORM) as tx:
        store.add(tx, user_id=uuid7(), email=email, name=name, company=PLATFORM, role="platform_admin")
        person = store.by_email(tx, email)
        assert person is not None
        store.set_password(tx, person.id, Hasher().hash(password))
    database.close()
    print(f"{email} es administrador de la plataforma.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m functions.auth", description="Comandos de operador de auth")
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser("bootstrap", help="crea el primer administrador de la plataforma")
    first.add_argument("--email", required=True)
    first.add_argument("--name", default="Administrador")
    arguments = parser.parse_args()
    password = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        parser.error(f"la contraseña necesita al menos {SHORTEST_PASSWORD} caracteres")
    bootstrap(arguments.email, arguments.name, password)


if __name__ == "__main__":
    main()
