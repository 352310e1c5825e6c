"""The hasher: the same cost for nobody, and no more at once than the pod has memory for."""

import threading
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from functions.auth import gateway
from functions.auth.gateway import AT_ONCE, WAITING, Hasher
from shared.errors import Unavailable


def test_nobodys_hash_costs_what_somebodys_does() -> None:
    nobody, somebody = (argon2.extract_parameters(h) for h in (gateway._NOBODY, Hasher().hash("x" * 12)))
    assert nobody == somebody
    assert Hasher().matches("x", None) is False


def test_a_password_matches_its_own_hash_only() -> None:
    hasher = Hasher()
    stored = hasher.hash("una clave")
    assert (hasher.matches("una clave", stored), hasher.matches("otra", stored)) == (True, False)


def test_a_crowd_is_told_to_come_back() -> None:
    hasher, gate = Hasher(), threading.Event()
    tried = threading.Semaphore(0)

    def wait() -> None:
        with hasher._turn():
            tried.release()
            gate.wait(5)

    with ThreadPoolExecutor(AT_ONCE + WAITING) as pool:
        held = [pool.submit(wait) for _ in range(AT_ONCE)]
        for _ in held:
            tried.acquire()
        queued = [pool.submit(wait) for _ in range(WAITING)]
        for _ in range(100):
            if hasher._queue._value == 0:
                break
            threading.Event().wait(0.01)
        with pytest.raises(Unavailable):
            hasher.hash("x")
        gate.set()
        assert [f.result(5) for f in held + queued] == [None] * (AT_ONCE + WAITING)
    assert hasher.hash("x" * 12), "and afterwards there is room again"
