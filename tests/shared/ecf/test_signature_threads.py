"""Signing, verifying and refusing from eight threads at once: each gets its own answer, though libxml2 and xmlsec share state."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from shared.ecf.gate import ForeignXmlRefused, parse
from shared.ecf.signature import Key, sign, verify
from tests.places import ROOT
from tests.shared.ecf.peers import C14N, ENVELOPED, EXCLUSIVE, ROOTS, Shape, authority, leaf, refusal, sign_as, unsigned

THREADS = 8
SHAPES = (Shape(), Shape(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)), Shape(transforms=(ENVELOPED, C14N), width=76))


def at_once(acts: list[object]) -> list[object]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda act: act(), acts))  # type: ignore[operator]


def test_eight_threads_verify_and_refuse_as_one_would() -> None:
    chance = random.Random(20261124)
    cases: list[bytes] = []
    for kind in ROOTS:
        for shape in SHAPES:
            xml = sign_as(unsigned(kind), leaf(), shape)
            cases += [
                xml,
                xml.replace(b"</Signature>", b"</Signature>x"),
                xml.replace(b"URI", b"uri"),
                xml[:-3],
                xml[: len(xml) // 2],
            ]
            cases += [xml.replace(b"<SignatureValue>", b"<SignatureValue>!"), xml.replace(b"Abc", b"Abd"), b"<a>" * 70]
    alone = [refusal(xml) for xml in cases]
    assert None in alone
    assert len(set(alone)) > 5
    order = list(range(len(cases))) * 8
    chance.shuffle(order)
    together = at_once([lambda xml=cases[index]: refusal(xml) for index in order])
    assert [(index, said) for index, said in zip(order, together, strict=True) if said != alone[index]] == []


def test_eight_threads_share_one_key_and_sign_as_one_would() -> None:
    key = Key.from_pem(leaf().private_key_pem, leaf().certificate_pem)
    other = authority().issue()
    second = Key.from_pem(other.private_key_pem, other.certificate_pem)
    alone = {(kind, one is key): sign(unsigned(kind), one) for kind in ROOTS for one in (key, second)}
    order = [(kind, first) for kind, first in alone for _ in range(25)]
    random.Random(1).shuffle(order)
    together = at_once([lambda kind=kind, one=key if first else second: sign(unsigned(kind), one) for kind, first in order])
    assert [where for where, signed in zip(order, together, strict=True) if signed != alone[where]] == []


def test_the_words_of_a_syntax_error_are_those_of_the_threads_own_document() -> None:
    def line_of(line: int) -> tuple[int, str]:
        try:
            parse(b"<E>" + b"\n" * line + b"<a></b></E>")
        except ForeignXmlRefused as refused:
            return line, str(refused.facts["detail"])
        return line, "none"

    said = at_once([lambda line=line: line_of(line) for line in list(range(200)) * 4])
    assert [(line, detail) for line, detail in said if f"line {line + 1}," not in detail] == []  # type: ignore[misc]


def test_what_one_thread_verified_another_may_read() -> None:
    made = at_once([lambda kind=kind: verify(sign_as(unsigned(kind), leaf()), at=None) for kind in ROOTS * 8])
    texts = at_once([lambda one=one: "".join(one.root.itertext()) for one in made])  # type: ignore[attr-defined]
    assert len(set(texts)) == len(ROOTS)


FRESH = """
import sys, threading
from tests.shared.ecf.peers import leaf, sign_as, unsigned, refusal
xml = sign_as(unsigned("31"), leaf())
gate, said = threading.Barrier(8), []
def work():
    gate.wait()
    said.append(refusal(xml))
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
sys.exit(said != [None] * 8)
"""


def test_the_first_verification_of_a_process_may_happen_in_eight_threads_at_once() -> None:
    """What a library sets up on first use is set up with company."""
    for _ in range(4):
        assert subprocess.run([sys.executable, "-c", FRESH], cwd=ROOT, timeout=60, check=False).returncode == 0
