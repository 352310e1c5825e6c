"""Operator's commands of billing, for the hour after a restore (docs/restore.md); nothing of the platform may run meanwhile.

The environment is that of the Job `migrate`: MIGRATION_DATABASE_URL, whose role sees all companies, and TENANT_SEAL_KEY.
"""

import argparse
import json

from functions.billing import reconciliations
from functions.billing.reconciliation import RECONCILE
from shared.db.ids import uuid7
from shared.db.operators import administrators
from shared.db.seal import PLATFORM


def reconcile(*, margin: int, only: str | None) -> None:
    """Every company only reads until DGII was asked about its free numbers. Repeating it changes nothing."""
    with administrators(PLATFORM) as tx:
        tenants = reconciliations.open_for(tx, uuid7(), kind=RECONCILE, margin=margin, only=only)
    print(json.dumps({"solo_lectura": tenants, "margin": margin}))


def release(tenant: str) -> None:
    """The company may take numbers again, though DGII was not asked: certecf has no consulta, and a person looked instead."""
    with administrators(tenant) as tx:
        reconciliations.end(tx)
    print(json.dumps({"released": tenant}))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m functions.billing", description="Comandos de operador de billing")
    commands = parser.add_subparsers(dest="command", required=True)
    after = commands.add_parser("reconcile", help="tras restaurar un respaldo: solo lectura hasta preguntar a la DGII")
    after.add_argument("--margin", type=int, default=20, help="números seguidos sin noticia tras los cuales se deja de preguntar")
    after.add_argument("--tenant", help="solo esta empresa")
    freed = commands.add_parser("release", help="termina la solo lectura de una empresa que una persona revisó")
    freed.add_argument("--tenant", required=True)
    options = parser.parse_args(arguments)
    if options.command == "reconcile":
        reconcile(margin=options.margin, only=options.tenant)
    else:
        release(options.tenant)


if __name__ == "__main__":
    main()
