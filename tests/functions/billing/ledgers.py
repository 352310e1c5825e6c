"""A company's ledger without its signatures: numbers taken, lent, given back and voided by the real statements."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from functions.billing import leases, ledger, numbers, sequences, voidings
from functions.billing.ranges import Number, Range, Wanted
from shared.db.engine import Database, Transaction
from shared.db.ids import uuid7
from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF
from tests.house import House

TODAY = date(2026, 11, 24)
FAR = date(2028, 12, 31)
_INVOICE = """
INSERT INTO billing.invoices (tenant_id, id, environment, rnc_emisor, tipo_ecf, secuencia, intento, encf, sequence_id, estado,
  fecha_emision, fecha_hora_firma, monto_total, certificate_id, unsigned_xml, created_by)
VALUES (:tenant, CAST(:id AS uuid), 'testecf', '131880738', :tipo, :secuencia, :intento, :encf, CAST(:sequence AS uuid), 'numerado',
  :today, now(), 100, CAST(:id AS uuid), ''::bytea, 'a-user')
"""
_RETURN = """
WITH back AS (
  UPDATE billing.invoices SET estado = 'sin_usar' WHERE tenant_id = :tenant AND id = (
    SELECT id FROM billing.invoices WHERE tenant_id = :tenant AND sequence_id = CAST(:id AS uuid) AND secuencia = :secuencia
    ORDER BY intento DESC LIMIT 1)
  RETURNING *)
INSERT INTO billing.returned_numbers (tenant_id, sequence_id, tipo_ecf, secuencia, intento)
SELECT tenant_id, sequence_id, tipo_ecf, secuencia, intento FROM back
"""


@dataclass
class Ledger:
    database: Database
    tenant: str
    raced: bool = False
    today: date = TODAY

    @classmethod
    def fresh(cls, house: House, *, writers: int = 1) -> "Ledger":
        """Of a tenant that has nothing else; `writers` may take numbers at once."""
        return cls(house.database("billing", writers), uuid7(), writers > 1)

    def register(self, desde: int, hasta: int, expiry: date = FAR, *, tipo: int = 31, sucursal: str | None = None) -> str:
        sequence_id = uuid7()
        with self.database.transaction(self.tenant) as tx:
            wanted = Range(TipoECF(tipo), desde, hasta, expiry, sucursal)
            sequences.register(tx, sequence_id, wanted, today=self.today)
        return sequence_id

    def take(self, *, sucursal: str | None = None, lease: str | None = None) -> int | None:
        """The number, now of an invoice; of one writer alone it must be the number that was foretold."""
        wanted = Wanted(31, self.today, sucursal, lease)
        with self.database.transaction(self.tenant) as tx:
            foretold = numbers.coming(tx, wanted)
            ours, number = numbers.take(tx, wanted, key=uuid7(), request_hash="", invoice_id=uuid7(), lease=timedelta())
            assert ours
            if number is not None:
                self._invoice(tx, number)
        assert self.raced or _at(foretold) == _at(number)
        return number.secuencia if number else None

    def _invoice(self, tx: Transaction, number: Number) -> None:
        tx.rows(
            _INVOICE,
            tenant=self.tenant,
            id=uuid7(),
            tipo=31,
            secuencia=number.secuencia,
            intento=number.intento,
            encf=f"E31{number.secuencia:010d}",
            sequence=number.sequence_id,
            today=self.today,
        )

    def refusal(self, *, sucursal: str | None = None, lease: str | None = None) -> str:
        with self.database.transaction(self.tenant) as tx:
            return numbers.refusal(tx, Wanted(31, self.today, sucursal, lease)).slug

    def give_back(self, sequence_id: str, secuencia: int) -> None:
        """As a refused signature does."""
        with self.database.transaction(self.tenant) as tx:
            tx.rows(_RETURN, tenant=self.tenant, id=sequence_id, secuencia=secuencia)

    def lend(self, sequence_id: str, count: int) -> tuple[str, int, int]:
        """The lease's id, first and last number."""
        until = datetime.now(UTC) + timedelta(hours=1)
        with self.database.transaction(self.tenant) as tx:
            row = leases.lend(tx, sequence_id, holder="CAJA 1", count=count, until=until, user="a-user", today=self.today)
        return row.id, row.desde, row.hasta

    def end_lease(self, sequence_id: str, lease_id: str, *, returned: bool) -> None:
        """By hand, or because its time is over."""
        with self.database.transaction(self.tenant) as tx:
            if returned:
                leases.give_back(tx, sequence_id, lease_id)
            else:
                tx.rows("UPDATE billing.leases SET until = now() WHERE id = CAST(:id AS uuid)", id=lease_id)

    def hold(self, desde: int, hasta: int) -> str:
        """As the draft of a voiding does; its id."""
        voiding_id, asked = uuid7(), voidings.Asked(TipoECF(31), desde, hasta)
        with self.database.transaction(self.tenant) as tx:
            voidings.lock(tx, [asked])
            for piece in voidings.free(tx, asked):
                voidings.hold(tx, voiding_id, asked.tipo, piece)
        return voiding_id

    def settle(self, voiding_id: str, estado: str) -> None:
        """As DGII's answer does."""
        with self.database.transaction(self.tenant) as tx:
            for piece in voidings.pieces(tx, [voiding_id]):
                voidings.settle(tx, piece, [(piece.desde, piece.hasta, estado)])

    def documents(self, sequence_id: str) -> set[int]:
        """Numbers that ever had one."""
        with self.database.transaction(self.tenant) as tx:
            rows = tx.rows("SELECT secuencia FROM billing.invoices WHERE sequence_id = CAST(:id AS uuid)", id=sequence_id)
        return {row.secuencia for row in rows}

    def state(self, secuencia: int) -> str | None:
        with self.database.transaction(self.tenant) as tx:
            row = ledger.number(tx, ENCF(TipoECF(31), secuencia))
        return row.estado if row else None

    def counts(self, sequence_id: str) -> dict[str, int]:
        with self.database.transaction(self.tenant) as tx:
            return ledger.counts(tx, sequence_id)

    def gaps(self, sequence_id: str) -> list[tuple[int, int, str]]:
        with self.database.transaction(self.tenant) as tx:
            return [(row.desde, row.hasta, row.estado) for row in ledger.gaps(tx, sequence_id, after=0, limit=1000)]

    def act(self, statement: Callable[[Transaction], object]) -> None:
        with self.database.transaction(self.tenant) as tx:
            statement(tx)


def _at(number: Number | None) -> tuple[int, int] | None:
    return (number.secuencia, number.intento) if number else None
