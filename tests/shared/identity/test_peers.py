"""Signed requests of peers (WEB-12): of a thousand that somebody tampered with none is taken, and each good one is taken once."""

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import NotAuthenticated
from shared.identity import peers
from shared.identity.peers import NONCE_SECONDS, WINDOW_SECONDS, PeerRefused, Peers, Signed
from tests.functions.auth.people import Somebody, bearer, log_in, owner
from tests.house import House
from tests.places import ROOT
from tests.shared.identity.peer import Peer, hmac_sha256, new_peer

TARGET = "/tenant/invoices?limit=2&cursor=abc"
BODY = b'{"tipo_ecf": 31}'


@pytest.fixture(scope="module")
def boss(house: House) -> Somebody:
    return owner(house)


@pytest.fixture(scope="module")
def peer(house: House, boss: Somebody) -> Peer:
    return new_peer(house, boss)


@pytest.fixture
def door(house: House) -> Peers:
    found: Peers = house.shell("billing").peers
    return found


def signed(peer: Peer, method: str = "POST", target: str = TARGET, body: bytes = BODY, **more: Any) -> Signed:
    headers = [("content-type", "application/json"), ("authorization", peer.authorization(method, target, body, **more))]
    return Signed(method, target, headers, body)


def admitted(door: Peers, request: Signed) -> bool:
    try:
        door.admit(request)
    except NotAuthenticated:
        return False
    return True


def test_web_12_the_signature_is_what_the_documentation_says() -> None:
    """The vector of docs/peers.md, computed by hand there, by another HMAC here, and by us."""
    text = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    vector = json.loads(text.split("```json vector\n")[1].split("```")[0])
    to_sign = "\n".join(vector["lines"]).encode()
    assert hmac_sha256(vector["secret"].encode(), to_sign) == vector["signature"]
    made = peers.text_to_sign(vector["method"], vector["target"], vector["lines"][4], int(vector["lines"][5]), vector["lines"][6])
    assert made == to_sign
    assert peers.signature(vector["secret"].encode(), made) == vector["signature"]
    python = text.split("```python\n")[1].split("```")[0]
    scope: dict[str, Any] = {}
    exec(compile(python, "docs/peers.md", "exec"), scope)
    header = scope["authorization"](
        vector["key"],
        vector["secret"],
        vector["method"],
        vector["target"],
        vector["body"].encode(),
        timestamp=int(vector["lines"][5]),
        nonce=vector["lines"][6],
    )
    assert header == vector["authorization"]
    assert (
        peers.claim_of(
            Signed(vector["method"], vector["target"], [("authorization", header)], vector["body"].encode()),
            int(vector["lines"][5]),
        ).signature
        == vector["signature"]
    )


def test_a_signed_request_does_what_its_key_may_at_every_door_that_takes_one(house: House, boss: Somebody, peer: Peer) -> None:
    for function, path, expected in (
        ("billing", "/tenant/invoices?limit=2", 200),
        ("billing", "/tenant/sequences", 403),
        ("ri", f"/tenant/ri/{uuid7()}", 403),
        ("client", "/tenant/certificates", 403),
        ("auth", "/auth/api-keys", 403),
        ("plans", "/tenant/plans/current", 401),
    ):
        answer = house.client(function).get(path, headers={"Authorization": peer.authorization("GET", path)})
        assert answer.status_code == expected, (path, answer.text)
        if expected == 401:
            assert answer.json()["type"] == "urn:getupnet:peer-refused"
    body, headers = b'{"tipo_ecf": 31, "items": []}', {"content-type": "application/json", "idempotency-key": uuid7()}
    headers["Authorization"] = peer.authorization("POST", "/tenant/emit/ecf", body)
    asked = house.client("billing").post("/tenant/emit/ecf", content=body, headers=headers)
    assert asked.status_code not in (401, 403, 500), asked.text
    again = house.client("billing").post("/tenant/emit/ecf", content=body, headers=headers)
    assert (again.status_code, again.json()["type"]) == (401, "urn:getupnet:peer-refused")


def test_a_peer_acts_for_its_own_company_and_until_it_is_revoked(house: House, boss: Somebody, door: Peers) -> None:
    made = new_peer(house, boss, "invoices.read")
    principal = door.admit(signed(made))
    assert (principal.user, principal.tenant, principal.permissions) == (f"key:{made.key}", boss.tenant, {"invoices.read"})
    path = "/tenant/invoices"
    foreign = {"Authorization": made.authorization("GET", path), "X-Tenant-ID": uuid7()}
    assert house.client("billing").get(path, headers=foreign).status_code == 403
    client, token = house.client("auth"), bearer(log_in(house, boss))
    form = {"grant_type": "client_credentials", "client_id": made.key, "client_secret": made.secret}
    assert client.post("/auth/token", data=form).status_code == 401, "a secret to sign with buys no token"
    new = client.post(f"/auth/api-keys/{made.key}/rotate", json={"overlap_hours": 1}, headers=token).json()
    for one in (made, Peer(new["client_id"], new["client_secret"])):
        assert admitted(door, signed(one)), "both are good while they overlap"
    assert client.delete(f"/auth/api-keys/{made.key}", headers=token).status_code == 204
    assert not admitted(door, signed(made))
    with house.database("auth").transaction(PLATFORM) as tx:
        tx.rows("UPDATE auth.api_keys SET expires_at = now() WHERE id = CAST(:id AS uuid)", id=new["client_id"])
    assert not admitted(door, signed(Peer(new["client_id"], new["client_secret"])))


def test_the_secret_is_stored_sealed_and_bound_to_its_row(house: House, boss: Somebody, door: Peers) -> None:
    mine, other = new_peer(house, boss), new_peer(house, owner(house))
    with house.database("auth").transaction(PLATFORM) as tx:
        assert mine.secret not in str(tx.rows("SELECT *, encode(sealed, 'escape') FROM auth.api_keys"))
        tx.rows(
            "UPDATE auth.api_keys SET sealed = (SELECT sealed FROM auth.api_keys WHERE id = CAST(:other AS uuid)) "
            "WHERE id = CAST(:mine AS uuid)",
            other=other.key,
            mine=mine.key,
        )
    answer = house.client("billing").get(
        "/tenant/invoices", headers={"Authorization": Peer(mine.key, other.secret).authorization("GET", "/tenant/invoices")}
    )
    assert answer.status_code == 500, "a row that carries another company's secret opens nothing"


Attack = Callable[[random.Random, Peer, Signed], Signed]


def _with(request: Signed, authorization: str) -> Signed:
    kept = [pair for pair in request.headers if pair[0] != "authorization"]
    return replace(request, headers=[*kept, ("authorization", authorization)])


def _edit(part: str) -> Attack:
    def attack(draw: random.Random, peer: Peer, request: Signed) -> Signed:
        sent = request.header("authorization") or ""
        head, _, tail = sent.partition(f"{part}=")
        at = draw.randrange(len(tail.split(",")[0]))
        changed = "abcdef0123456789"[draw.randrange(16)]
        spoilt = tail[:at] + (changed if tail[at] != changed else "g") + tail[at + 1 :]
        return _with(request, f"{head}{part}={spoilt}")

    return attack


ATTACKS: dict[str, Attack] = {
    "skew": lambda d, p, r: signed(p, at=time.time() + d.choice((-1, 1)) * d.randint(WINDOW_SECONDS + 2, 10**6)),
    "method": lambda d, p, r: replace(r, method=d.choice(["GET", "PUT", "DELETE", "PATCH", "post", "HEAD"])),
    "path": lambda d, p, r: replace(r, target=TARGET.replace("invoices", d.choice(["sequences", "invoices/", "%69nvoices", "x"]))),
    "query order": lambda d, p, r: replace(r, target="/tenant/invoices?cursor=abc&limit=2"),
    "query": lambda d, p, r: replace(r, target=TARGET + d.choice(["0", "&", "&limit=200", "#", "%20", "?"])),
    "no query": lambda d, p, r: replace(r, target="/tenant/invoices" + d.choice(["", "?"])),
    "body": lambda d, p, r: replace(r, body=d.choice([b"", BODY + b" ", BODY.replace(b"31", b"32"), BODY * 2])),
    "doubled header": lambda d, p, r: replace(
        r, headers=[*r.headers, (d.choice(["authorization", "content-type"]), r.header("authorization") or "")]
    ),
    "two signatures": lambda d, p, r: _with(r, f"{r.header('authorization')},{p.authorization('POST', TARGET, BODY)[21:]}"),
    "no body hash": lambda d, p, r: _with(r, ",".join(x for x in (r.header("authorization") or "").split(",") if "body=" not in x)),
    "empty": lambda d, p, r: _with(r, d.choice(["", "GETUPNET-HMAC-SHA256", "GETUPNET-HMAC-SHA256 ", "Bearer x"])),
    "spelling": lambda d, p, r: _with(
        r,
        d.choice([str.lower, str.upper, lambda s: s + " ", lambda s: s + "\n", lambda s: s.replace(",", ", ")])(
            r.header("authorization") or ""
        ),
    ),
    "other secret": lambda d, p, r: signed(Peer(p.key, f"{d.random()}")),
    "empty secret": lambda d, p, r: signed(Peer(p.key, "")),
    "other key": lambda d, p, r: signed(Peer(uuid7(), p.secret)),
    "algorithm": lambda d, p, r: _with(
        r, (r.header("authorization") or "").replace("SHA256", d.choice(["SHA1", "NONE", "MD5", "SHA512"]), 1)
    ),
    "long nonce": lambda d, p, r: signed(p, nonce="n" * d.randint(65, 5000)),
    "short nonce": lambda d, p, r: signed(p, nonce="n" * d.randint(1, 21)),
} | {f"edited {part}": _edit(part) for part in ("key", "timestamp", "nonce", "body", "signature")}


def storm(door: Peers, peer: Peer, count: int) -> list[str]:
    """Names of the attacks that were let in; every other one is a replay of a request that was taken."""
    draw, let_in = random.Random(12), list[str]()
    for n, name in zip(range(count), itertools.cycle(ATTACKS), strict=False):
        request = signed(peer)
        if n % 2:
            name = "replay"
            assert admitted(door, request)
        else:
            request = ATTACKS[name](draw, peer, request)
        if admitted(door, request):
            let_in.append(name)
    return let_in


def test_web_12_of_a_thousand_attacks_none_is_let_in(door: Peers, peer: Peer) -> None:
    assert storm(door, peer, 1000) == []


def test_web_12_every_kind_of_attack_is_refused_and_its_model_is_not(door: Peers, peer: Peer) -> None:
    draw = random.Random(1)
    for name, attack in ATTACKS.items():
        good = signed(peer)
        assert not admitted(door, attack(draw, peer, good)), name
        assert admitted(door, good), name


def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_SPEND", "SELECT 1 WHERE :tenant || :peer || :nonce <> ''")


def _timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "WINDOW_SECONDS", 10**9)


def _careless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "SINGLE", ())


def _queryless(monkeypatch: pytest.MonkeyPatch) -> None:
    real = peers.text_to_sign
    monkeypatch.setattr(peers, "text_to_sign", lambda m, t, *rest: real(m, t if t == "" else TARGET, *rest))


@pytest.mark.parametrize(
    ("weaker", "seen"),
    [(_forgetful, "replay"), (_timeless, "skew"), (_careless, "doubled header"), (_queryless, "query order")],
)
def test_web_12_the_storm_sees_a_door_without_one_of_its_guards(
    door: Peers, peer: Peer, monkeypatch: pytest.MonkeyPatch, weaker: Callable[[pytest.MonkeyPatch], None], seen: str
) -> None:
    weaker(monkeypatch)
    assert seen in storm(door, peer, 2 * len(ATTACKS))


@pytest.mark.parametrize(("seconds", "taken"), [(0, True), (-300, True), (300, True), (-301, False), (301, False)])
def test_web_12_a_signature_is_good_for_five_minutes_to_each_side(door: Peers, peer: Peer, seconds: int, taken: bool) -> None:
    """And its nonce is kept for as long as it could be good: in PostgreSQL, for good."""
    now = int(time.time())
    request = signed(peer, at=now)
    if not taken:
        with pytest.raises(PeerRefused):
            door.admit(request, now=now + seconds)
        return
    door.admit(request, now=now + seconds)
    with pytest.raises(PeerRefused):
        door.admit(request, now=now - seconds)
    assert NONCE_SECONDS >= 600
