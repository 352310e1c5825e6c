"""Keys of programs: an ERP gets a client id and a secret, and trades them for tokens of fifteen minutes (RFC 6749 §4.4)."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import parse_qs, unquote_plus

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from functions.auth import credentials, domain, store
from functions.auth.credentials import Material
from functions.auth.gateway import Keyring
from functions.auth.schemas import KeyIn, KeyOut, KeyPage, NewKey, ProgramToken, Rotation
from shared.db.engine import Record, Transaction
from shared.db.ids import uuid7
from shared.db.seal import PLATFORM
from shared.errors import FieldError, InvalidInput, Malformed, NotAuthenticated, NotFound
from shared.events.people import KeyChanged
from shared.http.paging import open_cursor, seal_cursor
from shared.http.routes import Body, Caller, Public, Route, shell_of
from shared.http.shell import Shell
from shared.identity.permissions import Permission, Scope
from shared.identity.principal import WANTS_PROOF, Principal
from shared.identity.standing import Estado, refuse_unless_active
from shared.identity.tokens import ACCESS_SECONDS, UserClaims

House = Annotated[Shell[Keyring], Depends(shell_of)]


class ClientRefused(NotAuthenticated):
    """Unknown, revoked, expired, or the wrong secret: the same answer. `error` is RFC 6749's word for it."""

    slug = "client-refused"


class GrantTypeUnknown(Malformed):
    slug = "grant-type-unknown"


def make(body: KeyIn, caller: Caller, shell: House) -> NewKey:
    domain.may_give(caller.permissions, body.permissions)
    for index, permission in enumerate(body.permissions):
        if permission in WANTS_PROOF or not permission.allowed_in(Scope.TENANT):
            text = f"«{permission.value}» pide que una persona lo confirme; una clave de programa no puede tenerlo."
            raise InvalidInput(FieldError(f"/permissions/{index}", "AUTH-0020", text))
    expires, material = datetime.now(UTC) + timedelta(days=body.days), _draw(shell, caller.tenant, body.kind)
    with shell.transaction(caller.tenant) as tx:
        return _new(shell, tx, caller, material, body.name, sorted(set(body.permissions)), expires, change="made")


def _draw(shell: Shell[Keyring], company: str, kind: str) -> Material:
    """Whoever verifies signatures needs the secret itself, so that is sealed; of any other key a hash is enough."""
    key_id, secret = uuid7(), shell.outside.draw()
    if kind == "hmac":
        return Material(key_id, kind, secret, sealed=shell.outside.seal_for_peers(company, key_id, secret))
    return Material(key_id, kind, secret, hash=domain.token_hash(secret))


def _new(
    shell: Shell[Keyring],
    tx: Transaction,
    caller: Principal,
    material: Material,
    name: str,
    permissions: list[str],
    expires: datetime,
    *,
    change: str,
) -> NewKey:
    credentials.add_key(tx, material, company=caller.tenant, name=name, permissions=permissions, by=caller.user, expires_at=expires)
    shell.announce(tx, KeyChanged(change=change, name=name, permissions=permissions, by=caller.user), subject=material.id)
    return NewKey(client_id=material.id, client_secret=material.secret, expires_at=expires.isoformat())


def rotate(key_id: str, body: Rotation, caller: Caller, shell: House) -> NewKey:
    """A second key with the same rights and last day; the old one goes on for a while, so that nothing stops."""
    until = datetime.now(UTC) + timedelta(hours=body.overlap_hours)
    with shell.transaction(caller.tenant) as tx:
        kind = _replaceable(tx, caller, key_id).kind
    material = _draw(shell, caller.tenant, kind)
    with shell.transaction(caller.tenant) as tx:
        old = _replaceable(tx, caller, key_id)
        new = _new(shell, tx, caller, material, old.name, list(old.permissions), old.expires_at, change="rotated")
        credentials.replace_key(tx, key_id, successor=new.client_id, until=until)
    return new


def _replaceable(tx: Transaction, caller: Principal, key_id: str) -> Record:
    """A good key without a successor that the caller could give, held until the transaction ends."""
    found = credentials.key(tx, caller.tenant, key_id)
    if found is None or found.successor is not None or found.expires_at <= datetime.now(UTC):
        raise NotFound
    domain.may_give(caller.permissions, found.permissions)
    return found


def revoke(key_id: str, caller: Caller, shell: House) -> None:
    with shell.transaction(caller.tenant) as tx:
        name = credentials.revoke_key(tx, caller.tenant, key_id)
        if name is None:
            raise NotFound
        say_revoked(shell, tx, key_id, name, by=caller.user)


def say_revoked(shell: Shell[Keyring], tx: Transaction, key_id: str, name: str, *, by: str) -> None:
    """The audit is told, and every function refuses the key's access tokens within seconds."""
    shell.announce(tx, KeyChanged(change="revoked", name=name, permissions=[], by=by), subject=key_id)
    tx.after_commit.append(lambda: shell.revocations.revoke(key_id))


def halt(shell: Shell[Keyring], tx: Transaction, company: str, *, halted: bool) -> None:
    """Access tokens of the company's programs are refused within seconds, or again believed."""
    tell = shell.revocations.revoke if halted else shell.revocations.restore
    for key in credentials.halt_keys(tx, company, halted=halted):
        tx.after_commit.append(partial(tell, key))


def keys(caller: Caller, shell: House, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> KeyPage:
    before = open_cursor(cursor, caller.tenant)
    with shell.transaction(caller.tenant) as tx:
        rows = credentials.keys(tx, caller.tenant, before=before, limit=limit + 1)
    following = seal_cursor(rows[limit - 1].id, caller.tenant) if len(rows) > limit else None
    return KeyPage(items=[_out(row) for row in rows[:limit]], next=following)


def _out(row: Record) -> KeyOut:
    fields = {name: value for name, value in row._mapping.items() if name != "company"}
    for name in ("created_at", "expires_at", "last_used_at", "revoked_at"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    return KeyOut(**fields)


def token(body: Body, request: Request, response: Response, shell: House) -> ProgramToken:
    """Client credentials, in the Authorization header (Basic) or in the form."""
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if form.get("grant_type") != "client_credentials":
        raise GrantTypeUnknown(error="unsupported_grant_type")
    client, secret = _basic(request.headers.get("authorization", "")) or (form.get("client_id", ""), form.get("client_secret", ""))
    found = None
    if is_key_id(client):
        with shell.transaction(PLATFORM) as tx:
            found = credentials.use_key(tx, client, domain.token_hash(secret))
            if found is not None:
                refuse_unless_active(store.estado_of(tx, found[0]) or Estado.ACTIVA)
    if found is None:
        raise ClientRefused(error="invalid_client")
    company, permissions = found
    claims = UserClaims(f"key:{client}", company, Scope.TENANT, permissions, client)
    response.headers["Cache-Control"] = "no-store"
    return ProgramToken(access_token=shell.outside.token(claims), expires_in=ACCESS_SECONDS, scope=" ".join(sorted(permissions)))


def is_key_id(text: str) -> bool:
    """Whether a text can be the id of a key: the database is not asked about anything else."""
    return len(text) == 36 and text.count("-") == 4 and all(c in "0123456789abcdef-" for c in text)


def _basic(header: str) -> tuple[str, str] | None:
    """RFC 6749 §2.3.1: both halves are form-encoded inside Basic."""
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(client), unquote_plus(secret)


ROUTES = [
    Route(
        "POST",
        "/auth/token",
        token,
        Public("client id and secret are the credential", counted=True),
        summary="A program's access token",
    ),
    Route("GET", "/auth/api-keys", keys, Permission.API_KEYS_READ, summary="Keys of programs, newest first"),
    Route("POST", "/auth/api-keys", make, Permission.API_KEYS_WRITE, status=201, summary="A key for a program"),
    Route(
        "POST",
        "/auth/api-keys/{key_id}/rotate",
        rotate,
        Permission.API_KEYS_WRITE,
        status=201,
        summary="Its successor, with an overlap",
    ),
    Route("DELETE", "/auth/api-keys/{key_id}", revoke, Permission.API_KEYS_WRITE, status=204, summary="Revoke it at once"),
]
