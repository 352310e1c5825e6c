"""Reads one P12 in a process of its own with little memory and two seconds of CPU: the file chooses what reading it costs.

`python -m functions.client.p12` takes `{"p12": base64, "password": text}` on standard input and answers one JSON object:
the certificate's data, or `{"refused": code}`.
"""

import base64
import json
import resource
import sys
from typing import TYPE_CHECKING

from shared.confinement import keep_memory_private

if TYPE_CHECKING:
    from cryptography import x509

CPU_SECONDS = 2
MEMORY_BYTES = 256 * 1024 * 1024
SMALLEST_KEY, LARGEST_KEY = 2048, 8192
SMALLEST_EXPONENT = 65537
LONGEST_CHAIN = 20
LONGEST_NAME = 200
# keyBag and pkcs8ShroudedKeyBag (RFC 7292). They stand unencrypted in the file, and the library takes the first and is silent
# about a second.
_KEY_BAGS = (bytes.fromhex("060b2a864886f70d010c0a0101"), bytes.fromhex("060b2a864886f70d010c0a0102"))


MOST_ROUNDS = 2_000_000
"""Of key derivation in the whole file; exporters write 1 to 600,000. The limit on CPU stands behind this one."""


def rounds(p12: bytes) -> int:
    """How many rounds the file asks for: its seal, and each part that is encrypted. 0 for what this reading does not know."""
    from asn1crypto import pkcs12 as asn1

    try:
        pfx = asn1.Pfx.load(p12)
        total = int(pfx["mac_data"]["iterations"].native) if pfx["mac_data"].native else 0
        for info in pfx.authenticated_safe:
            if info["content_type"].native == "encrypted_data":
                total += info["content"]["encrypted_content_info"]["content_encryption_algorithm"].kdf_iterations
            elif info["content_type"].native == "data":
                bags = asn1.SafeContents.load(info["content"].native)
                sealed = [bag for bag in bags if bag["bag_id"].native == "pkcs8_shrouded_key_bag"]
                total += sum(bag["bag_value"]["encryption_algorithm"].kdf_iterations for bag in sealed)
    except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, RecursionError):
        return 0  # whatever asn1crypto raises on bytes that are no PKCS#12; the real reader refuses them, under the limit on CPU
    return total


def read(p12: bytes, password: str) -> dict[str, object]:
    """Facts of the one certificate with its key; a dict with `refused` when it cannot sign for DGII."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    if "\0" in password:
        return {"refused": "password"}  # the library panics on it
    if rounds(p12) > MOST_ROUNDS:
        return {"refused": "too-costly"}
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(p12, password.encode())
    except ValueError as error:
        return {"refused": "password" if "password" in str(error) else "unreadable"}
    if sum(p12.count(bag) for bag in _KEY_BAGS) > 1:
        return {"refused": "two-keys"}
    if key is None:
        return {"refused": "no-key"}
    if certificate is None:
        # The library names no certificate as the key's own when none has its public half.
        return {"refused": "key-mismatch" if others else "no-certificate"}
    if not isinstance(key, RSAPrivateKey):
        return {"refused": "not-rsa"}
    if key.key_size < SMALLEST_KEY:
        return {"refused": "weak-key"}
    if key.key_size > LARGEST_KEY or key.public_key().public_numbers().e < SMALLEST_EXPONENT:
        return {"refused": "key-size"}
    if key.public_key() != certificate.public_key():
        return {"refused": "key-mismatch"}
    if not _may_sign(certificate):
        return {"refused": "usage"}
    if len(others) > LONGEST_CHAIN:
        return {"refused": "chain-too-long"}
    return {
        "holder_name": _attribute(certificate, "COMMON_NAME"),
        "holder_id": _attribute(certificate, "SERIAL_NUMBER"),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial_number": f"{certificate.serial_number:x}",
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "fingerprint": certificate.fingerprint(SHA256()).hex(),
        "certificate_pem": certificate.public_bytes(Encoding.PEM).decode("ascii"),
        "private_key_pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
        "chain": [
            {
                "subject": one.subject.rfc4514_string(),
                "issuer": one.issuer.rfc4514_string(),
                "not_after": one.not_valid_after_utc.isoformat(),
                "fingerprint": one.fingerprint(SHA256()).hex(),
            }
            for one in others
        ],
    }


def _may_sign(certificate: "x509.Certificate") -> bool:
    """Whether the certificate, where it says what it is for, is for signing documents and is no machine's (security SIG-06)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

    machines = {Purpose.SERVER_AUTH, Purpose.CODE_SIGNING, Purpose.TIME_STAMPING, Purpose.OCSP_SIGNING}
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        return not machines.issuperset(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return True


def _attribute(certificate: "x509.Certificate", name: str) -> str:
    """The first value of the subject's attribute without what cannot be printed; the file's friendlyName is never read."""
    from cryptography import x509

    found = certificate.subject.get_attributes_for_oid(getattr(x509.NameOID, name))
    text = str(found[0].value) if found else ""
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST_NAME]


def main() -> None:
    """One request from standard input, under the limits."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    odd = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
    request = json.load(sys.stdin)
    try:
        answer = read(base64.b64decode(request["p12"]), request["password"])
    except MemoryError:
        answer = {"refused": "too-costly"}
    except (*odd, x509.UnsupportedGeneralNameType):
        answer = {"refused": "unreadable"}
    json.dump(answer, sys.stdout)


def confine() -> None:
    """The limits, for the rest of this process' life."""
    keep_memory_private()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    confine()
    main()
