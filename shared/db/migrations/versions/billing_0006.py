"""billing: every range has the last day that DGII registered for it."""

from shared.db.migrations.sql import run

revision = "billing_0006"
down_revision = "billing_0005"
branch_labels = None
depends_on = None

DATE = """
-- Ranges of 32 and 34 were registered without one. A range ends on 31 December of the year after its authorisation (IT §7), which
-- was not later than its registration here. Those of the certification are good until the end of 2028.
UPDATE billing.sequences s SET vencimiento = GREATEST(
  make_date(CAST(extract(year FROM s.created_at AT TIME ZONE 'America/Santo_Domingo') AS int) + 1, 12, 31),
  (SELECT date '2028-12-31' FROM billing.companies c WHERE c.tenant_id = s.tenant_id AND c.environment <> 'ecf'))
WHERE s.vencimiento IS NULL;
ALTER TABLE billing.sequences ALTER COLUMN vencimiento SET NOT NULL;
"""


def upgrade() -> None:
    run(DATE)
