"""Sealing a value for a column: AES-256-GCM under a data key of its own, which the tenant's KMS key wraps (security D-13).

A sealed value is `version (1 byte) | length of the wrapped key (2) | wrapped key | nonce (12) | ciphertext and tag`. Its place
(`table|column|row`) is bound into it, so that values cannot be exchanged between rows, columns or tenants.
"""

import secrets
from dataclasses import dataclass

from shared.cloud.kms import tenant_key
from shared.cloud.session import Aws, CloudUnavailable
from shared.errors import AppError

_VERSION = 1
_NONCE = 12


class EnvelopeSpoilt(AppError):
    """The value was sealed for another tenant, purpose or place, or was changed."""

    slug = "internal"


@dataclass(frozen=True)
class Place:
    """Where a sealed value belongs; `purpose` is what KMS writes into its log."""

    tenant: str
    purpose: str
    table: str
    column: str
    row: str

    @property
    def context(self) -> dict[str, str]:
        return {"tenant": self.tenant, "purpose": self.purpose}

    @property
    def bound(self) -> bytes:
        return "|".join((self.tenant, self.table, self.column, self.row, str(_VERSION))).encode()


def seal(aws: Aws, value: bytes, place: Place) -> bytes:
    """CloudUnavailable when KMS does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 is loaded with its first use
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = tenant_key(aws, place.tenant)
    try:
        made = aws.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=place.context)
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
    wrapped, nonce = bytes(made["CiphertextBlob"]), secrets.token_bytes(_NONCE)
    sealed = AESGCM(made["Plaintext"]).encrypt(nonce, value, place.bound)
    return bytes([_VERSION]) + len(wrapped).to_bytes(2, "big") + wrapped + nonce + sealed


def unseal(aws: Aws, sealed: bytes, place: Place) -> bytes:
    """The value; EnvelopeSpoilt when it does not belong to this place, CloudUnavailable when KMS does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if sealed[:1] != bytes([_VERSION]):
        raise EnvelopeSpoilt
    end = 3 + int.from_bytes(sealed[1:3], "big")
    wrapped, nonce, rest = sealed[3:end], sealed[end : end + _NONCE], sealed[end + _NONCE :]
    client = aws.client("kms")
    try:
        key = client.decrypt(CiphertextBlob=wrapped, EncryptionContext=place.context)["Plaintext"]
        return AESGCM(key).decrypt(nonce, rest, place.bound)
    except (client.exceptions.InvalidCiphertextException, InvalidTag, ValueError) as error:
        raise EnvelopeSpoilt from error
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
