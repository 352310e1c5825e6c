"""A company that may emit, made through the public door as the demo makes one."""

from dataclasses import dataclass

from rich.console import Console

from knative.demo.driver import Driver
from knative.demo.login import first_login
from knative.local.standin import Standin
from tests.places import ROOT


@dataclass(frozen=True)
class Emitter:
    """`headers` carry its owner's token, good for a quarter of an hour."""

    tenant: str
    rnc: str
    headers: dict[str, str]


def a_company(standin: Standin) -> Emitter:
    login = first_login(ROOT, standin.data, standin.environments["auth"])
    with Driver(standin.url, standin.cold_starts, Console(quiet=True)) as driver:
        company = driver.open_company(login.email, login.password)
        driver.emit(*driver.receipts()[0])  # every fact has arrived where an emission needs it
        return Emitter(company.id, company.rnc, {"Authorization": f"Bearer {driver.token}"})
