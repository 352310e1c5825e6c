"""The wire of client."""

from pydantic import BaseModel, ConfigDict


class CertificateOut(BaseModel):
    """`holder_id` is the subject's serial number: the signer's cédula, which need not equal the RNC."""

    model_config = ConfigDict(extra="forbid")

    id: str
    holder_name: str
    holder_id: str
    issuer: str
    serial_number: str
    not_before: str
    not_after: str
    created_at: str


class CertificateList(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[CertificateOut]
    next: str | None
