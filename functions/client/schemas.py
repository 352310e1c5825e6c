"""The wire of client."""

from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class UploadIn(Shape):
    """`active_from` is a cut-over; `confirm_holder` false wants to see the holder before they become the first signer."""

    p12: UploadFile
    password: str = Field(default_factory=str, max_length=256)
    active_from: AwareDatetime | None = None
    confirm_holder: bool = True


class CertificateOut(Shape):
    """`holder_id` is the subject's serial number: the signer's cédula, which need not equal the RNC.

    `estado`: `en_uso` signs what is emitted now; `en_espera` has its cut-over (`active_from`) ahead; `de_reserva` is live and
    signs when the one in use ends; `vencido` and `revocado` sign nothing. `fingerprint` is SHA-256.
    """

    id: str
    holder_name: str
    holder_id: str
    issuer: str
    serial_number: str
    fingerprint: str
    not_before: str
    not_after: str
    active_from: str
    days_left: int
    estado: Literal["en_uso", "en_espera", "de_reserva", "vencido", "revocado"]
    created_at: str


class CertificateList(Shape):
    items: list[CertificateOut]
    next: str | None


class Link(Shape):
    """One more certificate of the uploaded file."""

    subject: str
    issuer: str
    not_after: str
    fingerprint: str


class CertificateDetail(CertificateOut):
    uploaded_by: str
    chain: list[Link]
    revoked_at: str | None
    revoked_by: str | None
    revoked_because: str | None


class RevocationIn(Shape):
    reason: Words


class SignerIn(Shape):
    """`cedula`: 11 digits, or 9 of an RNC."""

    cedula: str = Field(pattern=r"^([0-9]{9}|[0-9]{11})$")
    name: Words


class SignerOut(Shape):
    id: str
    cedula: str
    name: str
    authorised: bool
    changed_by: str
    changed_at: str


class SignerList(Shape):
    items: list[SignerOut]
    next: str | None
