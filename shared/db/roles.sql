-- Roles, schemas and the sealed tenant context (security D-1, D-2). Idempotent; run by an administrator before the migrations.
DO $$
DECLARE
  function_name text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'getupnet_owner') THEN
    CREATE ROLE getupnet_owner NOLOGIN BYPASSRLS;
  END IF;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO getupnet_owner', current_database());
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT getupnet_owner TO %I', current_user);
  FOREACH function_name IN ARRAY string_to_array(current_setting('getupnet.functions'), ',') LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fn_' || function_name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT', 'fn_' || function_name);
    END IF;
    EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', 'fn_' || function_name, '15s');
    EXECUTE format('ALTER ROLE %I SET lock_timeout = %L', 'fn_' || function_name, '5s');
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', 'fn_' || function_name, '30s');
    EXECUTE format('ALTER ROLE %I SET search_path = %I', 'fn_' || function_name, function_name);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION getupnet_owner', function_name);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', function_name, 'fn_' || function_name);
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS tenancy AUTHORIZATION getupnet_owner;
CREATE SCHEMA IF NOT EXISTS flow AUTHORIZATION getupnet_owner;

SET ROLE getupnet_owner;

CREATE TABLE IF NOT EXISTS tenancy.seal_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
  outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);

-- The tenant of this transaction. Raises when the context is missing, forged, malformed or expired; never answers NULL.
CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fields text[] := string_to_array(current_setting('app.ctx', true), '|');
  pads tenancy.seal_key;
  seal text;
BEGIN
  IF cardinality(fields) IS DISTINCT FROM 3 THEN
    RAISE EXCEPTION 'no tenant context' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO STRICT pads FROM tenancy.seal_key;
  seal := encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(fields[1] || '|' || fields[2], 'UTF8'))), 'hex');
  IF seal IS NULL OR fields[3] IS DISTINCT FROM seal THEN
    RAISE EXCEPTION 'forged tenant context' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF fields[2]::bigint < extract(epoch FROM now()) THEN
    RAISE EXCEPTION 'expired tenant context' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN fields[1];
END $$;

DO $$
DECLARE
  function_name text;
BEGIN
  FOREACH function_name IN ARRAY string_to_array(current_setting('getupnet.functions'), ',') LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA tenancy, flow TO %I', 'fn_' || function_name);
  END LOOP;
END $$;

RESET ROLE;
