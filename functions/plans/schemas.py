"""The wire of plans; money is text with two decimals."""

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlanOut(Shape):
    plan: str
    kind: str
    percentage: str
    minimum: str


class PreviewIn(Shape):
    monto_total: str = Field(pattern=r"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$")


class PreviewOut(Shape):
    plan: str
    base: str
    fee: str


class ChargeOut(Shape):
    id: str
    invoice_id: str
    encf: str
    plan: str
    base: str
    fee: str
    charged_at: str


class ChargePage(Shape):
    items: list[ChargeOut]
    next: str | None
