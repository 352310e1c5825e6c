"""Signers come and go, and nobody who asks for a signature notices."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.sign import gateway
from functions.sign.gateway import Signers, SignerStopped
from shared.cloud.session import CloudUnavailable
from shared.ecf.key import CertificateRefused, Key
from shared.ecf.signature import CarriageReturnInText, NotSignable, sign
from tests.functions.sign.keys import HERE, Stored, seed, store, there
from tests.functions.sign.memory import descendants
from tests.patience import until


@pytest.fixture(scope="module")
def stored() -> Iterator[Stored]:
    with mock_aws():
        yield store()


@pytest.fixture
def signers(stored: Stored) -> Iterator[Signers]:
    made = Signers(there(), verify_output=True)
    with made.running():
        yield made


@pytest.fixture
def births(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every signer that is born."""
    born: list[Any] = []
    kept = Signers._born

    def counted(self: Signers, **given: Any) -> Any:
        born.append(kept(self, **given))
        return born[-1]

    monkeypatch.setattr(Signers, "_born", counted)
    return born


def working() -> set[int]:
    """The processes of all signers."""
    process = gateway._nursery()._process
    return set(descendants(process.pid)) if process else set()


def test_a_signer_signs_as_anybody_with_the_key_would(signers: Signers, stored: Stored) -> None:
    made = signers.sign(stored.name, seed())
    key = Key.from_pem(stored.leaf.private_key_pem, stored.leaf.certificate_pem)
    assert (made.xml, made.codigo_seguridad) == (sign(seed(), key).xml, sign(seed(), key).codigo_seguridad)


def test_what_signing_refuses_comes_back_as_the_same_refusal(signers: Signers, stored: Stored) -> None:
    with pytest.raises(NotSignable):
        signers.sign(stored.name, signers.sign(stored.name, seed()).xml)
    with pytest.raises(CarriageReturnInText):
        signers.sign(stored.name, b"<SemillaModel><valor>a&#13;b</valor></SemillaModel>")
    with pytest.raises(CloudUnavailable):
        signers.sign("/getupnet/nobody/p12/none", seed())
    other = store()
    swapped = f'{{"private_key_pem": {other.leaf.private_key_pem.decode()!r}, "certificate_pem": "x"}}'.replace("'", '"')
    boto3.client("secretsmanager", region_name="us-east-1").put_secret_value(SecretId=other.name, SecretString=swapped)
    with pytest.raises(CertificateRefused) as refused:
        signers.sign(other.name, seed())
    assert refused.value.reason == "unreadable"


def test_no_signer_makes_more_than_its_signatures_and_no_call_is_refused(
    signers: Signers, stored: Stored, births: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "SIGNATURES", 20)
    codes: set[str] = set()

    def work(first: int) -> None:
        for number in range(first, first + 100):
            codes.add(signers.sign(stored.name, seed(number)).codigo_seguridad)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 300
    assert len(births) >= 300 // 20 - 1
    assert max(signer.signatures for signer in births) == 20


def test_a_spare_is_born_before_its_signer_goes_with_the_keys_in_use_at_hand(
    signers: Signers, births: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "SIGNATURES", 10)
    mine = store()
    for number in range(6):
        signers.sign(mine.name, seed(number))
    (spare,) = births
    assert spare.ahead == (mine.name,)
    time.sleep(0.5)
    boto3.client("secretsmanager", region_name="us-east-1").delete_secret(SecretId=mine.name, ForceDeleteWithoutRecovery=True)
    for number in range(9):
        signers.sign(mine.name, seed(number))
    assert spare.signatures == 5


def test_a_signer_with_as_many_keys_as_it_may_hold_makes_room_for_another(
    signers: Signers, births: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MOST_KEYS", 4)
    names = [store().name for _ in range(9)]
    for name in names:
        signers.sign(name, seed())
    assert max(len(signer.used.keys() | signer.ahead) for signer in births) == 4


def test_a_key_is_gone_when_its_signers_life_is_over_and_the_next_call_is_answered(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "LIFE_SECONDS", 0.5)
    before = working()
    with (signers := Signers(there(), verify_output=True)).running():
        signers.sign(stored.name, seed())
        until(lambda: not working() - before)
        assert signers.sign(stored.name, seed(1)).codigo_seguridad


def test_a_life_is_a_quarter_of_an_hour_and_five_hundred_signatures_at_most() -> None:
    assert (gateway.LIFE_SECONDS, gateway.SIGNATURES, gateway.MOST_KEYS) == (900, 500, 200)


def test_a_killed_signer_and_a_killed_nursery_refuse_nobody(signers: Signers, stored: Stored) -> None:
    signers.sign(stored.name, seed())
    for pid in working():
        os.kill(pid, signal.SIGKILL)
    assert signers.sign(stored.name, seed(1)).codigo_seguridad
    nursery = gateway._nursery()._process
    assert nursery is not None
    for pid in (*working(), nursery.pid):
        os.kill(pid, signal.SIGKILL)
    nursery.wait()
    assert signers.sign(stored.name, seed(2)).codigo_seguridad


def test_a_document_over_which_two_signers_die_is_given_back_and_the_next_is_signed(
    signers: Signers, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(gateway._Signer, "ask", lambda signer, name, xml: setattr(signer, "broken", True))
        with pytest.raises(SignerStopped):
            signers.sign(stored.name, seed())
    assert signers.sign(stored.name, seed()).codigo_seguridad


def test_who_waits_too_long_for_a_signer_is_told_to_come_again(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SIGNERS", 0)
    monkeypatch.setattr(gateway, "LONGEST_QUEUE", 0.01)
    with pytest.raises(SignerStopped):
        Signers(HERE, verify_output=True).sign(stored.name, seed())


def test_signers_end_with_their_function(stored: Stored) -> None:
    before = working()
    with (signers := Signers(there(), verify_output=True)).running():
        signers.sign(stored.name, seed())
        assert working() - before
    until(lambda: not working() - before)
