"""The Secrets and ConfigMaps that the manifests name: made once, kept in one 0600 file, printable for a cluster."""

import base64
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMESPACE = "getupnet-app"
DATABASE = "getupnet"
BUCKET = "getupnet-archive"
USER_KEY_ID = "local-1"
MAIL_FROM = "GetUpNet <no-responder@getupnet.example>"
SANDBOX = f"http://sandbox.{NAMESPACE}.svc.cluster.local"


class UnknownReference(Exception):
    """A manifest asks for a Secret or ConfigMap key that nobody here knows how to make."""


@dataclass(frozen=True, order=True)
class Reference:
    """One key of a Secret or ConfigMap that a manifest's `valueFrom` names."""

    kind: Literal["Secret", "ConfigMap"]
    name: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, key {self.key}"


@dataclass(frozen=True)
class Addresses:
    """Where the data services are: `database` is host:port, the AWS endpoint may be none (the real one).

    Mails go to `ses_endpoint_url`, without it to the AWS endpoint; their links lead to `portal_url`.
    """

    database: str
    redis_url: str
    aws_endpoint_url: str | None
    aws_region: str = "us-east-1"
    dgii_url: str = SANDBOX
    ses_endpoint_url: str | None = None
    portal_url: str = "http://localhost:8080"


class State:
    """What was generated, by name; every draw is written before it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._drawn: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def passwords(self, references: Iterable[Reference]) -> dict[str, str]:
        """Password of each function whose `database-url` is referenced, for `shared.db.migrate.upgrade`."""
        names = {r.name for r in references if r.kind == "Secret" and r.key == "database-url"}
        return {name: self._password(name) for name in sorted(names)}

    def cache_passwords(self, references: Iterable[Reference]) -> dict[str, str]:
        """Password of each function's user in Redis, for `knative.embedded.acl`."""
        names = {r.name for r in references if r.kind == "Secret" and r.key == "redis-url"}
        return {name: self._cache_password(name) for name in sorted(names)}

    def seal_key(self) -> str:
        """The key of the tenant context: 32 bytes in base64."""
        return self._drawn_bytes("tenant-seal")

    def fill(self, references: Iterable[Reference], at: Addresses) -> dict[Reference, str]:
        """A value for every reference; raises UnknownReference naming all that cannot be filled."""
        wanted = sorted(set(references))
        functions = [r.name for r in wanted if r.kind == "Secret" and r.key == "function-key"]
        values = {reference: self._value(reference, at, functions) for reference in wanted}
        unknown = [str(reference) for reference, value in values.items() if value is None]
        if unknown:
            raise UnknownReference(f"no known content for {'; '.join(unknown)} (knative/embedded/state.py)")
        return {reference: value for reference, value in values.items() if value is not None}

    def _value(self, reference: Reference, at: Addresses, functions: list[str]) -> str | None:
        match reference.kind, reference.name, reference.key:
            case "Secret", "tenant-seal", "key":
                return self._drawn_bytes("tenant-seal")
            case "Secret", "aws", "access-key-id" | "secret-access-key" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY":
                return "test"
            case "Secret", name, "database-url" if re.fullmatch("[a-z]+", name):
                return f"postgresql+pg8000://fn_{name}:{self._password(name)}@{at.database}/{DATABASE}"
            case "Secret", name, "function-key":
                return self._drawn_bytes(f"function-key {name}")
            case "Secret", name, "redis-url" if re.fullmatch("[a-z]+", name):
                return _as_user(at.redis_url, f"fn_{name}", self._cache_password(name))
            case "Secret", "auth", "user-signing-key":
                return f"{USER_KEY_ID}:{self._drawn_bytes('user-signing-key')}"
            case "Secret", "dgii", "token-key" | "status-key":
                return self._drawn_bytes(f"dgii {reference.key}")
            case "Secret", "auth", "credential-key":
                return self._drawn_bytes("credential-key")
            case "ConfigMap", "function-keys", "keys.json":
                return json.dumps({name: public(self._drawn_bytes(f"function-key {name}")) for name in functions})
            case "ConfigMap", "user-keys", "keys.json":
                return json.dumps({USER_KEY_ID: public(self._drawn_bytes("user-signing-key"))})
            case "ConfigMap", "platform", key:
                return _platform(at).get(key)
        return None

    def _password(self, function: str) -> str:
        return self._draw(f"password {function}", secrets.token_urlsafe(24))

    def _cache_password(self, function: str) -> str:
        return self._draw(f"redis password {function}", secrets.token_urlsafe(24))

    def _drawn_bytes(self, name: str) -> str:
        return self._draw(name, base64.b64encode(secrets.token_bytes(32)).decode("ascii"))

    def _draw(self, name: str, fresh: str) -> str:
        if name not in self._drawn:
            self._drawn[name] = fresh
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(self._drawn, indent=1), encoding="utf-8")
            draft.replace(self._path)
        return self._drawn[name]


def _as_user(url: str, user: str, password: str) -> str:
    """The same Redis, seen by one of its users."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"))


def _platform(at: Addresses) -> dict[str, str]:
    return {
        "aws-region": at.aws_region,
        "aws-endpoint-url": at.aws_endpoint_url or "",
        "archive-bucket": BUCKET,
        "ses-endpoint-url": at.ses_endpoint_url or at.aws_endpoint_url or "",
        "mail-from": MAIL_FROM,
        "portal-url": at.portal_url,
        "dgii-ecf-url": at.dgii_url,
        "dgii-fc-url": at.dgii_url,
        "dgii-status-url": at.dgii_url,
        "dgii-quarantine-seconds": "10",
    }


def public(seed: str) -> str:
    """Base64 of the Ed25519 public key that belongs to a base64 seed."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def as_yaml(values: Mapping[Reference, str]) -> str:
    """The same as Kubernetes objects in our namespace, one document each, sorted."""
    objects: dict[tuple[str, str], dict[str, str]] = {}
    for reference in sorted(values):
        objects.setdefault((reference.kind, reference.name), {})[reference.key] = values[reference]
    documents = [
        {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": NAMESPACE},
            **({"type": "Opaque", "stringData": content} if kind == "Secret" else {"data": content}),
        }
        for (kind, name), content in objects.items()
    ]
    return yaml.safe_dump_all(documents, sort_keys=False)
