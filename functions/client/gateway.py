"""client's outside: the child that reads a P12, and the secrets store."""

import base64
import json
import subprocess
import sys

from functions.client.domain import Certificate, CertificateUnreadable
from shared.cloud.secrets import put_secret
from shared.cloud.session import Aws

SECONDS = 10


class Vault:
    """Opens uploads away from this process and stores what they hold."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def open(self, p12: bytes, password: str) -> Certificate:
        """The certificate inside; CertificateUnreadable with a code otherwise."""
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
            raise CertificateUnreadable("too-costly")
        answer: dict[str, str] = json.loads(child.stdout)
        if "refused" in answer:
            raise CertificateUnreadable(answer["refused"])
        return Certificate(**answer)

    def store(self, name: str, certificate: Certificate, *, tenant: str) -> None:
        """Keep the key pair under `name`, encrypted with the tenant's KMS key."""
        secret = {"private_key_pem": certificate.private_key_pem, "certificate_pem": certificate.certificate_pem}
        put_secret(self._aws, name, json.dumps(secret), tenant=tenant)
