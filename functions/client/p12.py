"""Reads one P12 in a process of its own with little memory and two seconds of CPU: the file chooses what reading it costs.

`python -m functions.client.p12` takes `{"p12": base64, "password": text}` on standard input and answers one JSON object:
the certificate's data, or `{"refused": code}`.
"""

import base64
import json
import resource
import sys

CPU_SECONDS = 2
MEMORY_BYTES = 512 * 1024 * 1024
SMALLEST_KEY = 2048


def read(p12: bytes, password: str) -> dict[str, str]:
    """Facts of the one certificate with its key; a dict with `refused` when it cannot sign for DGII."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    if "\0" in password:
        return {"refused": "unreadable-or-password"}  # the library panics on it
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(p12, password.encode())
    except ValueError:
        return {"refused": "unreadable-or-password"}
    if key is None or certificate is None:
        return {"refused": "incomplete"}
    if not isinstance(key, RSAPrivateKey):
        return {"refused": "not-rsa"}
    if key.key_size < SMALLEST_KEY:
        return {"refused": "weak-key"}
    if key.public_key() != certificate.public_key():
        return {"refused": "key-mismatch"}

    def attribute(oid: x509.ObjectIdentifier) -> str:
        found = certificate.subject.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    return {
        "holder_name": attribute(x509.NameOID.COMMON_NAME),
        "holder_id": attribute(x509.NameOID.SERIAL_NUMBER),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial_number": f"{certificate.serial_number:x}",
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "certificate_pem": certificate.public_bytes(Encoding.PEM).decode("ascii"),
        "private_key_pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.load(sys.stdin)
    json.dump(read(base64.b64decode(request["p12"]), request["password"]), sys.stdout)
