"""billing: the ledger of numbers: ranges of a branch, stopped ranges, leased sub-ranges, voidings."""

from shared.db.migrations.sql import run, tenant_table

revision = "billing_0004"
down_revision = "billing_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        -- `next` is the first number never issued and never in `held`, the numbers that a voiding took out of circulation.
        ALTER TABLE billing.sequences
          ADD COLUMN version integer NOT NULL DEFAULT 1,
          ADD COLUMN sucursal text,
          ADD COLUMN issued bigint,
          ADD COLUMN held int8multirange NOT NULL DEFAULT '{}',
          ADD COLUMN estado text NOT NULL DEFAULT 'activa' CHECK (estado IN ('activa', 'detenida')),
          ADD COLUMN stopped_at timestamptz,
          ADD COLUMN stopped_because text,
          ADD COLUMN warned text[] NOT NULL DEFAULT '{}';
        DROP INDEX billing.sequences_of_type;
        CREATE INDEX sequences_of_type ON billing.sequences (tenant_id, tipo_ecf, desde);
        CREATE INDEX invoices_of_sequence ON billing.invoices (tenant_id, sequence_id, secuencia);
        CREATE INDEX invoices_of_day ON billing.invoices (tenant_id, fecha_emision);

        -- The daily look at the ranges that are there already; new ones bring their own.
        INSERT INTO flow.turns (function, tenant_id)
        SELECT DISTINCT 'billing', tenant_id FROM billing.sequences ON CONFLICT DO NOTHING;
        INSERT INTO flow.work (tenant_id, function, kind, key, due_at, traceparent)
        SELECT tenant_id, 'billing', 'forecast', id::text, now(), '' FROM billing.sequences;

        -- A sub-range cut from the front of its range. Without a holder it is what a refused voiding gave back.
        CREATE TABLE billing.leases (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          sequence_id uuid NOT NULL,
          tipo_ecf smallint NOT NULL,
          holder text,
          desde bigint NOT NULL,
          hasta bigint NOT NULL CHECK (hasta >= desde),
          next bigint NOT NULL CHECK (next BETWEEN desde AND hasta + 1),
          issued bigint,
          held int8multirange NOT NULL DEFAULT '{}',
          until timestamptz NOT NULL,
          returned_at timestamptz,
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX leases_of_sequence ON billing.leases (tenant_id, sequence_id, desde);
        CREATE INDEX leases_with_numbers ON billing.leases (tenant_id, tipo_ecf) WHERE next <= hasta;

        -- An ANECF: what it names, its bytes, what DGII said.
        CREATE TABLE billing.voidings (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL DEFAULT 1,
          estado text NOT NULL CHECK (estado IN ('redactada', 'firmada', 'anulada', 'parcial', 'rechazada')),
          environment text NOT NULL,
          rnc_emisor text NOT NULL,
          certificate_id uuid NOT NULL,
          unsigned_xml bytea NOT NULL,
          signed_xml bytea,
          sha256 text,
          mensajes jsonb NOT NULL DEFAULT '[]',
          created_by text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(),
          answered_at timestamptz,
          PRIMARY KEY (tenant_id, id)
        );
        -- What a voiding holds, piece by piece: where its numbers came from is where they go back to.
        CREATE TABLE billing.voided_numbers (
          tenant_id text NOT NULL,
          voiding_id uuid NOT NULL,
          sequence_id uuid NOT NULL,
          tipo_ecf smallint NOT NULL,
          desde bigint NOT NULL,
          hasta bigint NOT NULL CHECK (hasta >= desde),
          intento integer,
          estado text NOT NULL CHECK (estado IN ('en_anulacion', 'anulado', 'no_anulado', 'libre')),
          PRIMARY KEY (tenant_id, voiding_id, sequence_id, desde)
        );
        CREATE INDEX voided_numbers_of_sequence ON billing.voided_numbers (tenant_id, sequence_id, desde);

        -- After a restore: DGII is asked, in pages, which numbers it knows; the company only reads until the last page is in.
        CREATE TABLE billing.reconciliations (
          tenant_id text NOT NULL,
          id uuid NOT NULL,
          margin integer NOT NULL CHECK (margin > 0),
          pages_seen integer NOT NULL DEFAULT 0,
          pages integer,
          created_at timestamptz NOT NULL DEFAULT now(),
          ended_at timestamptz,
          PRIMARY KEY (tenant_id, id)
        );
        CREATE UNIQUE INDEX reconciliations_open ON billing.reconciliations (tenant_id) WHERE ended_at IS NULL;
        -- Numbers without a document of ours: `sin_noticia` are those that DGII does not know and nobody may issue either.
        CREATE TABLE billing.adopted_numbers (
          tenant_id text NOT NULL,
          sequence_id uuid NOT NULL,
          secuencia bigint NOT NULL,
          estado text NOT NULL CHECK (estado IN ('adoptado', 'sin_noticia')),
          detail jsonb NOT NULL,
          at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (tenant_id, sequence_id, secuencia)
        );
        """
    )
    for table in ("leases", "voidings", "voided_numbers", "reconciliations", "adopted_numbers"):
        tenant_table(f"billing.{table}", "fn_billing")
