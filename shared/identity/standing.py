"""A company's standing: whether it may act at all. Every function that lets a company act asks the same question here."""

from enum import StrEnum

from shared.errors import NotAllowed


class Estado(StrEnum):
    """States of a company (Spanish by rule: they are shown and stored)."""

    ACTIVA = "activa"
    SUSPENDIDA = "suspendida"
    SELLADA = "sellada"


class NotWhileSuspended(NotAllowed):
    slug = "company-suspended"


class NotOnceSealed(NotAllowed):
    slug = "company-sealed"


def refuse_unless_active(estado: str) -> None:
    """NotWhileSuspended or NotOnceSealed; anything else may act."""
    if estado == Estado.SUSPENDIDA:
        raise NotWhileSuspended
    if estado == Estado.SELLADA:
        raise NotOnceSealed
