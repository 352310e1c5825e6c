"""A mutation fuzzer for gate and verification: `python -m tests.shared.ecf.fuzzer --seconds 300 --seed 1`.

What must hold of any bytes: one of our two refusals or an acceptance, within a second; and whatever is accepted reads
exactly as a document that was signed. The same seed gives the same mutations.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from shared.ecf.gate import ForeignXmlRefused
from shared.ecf.signature import SignatureRefused, verify
from tests.shared.ecf.hostile import REFUSED
from tests.shared.ecf.peers import C14N, ENVELOPED, EXCLUSIVE, ROOTS, Shape, leaf, sign_as, unsigned

SLOWEST = 1.0  # seconds
_WORDS = [
    *(
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?",
        b"?>",
        b"<!DOCTYPE a [",
        b"&#13;",
        b"&#x41;",
        b"&amp;",
        b"&lt;",
        b"&a;",
        b"\xef\xbb\xbf",
    ),
    *(
        b'xmlns=""',
        b' xmlns:a="urn:a"',
        b' xml:space="preserve"',
        b' Id="x"',
        b'URI=""',
        b'URI="#x"',
        b"/>",
        b"</",
        b"<",
        b">",
        b'"',
        b"'",
    ),
    *(
        b"</Signature>",
        b"<Object/>",
        b"<Signature>",
        b"</SignedInfo>",
        b"<Transforms>",
        b"</ECF>",
        b"<ECF>",
        b"MontoTotal",
        b"5.00",
    ),
    *(b" ", b"\t", b"\r\n", b"\n", b"\x00", b"\xff", b"\xc3", "\u00a0".encode(), "\ufeff".encode(), b"=", b"A", b"0"),
]


@dataclass
class Outcome:
    """Counts by verdict, and what broke a promise: the bytes in hexadecimal with what happened."""

    runs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Fuzzer:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        shapes = (Shape(), Shape(c14n=EXCLUSIVE, transforms=(ENVELOPED, EXCLUSIVE)), Shape(transforms=(ENVELOPED, C14N), width=76))
        signed = [sign_as(unsigned(kind), leaf(), shape) for kind in ROOTS for shape in shapes]
        self.contents = {verify(xml, at=None).xml for xml in signed}
        hostile = [text.encode() if isinstance(text, str) else text for text, _ in REFUSED.values()]
        self.seeds = signed * 4 + [data for data in hostile if len(data) < 20_000]

    def mutated(self) -> bytes:
        data = self.chance.choice(self.seeds)
        for _ in range(self.chance.choice((1, 1, 1, 2, 3, 8))):
            data = self._change(data)
        return data

    def _change(self, data: bytes) -> bytes:
        chance, size = self.chance, len(data)
        at = chance.randrange(size + 1)
        upto = min(size, at + chance.choice((1, 1, 2, 4, 20, 200)))
        act = chance.randrange(9)
        if act == 0 and size:
            at = chance.randrange(size)
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        if act == 1:
            return data[:at] + bytes([chance.randrange(256)]) + data[upto:]
        if act == 2:
            return data[:at] + data[upto:]
        if act == 3:
            return data[:upto] + data[at:upto] + data[upto:]
        if act == 4:
            other = chance.choice(self.seeds)
            return data[:at] + other[chance.randrange(len(other) + 1) :]
        if act == 5:
            to = chance.randrange(size + 1)
            return data[:to] + data[at:upto] + data[to:]
        if act == 6:
            return data[:at] + chance.choice(_WORDS) + data[upto:]
        if act == 7 and size:
            at = chance.randrange(size)
            return data[:at] + f"&#{data[at]};".encode() + data[at + 1 :]
        return data[:at] + chance.choice(_WORDS) + data[at:]

    def judge(self, data: bytes, outcome: Outcome) -> None:
        start = time.perf_counter()
        try:
            said = "accepted" if verify(data, at=None).xml in self.contents else "ACCEPTED OTHER CONTENT"
        except (SignatureRefused, ForeignXmlRefused) as refused:
            said = refused.reason
        except Exception as error:  # noqa: BLE001 - a crash is what is looked for
            said = f"CRASH {error!r}"
        taken = time.perf_counter() - start
        outcome.runs += 1
        outcome.verdicts[said] += 1
        outcome.slowest = max(outcome.slowest, taken)
        if said.startswith(("CRASH", "ACCEPTED")) or taken > SLOWEST:
            outcome.broken.append(f"{said} in {taken:.2f} s: {data.hex()}")


def fuzz(*, seed: int, runs: int = sys.maxsize, seconds: float = float("inf")) -> Outcome:
    """So many mutations or so many seconds, whichever ends first."""
    fuzzer, outcome = Fuzzer(seed), Outcome()
    ends = time.monotonic() + seconds
    while outcome.runs < runs and time.monotonic() < ends:
        fuzzer.judge(fuzzer.mutated(), outcome)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.shared.ecf.fuzzer", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcome = fuzz(seed=options.seed, seconds=options.seconds)
    counts = {"runs": outcome.runs, "slowest": round(outcome.slowest, 3), "broken": len(outcome.broken), **outcome.verdicts}
    sys.stdout.write(json.dumps(counts) + "\n" + "\n".join(outcome.broken))
    return bool(outcome.broken)


if __name__ == "__main__":
    sys.exit(main())
