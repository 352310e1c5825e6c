"""A company that may emit, made through the public door as the demo makes one."""

from dataclasses import dataclass

from rich.console import Console

from knative.demo.driver import Driver
from knative.demo.login import first_login
from knative.local.standin import Standin
from shared.db.engine import Database
from shared.db.seal import Seal
from tests.places import ROOT


@dataclass(frozen=True)
class Emitter:
    """`headers` carry its owner's token, good for a quarter of an hour."""

    tenant: str
    rnc: str
    headers: dict[str, str]
    invoice_id: str
    certificate_id: str
    unsigned: bytes


def a_company(standin: Standin) -> Emitter:
    login = first_login(ROOT, standin.data, standin.environments["auth"])
    with Driver(standin.url, standin.cold_starts, Console(quiet=True)) as driver:
        company = driver.open_company(login)
        receipt = driver.emit(*driver.receipts()[0])  # every fact has arrived where an emission needs it
        driver.await_verdict(receipt)
        headers = {"Authorization": f"Bearer {driver.token}"}
        invoice_id = receipt.invoice["id"]
        unsigned, certificate_id = _stored(standin, company.id, invoice_id)
        return Emitter(company.id, company.rnc, headers, invoice_id, certificate_id, unsigned)


def _stored(standin: Standin, tenant: str, invoice_id: str) -> tuple[bytes, str]:
    """The unsigned bytes of an invoice, and the certificate that signed them, as billing keeps them."""
    env = standin.environments["billing"]
    database = Database(env["DATABASE_URL"], Seal.from_base64(env["TENANT_SEAL_KEY"]), pool_size=1)
    with database.transaction(tenant) as tx:
        row = tx.rows(
            "SELECT unsigned_xml, certificate_id::text AS c FROM billing.invoices WHERE id = CAST(:id AS uuid)", id=invoice_id
        )[0]
    database.close()
    return bytes(row.unsigned_xml), row.c
