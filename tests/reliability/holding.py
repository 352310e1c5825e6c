"""A mutant of dgii that keeps its document locked while it speaks with DGII: `python -m tests.reliability.holding dgii`."""

import os
import sys
from collections.abc import Callable
from typing import Any

from functions.dgii.attempt import Submission
from functions.dgii.domain import Step
from functions.dgii.gateway import Authority
from functions.dgii.observations import Observation
from shared.db.engine import Database
from shared.db.seal import Seal
from shared.http import serve
from tests.reliability.wrap import wrap


def locking(perform: Callable[..., Any]) -> Callable[..., Any]:
    database = Database(os.environ["DATABASE_URL"], Seal.from_base64(os.environ["TENANT_SEAL_KEY"]), pool_size=16)

    def locked(authority: Authority, step: Step, tenant: str, submission: Submission) -> Observation:
        with database.transaction(tenant) as tx:
            tx.rows("SELECT 1 FROM dgii.submissions WHERE encf = :encf FOR UPDATE", encf=submission.encf)
            seen: Observation = perform(authority, step, tenant, submission)
            return seen

    return locked


if __name__ == "__main__":
    wrap("functions.dgii.gateway:Authority.perform", locking)
    serve.main(sys.argv[1])
