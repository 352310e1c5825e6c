"""The only place that makes boto3 clients: lazily, with time limits, one a service and settings."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shared.errors import Unavailable
from shared.settings import AwsSettings


class CloudUnavailable(Unavailable):
    slug = "unavailable"


@dataclass(frozen=True)
class Aws:
    """Region, endpoint and keys; keys are None where the pod's own identity is used."""

    region: str
    endpoint_url: str | None
    access_key_id: str | None
    secret_access_key: str | None

    @classmethod
    def of(cls, settings: AwsSettings) -> "Aws":
        secret = settings.aws_secret_access_key
        return cls(
            settings.aws_region,
            settings.aws_endpoint_url,
            settings.aws_access_key_id,
            secret.get_secret_value() if secret else None,
        )

    def client(self, service: str) -> Any:
        """A boto3 client; typed by the module that uses it."""
        return _client(self, service)


@lru_cache(maxsize=16)
def _client(aws: Aws, service: str) -> Any:
    import boto3  # 230 ms and more a client: the first use pays, not the start
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=aws.region,
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=aws.access_key_id,
        aws_secret_access_key=aws.secret_access_key,
        config=Config(
            connect_timeout=3, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"}, s3={"addressing_style": "path"}
        ),
    )
