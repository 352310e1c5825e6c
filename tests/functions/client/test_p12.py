"""The process that reads a P12 ends where its limits are (security KEY): two seconds of processor, 256 MB, no core."""

import signal
import subprocess
import sys

import pytest

from functions.client.domain import WORDS, CertificateUnreadable
from functions.client.gateway import Vault
from shared.cloud.session import Aws
from shared.signer.client import Signer
from tests.places import ROOT

CONFINED = "from functions.client.p12 import confine; confine(); "
SPIN = "import time\nwhile time.process_time() < 2.3: pass"
HOARD = "import sys; sys.exit(len(bytearray(300 * 1024 * 1024)) != 300 * 1024 * 1024)"


def ended(program: str) -> int:
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("program", "end"),
    [(CONFINED + SPIN, {-signal.SIGKILL, -signal.SIGXCPU}), (SPIN, {0}), (CONFINED + HOARD, {1}), (HOARD, {0})],
    ids=["processor", "processor without limit", "memory", "memory without limit"],
)
def test_a_limit_ends_whoever_passes_it(program: str, end: set[int]) -> None:
    assert ended(program) in end


@pytest.mark.parametrize(
    ("p12", "password", "refusal"), [(b"", "x", "empty"), (b"x", "", "no-password"), (b"x", "x", "unreadable")]
)
def test_what_can_be_told_without_reading_has_a_code_of_its_own(p12: bytes, password: str, refusal: str) -> None:
    vault = Vault(Aws("us-east-1", None, None, None), Signer("http://sign.invalid", None))  # type: ignore[arg-type]
    with pytest.raises(CertificateUnreadable) as refused:
        vault.open(p12, password)
    assert refused.value.code == refusal


def test_no_two_codes_say_the_same() -> None:
    assert len(set(WORDS.values())) == len(WORDS)
