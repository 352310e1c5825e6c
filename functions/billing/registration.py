"""A range enters the ledger; one that is refused leaves a trace, for whoever registers others' numbers may mean to issue them."""

import logging
from datetime import date

from functions.billing import forecast, sequences
from functions.billing.gateway import Outside
from functions.billing.ledger_schemas import SequenceIn
from functions.billing.ranges import SequenceOverlaps, check_range
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.errors import FieldError, InvalidInput
from shared.events.catalogue import SequenceRegistered
from shared.events.sequences import SequenceRefused
from shared.http import refusals
from shared.http.shell import Shell

log = logging.getLogger(__name__)


def register(shell: Shell[Outside], tenant: str, user: str, asked: SequenceIn, today: date) -> Record:
    """The range as it stands. InvalidInput for what DGII cannot have given this company, SequenceOverlaps for numbers it has."""
    try:
        return _register(shell, tenant, asked, today)
    except InvalidInput as refusal:
        _tell(shell, tenant, user, asked, [one.code for one in refusal.errors])
        raise
    except SequenceOverlaps as refusal:
        _tell(shell, tenant, user, asked, [refusal.slug])
        raise


def _register(shell: Shell[Outside], tenant: str, asked: SequenceIn, today: date) -> Record:
    wanted = check_range(asked.tipo_ecf, asked.desde, asked.hasta, asked.vencimiento, today=today, sucursal=asked.sucursal)
    sequence_id = uuid7()
    with shell.transaction(tenant) as tx:
        _check_owner(tx, asked.rnc_emisor)
        row = sequences.register(tx, sequence_id, wanted, today=today)
        registered = SequenceRegistered(
            sequence_id=sequence_id,
            tipo_ecf=int(wanted.tipo),
            desde=wanted.desde,
            hasta=wanted.hasta,
            vencimiento=wanted.vencimiento.isoformat(),
        )
        shell.announce(tx, registered, subject=sequence_id)
        forecast.schedule(shell, tx, sequence_id)
    return row


def _check_owner(tx: Transaction, rnc_emisor: str | None) -> None:
    if rnc_emisor is not None and rnc_emisor != sequences.issuer(tx).rnc:
        raise InvalidInput(FieldError("/rnc_emisor", "rnc-other", "El rango es de otro contribuyente. Regístrelo en su empresa."))


def _tell(shell: Shell[Outside], tenant: str, user: str, asked: SequenceIn, codes: list[str]) -> None:
    log.warning(
        "a range was refused", extra={"code": codes, "tipo_ecf": asked.tipo_ecf, "desde": asked.desde, "hasta": asked.hasta}
    )
    fact = SequenceRefused(**asked.model_dump(), codes=codes, by=user)
    refusals.record(shell, tenant, user, fact, fact.model_dump_json())
