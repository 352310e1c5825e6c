"""Operator's commands: `python -m functions.auth bootstrap --email E --name N` makes the first platform admin.

The password is read from standard input (or asked for); the environment is auth's own. With `--second-factor` the admin gets one
at once, and its secret is printed; without it the first log-in asks to enrol one.
"""

import argparse
import getpass
import sys

from functions.auth import credentials, second_factor, store
from functions.auth.domain import SHORTEST_PASSWORD
from functions.auth.gateway import Hasher, Keyring
from functions.auth.settings import Settings
from shared.cloud.session import Aws
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal


def bootstrap(email: str, name: str, password: str, *, with_factor: bool) -> None:
    """Make `email` a platform admin with this password. Safe to repeat; the newest password and second factor stand."""
    settings = Settings()
    seal = Seal.from_base64(settings.tenant_seal_key.get_secret_value())
    database = Database(settings.database_url.get_secret_value(), seal, pool_size=1)
    with database.transaction(PLATFORM) as tx:
        store.add(tx, user_id=uuid7(), email=email, name=name, company=PLATFORM, role="platform_admin")
        person = store.by_email(tx, email)
        assert person is not None
        signing, credential = settings.user_signing_key.get_secret_value(), settings.credential_key.get_secret_value()
        keyring = Keyring(signing, credential, Hasher(), Aws.of(settings))
        store.set_password(tx, person.id, keyring.hasher.hash(password))
        if with_factor:
            secret = second_factor.new_secret()
            credentials.remove_factor(tx, person.id)
            credentials.begin_factor(tx, person.id, keyring.seal(person.id, secret))
            credentials.use_step(tx, person.id, 1)
            print(second_factor.address(secret, person.email))
    database.close()
    print(f"{email} es administrador de la plataforma.", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m functions.auth", description="Comandos de operador de auth")
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser("bootstrap", help="crea el primer administrador de la plataforma")
    first.add_argument("--email", required=True)
    first.add_argument("--name", default="Administrador")
    first.add_argument("--second-factor", action="store_true", help="le da un segundo factor e imprime su dirección otpauth")
    arguments = parser.parse_args()
    password = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        parser.error(f"la contraseña necesita al menos {SHORTEST_PASSWORD} caracteres")
    bootstrap(arguments.email, arguments.name, password, with_factor=arguments.second_factor)


if __name__ == "__main__":
    main()
