"""The generated Secrets and ConfigMaps."""

import base64
import json
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from knative.embedded.state import Addresses, Reference, State, UnknownReference, as_yaml

AT = Addresses("127.0.0.1:5432", "redis://127.0.0.1:6379/0", "http://127.0.0.1:4566")
BILLING_URL = Reference("Secret", "billing", "database-url")
BILLING_KEY = Reference("Secret", "billing", "function-key")
SEAL = Reference("Secret", "tenant-seal", "key")
SIGNING = Reference("Secret", "auth", "user-signing-key")
FUNCTION_KEYS = Reference("ConfigMap", "function-keys", "keys.json")
USER_KEYS = Reference("ConfigMap", "user-keys", "keys.json")
REDIS = Reference("Secret", "dgii", "redis-url")
PLATFORM = [Reference("ConfigMap", "platform", key) for key in ("aws-region", "archive-bucket", "dgii-ecf-url", "dgii-fc-url")]
ALL = [BILLING_URL, BILLING_KEY, SEAL, SIGNING, FUNCTION_KEYS, USER_KEYS, REDIS, *PLATFORM]


def test_what_is_drawn_once_stays(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = State(path).fill(ALL, AT)
    assert State(path).fill(ALL, AT) == first
    assert State(tmp_path / "other.json").fill(ALL, AT) != first
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_function_has_its_own_role_and_password(tmp_path: Path) -> None:
    state = State(tmp_path / "secrets.json")
    references = [BILLING_URL, Reference("Secret", "plans", "database-url")]
    values = state.fill(references, AT)
    passwords = state.passwords(references)
    assert values[BILLING_URL] == f"postgresql+pg8000://fn_billing:{passwords['billing']}@127.0.0.1:5432/getupnet"
    assert len(set(passwords.values())) == 2


def test_public_keys_belong_to_the_seeds(tmp_path: Path) -> None:
    state = State(tmp_path / "secrets.json")
    values = state.fill(ALL, AT)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(values[BILLING_KEY]))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(json.loads(values[FUNCTION_KEYS])["billing"]))
    public.verify(key.sign(b"x"), b"x")
    kid, seed = values[SIGNING].split(":")
    user = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
    Ed25519PublicKey.from_public_bytes(base64.b64decode(json.loads(values[USER_KEYS])[kid])).verify(user.sign(b"x"), b"x")
    assert len(base64.b64decode(values[SEAL])) == 32
    assert values[SEAL] == state.seal_key()


def test_dgii_is_the_sandbox_of_the_cluster(tmp_path: Path) -> None:
    values = State(tmp_path / "secrets.json").fill(PLATFORM, AT)
    assert values[PLATFORM[2]] == values[PLATFORM[3]] == "http://sandbox.getupnet-app.svc.cluster.local"


@pytest.mark.parametrize(
    "reference",
    [
        Reference("Secret", "billing", "odoo-password"),
        Reference("ConfigMap", "platform", "colour"),
        Reference("Secret", "x", "key"),
    ],
)
def test_an_unknown_key_is_refused_by_name(tmp_path: Path, reference: Reference) -> None:
    with pytest.raises(UnknownReference, match=f"{reference.kind} {reference.name}, key {reference.key}"):
        State(tmp_path / "secrets.json").fill([SEAL, reference], AT)


def test_the_same_values_are_printed_as_kubernetes_objects(tmp_path: Path) -> None:
    values = State(tmp_path / "secrets.json").fill(ALL, AT)
    objects = {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(as_yaml(values))}
    assert objects["Secret", "billing"]["stringData"] == {"database-url": values[BILLING_URL], "function-key": values[BILLING_KEY]}
    assert objects["ConfigMap", "user-keys"]["data"] == {"keys.json": values[USER_KEYS]}
    assert {o["metadata"]["namespace"] for o in objects.values()} == {"getupnet-app"}
