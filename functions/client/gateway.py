"""client's outside: the child that reads a P12, the secrets store, and sign, which tries what was stored."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.client.domain import Certificate, CertificateUnreadable, HolderNotAuthorised, secret_name
from shared.cloud.kms import destroy_tenant_key
from shared.cloud.secrets import delete_secrets, put_secret
from shared.cloud.session import Aws
from shared.signer.client import Signer, SigningRefused

SECONDS = 10
REFUSAL_SECONDS = 1.0
"""A refused file is answered after this long, whatever was wrong with it: how long reading took says nothing."""


@contextmanager
def evenly_refused(tell: Callable[[str], None]) -> Iterator[None]:
    """`tell` is called with the code of what is refused for the file's sake; the refusal leaves no sooner than any other."""
    began = time.monotonic()
    try:
        yield
    except (CertificateUnreadable, HolderNotAuthorised) as error:
        tell(error.code)
        time.sleep(max(0.0, began + REFUSAL_SECONDS - time.monotonic()))
        raise


@dataclass(frozen=True)
class Vault:
    """Opens uploads away from this process and stores what they hold."""

    aws: Aws
    signer: Signer

    def open(self, p12: bytes, password: str) -> Certificate:
        """The certificate inside; CertificateUnreadable with a code otherwise."""
        if not p12:
            raise CertificateUnreadable("empty")
        if not password:
            raise CertificateUnreadable("no-password")
        request = json.dumps({"p12": base64.b64encode(p12).decode("ascii"), "password": password})
        try:
            child = subprocess.run(
                [sys.executable, "-m", "functions.client.p12"],
                input=request,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CertificateUnreadable("too-costly") from error
        if child.returncode != 0:
            raise CertificateUnreadable("too-costly" if child.returncode < 0 else "unreadable")
        answer: dict[str, Any] = json.loads(child.stdout)
        if "refused" in answer:
            raise CertificateUnreadable(answer["refused"])
        return Certificate(**answer)

    def store(self, name: str, certificate: Certificate, *, tenant: str) -> None:
        """Keep the key pair under `name`, encrypted with the tenant's KMS key."""
        secret = {"private_key_pem": certificate.private_key_pem, "certificate_pem": certificate.certificate_pem}
        put_secret(self.aws, name, json.dumps(secret), tenant=tenant)

    def try_out(self, certificate_id: str, certificate: Certificate, *, tenant: str) -> None:
        """Have sign make a signature with what was stored and verify it; CertificateUnreadable or CalleeUnavailable."""
        try:
            self.signer.validate(certificate_id, fingerprint=certificate.fingerprint, tenant=tenant)
        except SigningRefused as error:
            raise CertificateUnreadable("not-signing") from error

    def destroy(self, names: list[str], *, tenant: str) -> datetime | None:
        """Nothing of the tenant's can be opened any more: its KMS key first, then every secret, also one that no row names.

        When KMS erases the key, or None where there was none. Safe to repeat.
        """
        erased_at = destroy_tenant_key(self.aws, tenant)
        delete_secrets(self.aws, names, prefix=secret_name(tenant, ""))
        return erased_at
