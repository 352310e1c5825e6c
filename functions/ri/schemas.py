"""The wire form of a tenant's appearance."""

from pydantic import BaseModel, ConfigDict, Field

from functions.ri.appearance import LARGEST_LOGO


class AppearanceBody(BaseModel):
    """All of it at once: what is left out is taken away."""

    model_config = ConfigDict(extra="forbid")
    accent: str | None = Field(None, max_length=7, description="#rrggbb, de contraste 4.5 o más con blanco")
    logo: str | None = Field(None, max_length=LARGEST_LOGO * 4 // 3 + 4, description="PNG o JPEG en base64")
