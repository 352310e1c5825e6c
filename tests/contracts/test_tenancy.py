"""TEN-01: the catalogue of the migrated database leaves no way around row-level security."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

# Looked up before a tenant is known, or about no tenant; each with its reason.
PLATFORM_TABLES = {
    "admin.companies": "a company is a tenant: it is found by RNC and listed by platform people",
    "admin.verdicts": "platform people compare companies by it; it holds counts and no document",
    "auth.users": "a person is found by e-mail before any tenant is chosen",
    "auth.grants": "which companies a person may act for is what log-in asks",
    "auth.sessions": "a session is found by its id",
    "auth.invitations": "an invitation is found by its token",
    "auth.companies": "log-in names the companies of a person before one is chosen",
    "auth.permissions": "the catalogue of permissions is the same for everybody",
    "auth.roles": "a log-in asks what a role grants before a tenant is chosen",
    "auth.role_permissions": "a log-in asks what a role grants before a tenant is chosen",
    "auth.second_factors": "a person has one, whatever the company",
    "auth.recovery_codes": "a person has them, whatever the company",
    "auth.challenges": "a challenge is found by its token",
    "auth.failures": "failures are counted for addresses nobody knows too",
    "auth.api_keys": "a key is found by its id before its tenant is known",
    "billing.outages": "an outage of DGII is everybody's; it is heard from dgii",
    "dgii.outages": "an outage of DGII is everybody's",
    "dgii.notices": "what DGII says of its services is the same for everybody",
    "dgii.paces": "how long DGII takes, by environment and type; it holds no document",
    "dgii.directory": "DGII's directory of electronic issuers is public among them",
    "notify.mails": "a mail goes to a person, whatever the company; platform people list them, and it says nothing but that",
    "plans.plans": "the price list is the same for everybody",
    "relay.dead_letters": "platform people replay what any company's consumers refused",
    "tenancy.seal_key": "the key of the seal; only the owner reads it",
    "tenancy.migrations": "Alembic's own table",
}
SECURITY_DEFINERS = {
    "tenancy.current_tenant",
    "flow.claim_work",
    "flow.backlog",
    "flow.sealing_behind",
    "billing.waiting_in",
    "dgii.drain",
}
PORTALS = {f"fn_{name}" for name in ("admin", "audit", "auth", "billing", "client", "dgii", "notify", "plans", "relay", "ri")}
PEER_DOORS = {f"fn_{name}" for name in ("auth", "billing", "client", "ri")}
PUBLISHED_VIEWS = {"flow.seen": {"fn_admin"}, "flow.live_sessions": PORTALS, "flow.peers": PEER_DOORS}
SANDBOX = "sandbox"  # a stand-in for DGII: it knows issuers, not tenants
WATCHER = "fn_relay"


@pytest.fixture
def catalogue(admin_url: str) -> Iterator[Connection]:
    engine = create_engine(admin_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection: Connection, sql: str) -> list[Any]:
    return list(connection.execute(text(sql)))


TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text AS owner, c.oid,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname <> 'sandbox'
"""


def test_every_table_is_a_tenants_or_listed_with_a_reason(catalogue: Connection) -> None:
    without = {r.name for r in rows(catalogue, TABLES) if not r.tenant}
    assert without == set(PLATFORM_TABLES)


def test_every_tenant_table_enables_and_forces_row_level_security(catalogue: Connection) -> None:
    open_tables = [r.name for r in rows(catalogue, TABLES) if r.tenant and not (r.relrowsecurity and r.relforcerowsecurity)]
    assert not open_tables


def test_every_table_belongs_to_the_owner_that_no_pod_is(catalogue: Connection) -> None:
    assert {r.owner for r in rows(catalogue, TABLES)} == {"getupnet_owner"}


def test_every_policy_names_its_role_and_asks_for_the_sealed_tenant(catalogue: Connection) -> None:
    policies = rows(catalogue, "SELECT schemaname, tablename, roles::text[] AS roles, qual, with_check, cmd FROM pg_policies")
    assert policies
    for policy in policies:
        assert len(policy.roles) == 1, policy
        assert policy.roles[0].startswith("fn_"), policy
        if policy.roles[0] == WATCHER:
            assert policy.schemaname == "flow", policy
            continue
        for rule in {policy.qual, policy.with_check} - {None}:
            assert "current_tenant()" in rule, policy


def test_keys_and_uniques_of_tenant_tables_start_with_the_tenant(catalogue: Connection) -> None:
    indexes = rows(
        catalogue,
        """
        SELECT i.indrelid::regclass::text AS name, a.attname AS first FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = i.indrelid AND t.attname = 'tenant_id')
          AND i.indrelid::regclass::text NOT LIKE 'pg_%' AND i.indrelid::regclass::text NOT LIKE 'sandbox.%'
        """,
    )
    # The outbox is read across tenants by relay alone, by id and by order of arrival; turns are claimed by function.
    exempt = {("flow.outbox", "id"), ("flow.outbox", "seq"), ("flow.turns", "function")}
    assert not {(r.name, r.first) for r in indexes if r.first != "tenant_id"} - exempt


def test_no_foreign_key_leaves_a_tenant_behind(catalogue: Connection) -> None:
    keys = rows(
        catalogue,
        """
        SELECT c.conrelid::regclass::text AS name, pg_get_constraintdef(c.oid) AS rule FROM pg_constraint c
        WHERE c.contype = 'f' AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.conrelid AND t.attname = 'tenant_id')
        """,
    )
    assert not [k for k in keys if "(tenant_id" not in k.rule]


def test_views_are_published_by_name_and_run_as_their_reader(catalogue: Connection) -> None:
    views = rows(
        catalogue,
        """
        SELECT c.oid::regclass::text AS name, c.relkind::text AS kind, c.reloptions AS options,
          ARRAY(SELECT grantee::regrole::text FROM aclexplode(c.relacl) WHERE grantee <> c.relowner) AS readers
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """,
    )
    assert {v.name: set(v.readers) for v in views} == PUBLISHED_VIEWS
    assert all(v.kind == "v" and "security_invoker=true" in v.options for v in views)


def test_security_definers_are_listed_and_have_a_fixed_search_path(catalogue: Connection) -> None:
    functions = rows(
        catalogue,
        """
        SELECT n.nspname || '.' || p.proname AS name, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """,
    )
    assert {f.name for f in functions} == SECURITY_DEFINERS
    assert all("search_path=pg_catalog, pg_temp" in f.proconfig for f in functions)


def test_function_roles_own_nothing_and_bypass_nothing(catalogue: Connection) -> None:
    roles = rows(catalogue, "SELECT * FROM pg_roles WHERE rolname LIKE 'fn\\_%'")
    assert roles
    assert not [r.rolname for r in roles if r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolinherit]
    memberships = rows(
        catalogue, "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'fn\\_%'"
    )
    assert not memberships


def test_nobody_may_truncate_delete_or_refer(catalogue: Connection) -> None:
    grants = rows(
        catalogue,
        """
        SELECT grantee, table_schema || '.' || table_name AS name, privilege_type FROM information_schema.role_table_grants
        WHERE grantee LIKE 'fn\\_%' AND privilege_type IN ('TRUNCATE', 'DELETE', 'REFERENCES', 'TRIGGER')
          AND table_schema <> 'sandbox'
        """,
    )
    assert not grants


def test_a_function_reaches_only_its_own_schema_and_flow(catalogue: Connection) -> None:
    grants = rows(
        catalogue,
        """
        SELECT DISTINCT grantee, table_schema FROM information_schema.role_table_grants WHERE grantee LIKE 'fn\\_%'
        """,
    )
    foreign = {(g.grantee, g.table_schema) for g in grants if g.table_schema not in (g.grantee[3:], "flow")}
    assert not foreign


def test_the_catalogue_tests_see_a_hole(catalogue: Connection) -> None:
    """The mutant: a tenant table without FORCE must be found, or the zero above proves nothing."""
    catalogue.execute(text("ALTER TABLE billing.invoices NO FORCE ROW LEVEL SECURITY"))
    open_tables = [r.name for r in rows(catalogue, TABLES) if r.tenant and not (r.relrowsecurity and r.relforcerowsecurity)]
    assert open_tables == ["billing.invoices"]
