"""The wire of sign; XML travels as base64."""

from typing import Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

LARGEST_XML = 16 * 1024 * 1024


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(Shape):
    purpose: Literal["ecf", "rfce", "arecf", "acecf", "anecf", "semilla"]
    certificate_id: str = Field(max_length=36)
    xml: Base64Bytes = Field(min_length=1, max_length=LARGEST_XML)


class SignOut(Shape):
    """`codigo_seguridad` and `sha256` are those of `xml`; `rfce` is set for a consumo that travels as its summary."""

    xml: str
    codigo_seguridad: str
    sha256: str
    rfce: str | None = None


class ValidateIn(Shape):
    """`fingerprint`: SHA-256 of the certificate, hex."""

    certificate_id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")


class ValidateOut(Shape):
    fingerprint: str
