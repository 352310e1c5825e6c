"""A company's ledger without its documents: numbers taken by the real statements on a real database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from functions.billing import numbers, sequences
from functions.billing.ranges import Number, Range, Wanted
from shared.db.engine import Database, Transaction
from shared.db.ids import uuid7
from shared.ecf.types import TipoECF
from tests.house import House

TODAY = date(2026, 11, 24)
FAR = date(2028, 12, 31)


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

    def take(self, *, tipo: int = 31, sucursal: str | None = None, lease: str | None = None) -> int | None:
        """The number; of one writer alone it must be the number that was foretold."""
        wanted = Wanted(tipo, self.today, sucursal, lease)
        with self.database.transaction(self.tenant) as tx:
            foretold = numbers.coming(tx, wanted)
            number = _taken(tx, wanted)
        assert self.raced or (foretold and (foretold.secuencia, foretold.intento)) == (
            number and (number.secuencia, number.intento)
        )
        return number.secuencia if number else None

    def refusal(self, *, sucursal: str | None = None, lease: str | None = None) -> str:
        with self.database.transaction(self.tenant) as tx:
            return numbers.refusal(tx, Wanted(31, self.today, sucursal, lease)).slug

    def give_back(self, sequence_id: str, secuencia: int) -> None:
        """As a refused signature does."""
        with self.database.transaction(self.tenant) as tx:
            tx.rows(
                "INSERT INTO billing.returned_numbers (tenant_id, sequence_id, tipo_ecf, secuencia, intento) "
                "SELECT :tenant, CAST(:id AS uuid), 31, :secuencia, COALESCE(max(intento), 0) + 1 FROM billing.returned_numbers "
                "WHERE tenant_id = :tenant AND secuencia = :secuencia",
                tenant=self.tenant,
                id=sequence_id,
                secuencia=secuencia,
            )


def _taken(tx: Transaction, wanted: Wanted) -> Number | None:
    ours, number = numbers.take(tx, wanted, key=uuid7(), request_hash="", invoice_id=uuid7(), lease_until=datetime.now(UTC))
    assert ours
    return number


def _at(number: Number | None) -> tuple[int, int] | None:
    return (number.secuencia, number.intento) if number else None
