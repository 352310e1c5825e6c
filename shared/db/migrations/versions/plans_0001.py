"""plans: what a plan costs, which plan a company has, what was charged for each accepted document."""

from shared.db.migrations.sql import run, tenant_table

revision = "plans_0001"
down_revision = None
branch_labels = ("plans",)
depends_on = ("flow_0001",)


def upgrade() -> None:
    run(
        """
        CREATE TABLE plans.plans (
          name text PRIMARY KEY,
          kind text NOT NULL CHECK (kind IN ('PORCENTAJE')),
          percentage numeric(9,4) NOT NULL CHECK (percentage >= 0 AND percentage <= 100),
          minimum numeric(18,2) NOT NULL CHECK (minimum >= 0 AND minimum < 1e15)
        );
        INSERT INTO plans.plans VALUES ('estandar', 'PORCENTAJE', 0.1000, 2.00);
        GRANT SELECT ON plans.plans TO fn_plans;

        CREATE TABLE plans.subscriptions (
          tenant_id text PRIMARY KEY,
          plan text NOT NULL,
          since timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE plans.charges (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          invoice_id uuid NOT NULL,
          encf text NOT NULL,
          plan text NOT NULL,
          base numeric(18,2) NOT NULL CHECK (base <> 'NaN' AND abs(base) < 1e16),
          fee numeric(18,2) NOT NULL CHECK (fee <> 'NaN' AND fee >= 0 AND fee < 1e15),
          charged_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, invoice_id)
        );
        """
    )
    tenant_table("plans.subscriptions", "fn_plans")
    tenant_table("plans.charges", "fn_plans", grants="SELECT, INSERT")
