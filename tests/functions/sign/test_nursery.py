"""What may be said of a private key: where it is, where it is not, and that no file has it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from functions.sign import gateway, nursery
from tests.functions.sign.keys import Stored, store
from tests.functions.sign.memory import PROGRAM, Program, count, descendants, program, traces
from tests.house import cloud_door
from tests.judges.judge import require
from tests.patience import until
from tests.places import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the memory of a process that is not dumpable is root's to read")
COMMAND = [sys.executable, "-c", PROGRAM]


@pytest.fixture(scope="module")
def stored() -> Iterator[tuple[Stored, Stored]]:
    with mock_aws():
        yield store(), store()


@pytest.fixture
def signing(stored: tuple[Stored, Stored]) -> Iterator[Program]:
    with program([*COMMAND, cloud_door()]) as made:
        yield made


def found(running: Program, stored: Stored) -> dict[str, int]:
    """How often the key is in the memory of the program itself, of the nursery, and of all signers."""
    nursery, *signers = descendants(running.pid)
    needles = traces(stored.leaf.private_key)  # type: ignore[arg-type]
    places = {"program": [running.pid], "nursery": [nursery], "signers": signers}
    return {place: sum(count(pid, needles) for pid in pids) for place, pids in places.items()}


def test_a_key_is_in_the_memory_of_its_signer_and_in_none_once_signers_were_replaced(
    signing: Program, stored: tuple[Stored, Stored]
) -> None:
    ours, other = stored
    signing.sign(ours.name, 1)
    held = found(signing, ours)
    assert held["signers"] > 0, "the scan sees a key that is there"
    assert (held["program"], held["nursery"]) == (0, 0)
    # The first replacement was told of both keys and has fetched them; the second was told of what the first was asked for.
    signing.sign(other.name, 2 * gateway.SIGNATURES)
    until(lambda: found(signing, ours) == {"program": 0, "nursery": 0, "signers": 0})  # the last replaced ends with its pipe
    assert found(signing, other)["signers"] > 0


def test_who_holds_keys_leaves_no_core_is_not_dumpable_and_writes_no_file(signing: Program, stored: tuple[Stored, Stored]) -> None:
    signing.sign(stored[0].name, 1)
    for pid in descendants(signing.pid):
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        for name in ("core file size", "file size"):
            assert re.search(rf"Max {name} +0 +0 ", limits), (pid, name)
        assert Path(f"/proc/{pid}/environ").read_bytes().count(b"DATABASE_URL") == 0
        kinds = {str(fd.readlink()).split(":")[0] for fd in Path(f"/proc/{pid}/fd").iterdir() if int(fd.name) > 2}
        assert kinds <= {"socket", "pipe", "anon_inode"}


WRITE = "import sys; open(sys.argv[1], 'wb').write(b'x')"
CONFINED = f"from functions.sign.nursery import confine; confine(); {WRITE}"


@pytest.mark.parametrize(("attempt", "written"), [(CONFINED, b""), (WRITE, b"x")])
def test_the_kernel_refuses_a_confined_process_every_byte_in_a_file(tmp_path: Path, attempt: str, written: bytes) -> None:
    file = tmp_path / "key"
    subprocess.run([sys.executable, "-c", attempt, str(file)], cwd=ROOT, capture_output=True, check=False)
    assert file.read_bytes() == written


@pytest.mark.judge
def test_strace_sees_no_file_opened_for_writing_while_keys_are_in_use(tmp_path: Path, stored: tuple[Stored, Stored]) -> None:
    require(Path("/usr/bin/strace").exists(), "no strace: install the package strace")
    log = tmp_path / "opens"
    tracer = ["strace", "-f", "-qq", "-e", "trace=open,openat,creat,memfd_create", "-o", str(log)]
    with program([*tracer, *COMMAND, cloud_door()]) as running:
        running.sign(stored[0].name, 5)
    opened = log.read_text(encoding="utf-8", errors="replace").splitlines()
    assert len(opened) > 100
    assert [line for line in opened if re.search("O_WRONLY|O_RDWR|O_CREAT|memfd", line) and "/dev/null" not in line] == []


def test_a_nursery_that_was_closed_opens_again() -> None:
    made = nursery.Nursery()
    made.birth().close()
    first = made._process
    assert first is not None
    made.close()
    assert first.returncode == 0
    made.birth().close()
    assert made._process is not first
    made.close()
