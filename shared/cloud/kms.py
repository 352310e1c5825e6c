"""KMS: one key a tenant, found by its alias and made at first use."""

from shared.cloud.session import Aws, CloudUnavailable


def tenant_key(aws: Aws, tenant: str) -> str:
    """The id of the tenant's key."""
    from botocore.exceptions import BotoCoreError, ClientError

    client, alias = aws.client("kms"), f"alias/getupnet-{tenant}"
    try:
        try:
            return str(client.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
        except client.exceptions.NotFoundException:
            key = str(client.create_key(Description=f"GetUpNet tenant {tenant}")["KeyMetadata"]["KeyId"])
            client.create_alias(AliasName=alias, TargetKeyId=key)
            return key
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
