"""The fiscal clock: DGII's days and dates are those of Santo Domingo, which knows no summer time."""

from datetime import date, datetime, timedelta, timezone

SANTO_DOMINGO = timezone(timedelta(hours=-4))
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def fiscal_day(moment: datetime) -> date:
    """The day of a moment with an offset, for whoever pays taxes."""
    return moment.astimezone(SANTO_DOMINGO).date()
