"""Operator's commands of auth: `bootstrap` makes the first platform admin, `rotate-key` changes the key that signs people's tokens.

The password of `bootstrap` is read from standard input (or asked for); the environment is auth's own. With `--second-factor` the
admin gets one at once, and its secret is printed; without it the first log-in asks to enrol one. `rotate-key` works on two files,
the set of known keys and the signing key, and touches nothing else: docs/operations.md says what to wait for between its steps.
"""

import argparse
import base64
import getpass
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from functions.auth import credentials, second_factor, signing_keys, store
from functions.auth.domain import SHORTEST_PASSWORD
from functions.auth.gateway import Hasher, Keyring
from functions.auth.settings import Settings
from shared.cloud.session import Aws
from shared.db.engine import Database
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM, Seal
from shared.events.keys import FunctionKey


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


def rotate_key(step: str, keys: Path, signing: Path, *, kid: str | None, stopped: datetime | None, dry_run: bool) -> None:
    """One step: `add` writes both files, `use` only judges, `drop` writes the set of known keys."""
    known, now = json.loads(keys.read_text(encoding="utf-8")), datetime.now(UTC)
    if step == "add":
        drawn = FunctionKey(signing_keys.kid_of(now), base64.b64encode(secrets.token_bytes(32)).decode("ascii"))
        known = signing_keys.add(known, drawn.function, drawn.public)
        if not dry_run:
            signing.touch(mode=0o600, exist_ok=False)
            signing.write_text(f"{drawn.function}:{drawn.seed}", encoding="utf-8")
    else:
        signs, _, seed = signing.read_text(encoding="utf-8").strip().partition(":")
        signing_keys.must_know(known, signs, FunctionKey(signs, seed).public)
        if step == "drop":
            assert kid is not None
            assert stopped is not None
            known = signing_keys.drop(known, kid, signing=signs, stopped=stopped, now=now)
    if not dry_run:
        keys.write_text(json.dumps(known, indent=1), encoding="utf-8")
    print(json.dumps({"step": step, "known": sorted(known), "dry_run": dry_run}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m functions.auth", description="Comandos de operador de auth")
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser("bootstrap", help="crea el primer administrador de la plataforma")
    first.add_argument("--email", required=True)
    first.add_argument("--name", default="Administrador")
    first.add_argument("--second-factor", action="store_true", help="le da un segundo factor e imprime su dirección otpauth")
    rotation = commands.add_parser("rotate-key", help="cambia la clave que firma los tokens, en tres pasos: add, use, drop")
    rotation.add_argument("step", choices=["add", "use", "drop"], help="otra clave conocida; ¿ya puede firmar?; fuera la vieja")
    rotation.add_argument("--keys", type=Path, required=True, help="archivo keys.json del ConfigMap user-keys")
    rotation.add_argument("--signing-key", type=Path, required=True, help="archivo con kid:semilla; add lo crea con permisos 0600")
    rotation.add_argument("--kid", help="drop: la clave que sale")
    rotation.add_argument("--stopped", type=datetime.fromisoformat, help="drop: cuándo firmó por última vez, con zona (RFC 3339)")
    rotation.add_argument("--dry-run", action="store_true", help="juzga el paso y no escribe nada")
    return parser


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.command == "rotate-key":
        kid, stopped = arguments.kid, arguments.stopped
        if arguments.step == "drop" and (kid is None or stopped is None or stopped.tzinfo is None):
            parser.error("drop necesita --kid y --stopped con zona, por ejemplo 2027-01-31T12:00:00+00:00")
        try:
            rotate_key(arguments.step, arguments.keys, arguments.signing_key, kid=kid, stopped=stopped, dry_run=arguments.dry_run)
        except signing_keys.KeyStepRefused as refusal:
            parser.error(str(refusal.facts["reason"]))
        return
    password = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        parser.error(f"la contraseña necesita al menos {SHORTEST_PASSWORD} caracteres")
    bootstrap(arguments.email, arguments.name, password, with_factor=arguments.second_factor)


if __name__ == "__main__":
    main()
