"""One example of every catalogued fact, and its signed form as a broker delivers it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.db.ids import uuid7
from shared.events import catalogue
from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.events.keys import FunctionKey
from shared.flow.outbox import Announcer

_VALUES: dict[str, object] = {
    "rnc": "131880738",
    "environment": "testecf",
    "plan": "estandar",
    "owner_email": "duena@example.com",
    "correo": "empresa@example.com",
    "not_before": "2026-01-01T00:00:00+00:00",
    "not_after": "2028-01-01T00:00:00+00:00",
    "vencimiento": "2028-12-31",
    "desde": 1,
    "hasta": 1000,
    "tipo_ecf": 31,
    "monto_total": "1180.00",
    "encf": "E310000000001",
    "encfs": ["E310000000001"],
    "mensajes": [],
    "observed_at": "2026-11-24T12:00:00+00:00",
    "secuencia_utilizada": True,
    "base": "1180.00",
    "fee": "2.00",
    "permissions": ["ecf.emit"],
    "codes": ["sequence-overlaps"],
    "methods": ["pwd", "otp"],
    "network": "203.0.113.0/24",
    "expires_at": None,
    "active_from": None,
    "cedula": "00199999996",
    "revoked_at": "2026-11-24T12:00:00+00:00",
    "days_left": 30,
    "replaced": False,
    "withdrawn": True,
    "outcome": "done",
    "evidence": {
        "code": "ENVIADO",
        "sha256": "0" * 64,
        "http_status": 200,
        "codigo": None,
        "envios": 1,
        "consultas": 0,
    },
    "margin": 20,
    "windows": [{"sequence_id": "a-range", "tipo_ecf": 31, "desde": 1, "hasta": 1000, "whole": False}],
    "known": [{"secuencia": 1, "estado": "aceptado", "track_id": "a-track"}],
    "pages": None,
}
_IDS = {"invoice_id", "certificate_id", "sequence_id", "charge_id", "person_id"}


def example(kind: type[Event], **given: object) -> Any:
    """A valid payload of `kind`; `given` replaces single fields."""
    made: dict[str, object] = {}
    for name, field in kind.model_fields.items():
        default: object = uuid7() if name in _IDS else (1 if field.annotation is int else f"un {name}")
        usual = _VALUES.get(name, default) if field.is_required() else field.default
        made[name] = given.get(name, usual)
    return kind(**made)


def signed(
    key: FunctionKey, event: Event, *, tenant: str, subject: str | None = None, sequence: int = 1, age: timedelta = timedelta()
) -> Envelope:
    """The envelope the emitter would write, or wrote that long ago, on no database."""
    made = Announcer(key).envelope(event, tenant=tenant, subject=subject or uuid7(), sequence=sequence)
    then = replace(made, time=made.time - age)
    return replace(then, sig=key.sign(then.message()))


def delivered(envelope: Envelope) -> tuple[dict[str, str], bytes]:
    """Headers (lower case) and body of the delivery."""
    headers, body = envelope.to_http()
    return {name.lower(): value for name, value in headers.items()}, body


KINDS = sorted(catalogue.ALL.values(), key=lambda kind: kind.type)
