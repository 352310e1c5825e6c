"""Secrets Manager: a tenant's signing key, under a KMS key of its own (security D-13, D-14)."""

from collections.abc import Iterable

from shared.cloud.kms import tenant_key
from shared.cloud.session import Aws, CloudUnavailable


def put_secret(aws: Aws, name: str, value: str, *, tenant: str) -> None:
    """Create the secret `name`, encrypted under the tenant's key. CloudUnavailable when AWS does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 is loaded with its first use

    key = tenant_key(aws, tenant)
    try:
        aws.client("secretsmanager").create_secret(
            Name=name, SecretString=value, KmsKeyId=key, Tags=[{"Key": "tenant", "Value": tenant}]
        )
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error


def get_secret(aws: Aws, name: str) -> str:
    """The current value of the secret `name`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        value: str = aws.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
    return value


def delete_secrets(aws: Aws, names: Iterable[str], *, prefix: str) -> None:
    """Delete these and all whose name begins with `prefix`, without a way back. One that is gone already is no error."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = aws.client("secretsmanager")
    try:
        pages = client.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
        found = {secret["Name"] for page in pages for secret in page["SecretList"]}
        for name in sorted(found | set(names)):
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
