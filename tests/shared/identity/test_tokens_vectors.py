"""AUTH-01..03 in volume: hundreds of spoilt tokens, made as the public vector collections for JWS describe theirs, and none passes.

The kinds are those of Wycheproof's JSON web signatures: a spoilt signature, header or payload, another key, another algorithm, a
missing or empty part, other serialisations, base64 that a lenient decoder reads alike. Each is made from a token that is good.
"""

import base64
import itertools
import json
import string
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import pytest

from shared.events.keys import FunctionKey, PublicKeys
from shared.identity.tokens import TokenRefused, verify_user_token
from tests.house import _public, _seed
from tests.places import ROOT
from tests.shared.identity.test_tokens import FORGED, HEADER, KEY, KEYS, b64, payload, token

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
# The order of the group that Ed25519 signs in (RFC 8032, 5.1): s + L satisfies the same equation and must be refused.
GROUP = 2**252 + 27742317777372353535851937790883648493


class Good(NamedTuple):
    """The token that all are made from."""

    text: str
    head: str
    body: str
    signature: str
    raw: bytes


def signed(head: str, body: str) -> str:
    """Any two texts under a right signature of our key."""
    return f"{head}.{body}.{b64(KEY.private.sign(f'{head}.{body}'.encode()))}"


def spoilt_signatures(good: Good) -> Iterator[tuple[str, str]]:
    for bit in range(len(good.raw) * 8):
        other = bytearray(good.raw)
        other[bit // 8] ^= 1 << bit % 8
        yield f"signature, bit {bit}", f"{good.head}.{good.body}.{b64(bytes(other))}"
    for length in (0, 1, 16, 31, 32, 33, 48, 63):
        yield f"signature of {length} bytes", f"{good.head}.{good.body}.{b64(good.raw[:length])}"
    shifted = good.raw[:32] + (int.from_bytes(good.raw[32:], "little") + GROUP).to_bytes(32, "little")
    for name, other in {
        "zeros": bytes(64),
        "ones": b"\xff" * 64,
        "longer": good.raw + b"\0",
        "twice": good.raw + good.raw,
        "halves exchanged": good.raw[32:] + good.raw[:32],
        "s plus the group's order": shifted,
        "R of small order": bytes([1]) + bytes(31) + good.raw[32:],
        "s is zero": good.raw[:32] + bytes(32),
    }.items():
        yield f"signature, {name}", f"{good.head}.{good.body}.{b64(other)}"


def spoilt_texts(good: Good) -> Iterator[tuple[str, str]]:
    """Characters of header and payload changed under the old signature."""
    for part, text in (("header", good.head), ("payload", good.body)):
        for at in range(0, len(text), 3):
            other = ALPHABET[(ALPHABET.index(text[at]) + 1) % 64]
            changed = text[:at] + other + text[at + 1 :]
            yield f"{part}, character {at}", good.text.replace(text, changed, 1)


def lenient_base64(good: Good) -> Iterator[tuple[str, str]]:
    """What a decoder that forgives would read as the same bytes."""
    last = ALPHABET.index(good.signature[-1])
    for low in range(1, 16):
        yield f"signature, unused bits {low}", good.text[:-1] + ALPHABET[last | low]
    for at, junk in itertools.product((0, 1, 2), ("=", "==", " ", "\n", "\t", "\r\n", "\0", "!", "%3D", ".", "ñ", "\u200b", "A")):
        parts = [good.head, good.body, good.signature]
        parts[at] += junk
        yield f"part {at}, {junk!r} after", ".".join(parts)
        parts = [good.head, good.body, good.signature]
        parts[at] = parts[at][:5] + junk + parts[at][5:]
        yield f"part {at}, {junk!r} inside", ".".join(parts)
    standard = base64.b64encode(good.raw).decode()
    yield "signature in standard base64, padded", f"{good.head}.{good.body}.{standard}"
    yield "signature in hexadecimal", f"{good.head}.{good.body}.{good.raw.hex()}"
    # Under a right signature: the bytes are ours, the spelling is not.
    yield "header padded and signed", signed(good.head + "=" * (-len(good.head) % 4 or 4), good.body)
    yield "payload padded and signed", signed(good.head, good.body + "=" * (-len(good.body) % 4 or 4))


def other_shapes(good: Good) -> Iterator[tuple[str, str]]:
    """Missing parts, more parts, the JSON serialisations of RFC 7515, and texts that are no token."""
    parts = {"h": good.head, "p": good.body, "s": good.signature, "": ""}
    for count in range(6):
        for order in itertools.product(parts, repeat=count):
            if order != ("h", "p", "s") and (count < 4 or order[:3] == ("h", "p", "s")):
                yield f"parts {order}", ".".join(parts[o] for o in order)
    flat = {"protected": good.head, "payload": good.body, "signature": good.signature}
    yield "flattened JSON", json.dumps(flat)
    yield "general JSON", json.dumps({"payload": good.body, "signatures": [{"protected": good.head, "signature": good.signature}]})
    yield "JSON inside base64", b64(json.dumps(flat).encode())
    yield "Bearer before it", f"Bearer {good.text}"
    yield "twice", f"{good.text},{good.text}"
    yield "detached payload", f"{good.head}..{good.signature}"


def other_algorithms(good: Good) -> Iterator[tuple[str, str]]:
    names = "none None NONE nOnE HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K Ed25519 Ed448"
    for name in [*names.split(), "EDDSA", "eddsa", "", " EdDSA", "EdDSA ", "EdDSA\0", "ЕdDSA", None, 1, True, [], ["EdDSA"], {}]:
        yield f"alg {name!r}", token({"alg": name})
        yield f"alg {name!r} without signature", token({"alg": name}).rpartition(".")[0] + "."
    for extra in ("crit", "b64", "zip", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "cty", "enc", "epk", "iss", "url", "nonce"):
        for value in ("", "http://127.0.0.1:1/keys", ["exp"], False, {"kty": "OKP", "crv": "Ed25519", "x": b64(good.raw[:32])}):
            yield f"header {extra} = {value!r:.30}", token({extra: value})


def odd_json(good: Good) -> Iterator[tuple[str, str]]:
    """Right signatures over headers and payloads that are no plain objects, or say one thing twice."""
    head, body = json.dumps(HEADER), json.dumps(payload())
    twice = {
        name: body[:-1] + f', "{name}": {json.dumps(value)}}}' for name, value in payload(sub="another", tid="another").items()
    }
    for name, text in twice.items():
        yield f"claim {name} twice", signed(b64(head.encode()), b64(text.encode()))
    for name in HEADER:
        doubled = head[:-1] + f', "{name}": {json.dumps(HEADER[name])}}}'
        yield f"header {name} twice", signed(b64(doubled.encode()), b64(body.encode()))
    for text in ("", "null", "[]", '""', "1", "{", "{}", body + " x", "\ufeff" + body, body.replace('"', "'"), body + body):
        yield f"payload {text:.12}", signed(b64(head.encode()), b64(text.encode()))
        yield f"header {text:.12}", signed(b64(text.encode()), b64(body.encode()))
    for encoding in ("utf-16", "utf-32", "utf-7"):
        yield f"payload in {encoding}", signed(b64(head.encode()), b64(('{"ñ":1,' + body[1:]).encode(encoding)))
    for claim in ("exp", "iat", "auth_time"):
        for odd in ("1", 1.5, -1, None, True, [], {}, float("inf"), float("nan"), 10**30, "٣"):
            if f"{claim} {odd}" not in {"iat -1", "auth_time -1", f"auth_time {10**30}"}:
                yield f"{claim} = {odd!r}", token(**{claim: odd})


def strange_keys(good: Good) -> Iterator[tuple[str, str]]:
    for n in range(16):
        yield f"another key, {n}", token(key=FunctionKey("k1", _seed()))
    for kid in (
        "k1 ",
        " k1",
        "K1",
        "k1\0",
        "k2",
        "../k1",
        "/dev/null",
        "file:///etc/passwd",
        "http://127.0.0.1:1/k1",
        "k1' --",
        "k" * 10_000,
    ):
        yield f"kid {kid!r:.30}", token({"kid": kid})


@cache
def good_one() -> Good:
    """Made at first use, for it to live as long as the tests do."""
    text = token()
    head, body, signature = text.split(".")
    return Good(text, head, body, signature, base64.urlsafe_b64decode(signature + "=="))


@cache
def vectors() -> list[tuple[str, str]]:
    kinds = (spoilt_signatures, spoilt_texts, lenient_base64, other_shapes, other_algorithms, odd_json, strange_keys)
    return [vector for kind in kinds for vector in kind(good_one())]


def accepted(verify: Callable[[str, PublicKeys], object], made_up: list[tuple[str, str]]) -> list[str]:
    found = []
    for name, made in made_up:
        try:
            verify(made, KEYS)
        except TokenRefused:
            continue
        found.append(name)
    return found


def test_auth_01_of_hundreds_of_spoilt_tokens_none_is_accepted() -> None:
    assert verify_user_token(good_one().text, KEYS), "the token they are made from is good"
    assert len({made for _, made in vectors()}) > 1000
    assert accepted(verify_user_token, vectors()) == []


@pytest.mark.parametrize(
    "weaker",
    [
        {"not _COMPACT.fullmatch(token)": "False", "    _read_strictly(token)\n": ""},
        {'set(header) != {"alg", "kid", "typ"} or header["alg"] != "EdDSA" or header["typ"] != kind': 'not header.get("kid")'},
        {"if len(found) < len(pairs):": "if not pairs:"},
        {"set(claims) != wanted or ": ""},
        {'if not 0 < claims["exp"] - claims["iat"] <= _LIFE[kind]:': "if not claims:"},
    ],
)
def test_auth_01_the_vectors_notice_a_verifier_that_is_less_strict(weaker: dict[str, str]) -> None:
    text = (ROOT / "shared" / "identity" / "tokens.py").read_text(encoding="utf-8")
    # The refusal stays the one that `accepted` knows.
    ours = '    slug = "token-refused"\n'
    for line, other in (weaker | {ours: ours + "\nfrom shared.identity.tokens import TokenRefused\n"}).items():
        assert text.count(line) == 1
        text = text.replace(line, other)
    module = types.ModuleType("weaker")
    sys.modules["weaker"] = module
    try:
        exec(compile(text, "weaker", "exec"), module.__dict__)
        assert accepted(module.verify_user_token, vectors() + [(name, forge()) for name, forge in FORGED.items()])
    finally:
        del sys.modules["weaker"]


# Runs in a child, because an audit hook stays for the life of a process.
_WATCHED = """
import json, sys, time
from shared.events.keys import PublicKeys
from shared.identity.tokens import TokenRefused, verify_user_token
keys, good, tokens = json.load(sys.stdin)
keys = PublicKeys(keys)
verify_user_token(good, keys)
seen = []
def hook(event, arguments):
    if watching and (event == "open" or event.startswith(("socket.", "subprocess.", "os.system", "urllib."))):
        seen.append([event, repr(arguments)[:80]])
watching = False
sys.addaudithook(hook)
watching = True
open(sys.argv[1]).close()
control, seen = len(seen), []
slowest = 0.0
for token in tokens:
    began = time.process_time()
    try:
        verify_user_token(token, keys)
        seen.append(["accepted", token[:80]])
    except TokenRefused:
        pass
    slowest = max(slowest, time.process_time() - began)
watching = False
print(json.dumps({"seen": seen, "slowest_ms": slowest * 1000, "control": control}))
"""


def test_auth_02_03_refusing_opens_nothing_connects_nowhere_and_takes_milliseconds() -> None:
    tokens = (
        [made for _, made in vectors()] + [forge() for forge in FORGED.values()] + ["a" * 1_000_000, ".".join(["a" * 300_000] * 3)]
    )
    sent = json.dumps([json.dumps({"k1": _public(KEY)}), good_one().text, tokens])
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _WATCHED, __file__], input=sent, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
        )
        told = json.loads(done.stdout)
        assert told["control"] == 1, "the hook sees a file that is opened"
        assert told["seen"] == []
        if told["slowest_ms"] <= 5:
            return
    pytest.fail(f"a refusal took {told['slowest_ms']:.1f} ms of CPU")
