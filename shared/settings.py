"""Typed environment. A function composes the parts it needs and `app.py` builds one instance."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessSettings(BaseSettings):
    """What every process reads. `k_sink` comes from a SinkBinding; without it nothing is published and relay sweeps."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    log_level: str = "INFO"
    threads: PositiveInt = Field(default=4, description="requests and events worked at once")
    k_sink: str | None = None


class DatabaseSettings(ProcessSettings):
    """A function with tables: its own login role, and the key that seals the tenant into each transaction (base64)."""

    database_url: SecretStr
    database_pool_size: PositiveInt = 2
    tenant_seal_key: SecretStr


class SchemaSettings(ProcessSettings):
    """A function that judges documents by their schema: a folder with DGII's own schemas, in place of the built-in ones."""

    schema_folder: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = None


class CallerSettings(ProcessSettings):
    """A function that announces facts or calls another one: its Ed25519 seed (base64)."""

    function_key: SecretStr


class CalledSettings(ProcessSettings):
    """A function that consumes events or is called: every function's public key, JSON `{function: base64}`."""

    function_keys: str


class PortalSettings(ProcessSettings):
    """A function with a door for people and ERPs: the public keys of user tokens, JSON `{kid: base64}`, at most three.

    Redis counts requests and knows revoked sessions. `forwarded_hops` is how many of our own proxies add to X-Forwarded-For.
    `portal_origins` are the web pages of other origins that may read answers, parted by spaces: none unless named.
    """

    user_keys: str
    redis_url: SecretStr
    forwarded_hops: PositiveInt = 1
    portal_origins: str = ""


class AwsSettings(ProcessSettings):
    """A function that reaches AWS. `aws_endpoint_url` is set on one machine only; keys come from the pod's identity."""

    aws_region: str
    aws_endpoint_url: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None


class PeerSettings(AwsSettings):
    """A function whose doors take requests that peers sign (docs/peers.md): KMS opens the peers' secrets."""
