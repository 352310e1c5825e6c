"""What tests of mails start from."""

import pytest

from functions.notify.handlers import JOBS
from shared.http.work import run_due
from tests.house import House


@pytest.fixture
def no_other_mail(house: House) -> None:
    """What other tests of this worker left to be written is written: here it is counted how many mails are."""
    house.settle()
    run_due(house.shell("notify"), JOBS, jobs=500, seconds=30)
