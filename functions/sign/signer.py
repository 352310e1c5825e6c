"""The process that holds private keys and signs: a fork of the nursery, asked through a pipe by the function that answers HTTP.

A key enters memory here alone and leaves it with the process, which is how nothing of it stays behind: Python cannot wipe what
it has read. First message: JSON of `{"aws": {…}, "verify": bool, "names": [secrets to fetch ahead]}`. Then each question is
the name of a secret, a line feed, unsigned XML; each answer a line of JSON (`codigo_seguridad` and `fingerprint` of the
certificate, or `refused`, a slug, with its `facts`), a line feed, signed XML.
"""

import json
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from cryptography.hazmat.primitives.hashes import SHA256

from shared.cloud.secrets import get_secret
from shared.cloud.session import Aws, CloudUnavailable
from shared.ecf.gate import ForeignXmlRefused, limits_of
from shared.ecf.key import CertificateRefused, Key
from shared.ecf.signature import CarriageReturnInText, NotSignable, SignatureRefused, confirm, sign
from shared.errors import AppError

LONGEST_QUESTION = 30
"""Whoever takes longer is ended by the alarm of the kernel."""
REFUSALS: dict[str, type[AppError]] = {
    kind.slug: kind
    for kind in (CarriageReturnInText, CertificateRefused, CloudUnavailable, ForeignXmlRefused, NotSignable, SignatureRefused)
}


class Keys:
    """Parsed keys by the name of their secret, as long as this process lives."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._held: dict[str, Key] = {}

    def get(self, name: str) -> Key:
        """The key, from memory or from Secrets Manager. CloudUnavailable, CertificateRefused."""
        if name not in self._held:
            secret = json.loads(get_secret(self._aws, name))
            self._held[name] = Key.from_pem(secret["private_key_pem"].encode(), secret["certificate_pem"].encode())
        return self._held[name]


def serve(pipe: Connection) -> None:
    """Answer until the other side closes or the life is over."""
    start = json.loads(pipe.recv_bytes())
    ends = time.monotonic() + start["seconds"]
    keys = Keys(Aws(**start["aws"]))
    for name in start["ahead"]:
        with suppress(AppError):  # whoever needs it will be told
            keys.get(name)
    while pipe.poll(max(0.0, ends - time.monotonic())):
        try:
            question = pipe.recv_bytes()
        except EOFError:
            return
        signal.alarm(LONGEST_QUESTION)
        pipe.send_bytes(_answer(keys, question, verify=start["verify"]))
        signal.alarm(0)


def _answer(keys: Keys, question: bytes, *, verify: bool) -> bytes:
    name, _, xml = question.partition(b"\n")
    try:
        key = keys.get(name.decode())
        signed = sign(xml, key, kind=limits_of(xml))
        if verify:
            confirm(signed, key)
    except tuple(REFUSALS.values()) as refusal:
        return json.dumps({"refused": refusal.slug, "facts": refusal.facts}).encode() + b"\n"
    fingerprint = key.certificate.fingerprint(SHA256()).hex()
    head = {"codigo_seguridad": signed.codigo_seguridad, "fingerprint": fingerprint}
    return json.dumps(head).encode() + b"\n" + signed.xml
