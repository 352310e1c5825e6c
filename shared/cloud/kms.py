"""KMS: one key a tenant, found by its alias and made at first use; its policy lets it open that tenant's secrets only."""

import json
from datetime import datetime
from typing import Any

from shared.cloud.session import Aws, CloudUnavailable

# What Secrets Manager names as its context when it only tries whether it may use a key.
_TRIAL = "RequestToValidateKeyAccess"
_ADMINISTER = ("Create", "Describe", "Enable", "List", "Put", "Update", "Revoke", "Disable", "Get", "Delete", "Tag", "Untag")
SHORTEST_DELAY_DAYS = 7
"""KMS erases no key sooner."""


def tenant_key(aws: Aws, tenant: str) -> str:
    """The id of the tenant's key."""
    from botocore.exceptions import BotoCoreError, ClientError

    client, alias = aws.client("kms"), f"alias/getupnet-{tenant}"
    try:
        try:
            return str(client.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
        except client.exceptions.NotFoundException:
            return _make(client, alias, tenant)
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error


def _make(client: Any, alias: str, tenant: str) -> str:
    """The alias comes last, so whoever finds a key by it finds its policy too."""
    made = client.create_key(Description=f"GetUpNet tenant {tenant}", Tags=[{"TagKey": "tenant", "TagValue": tenant}])[
        "KeyMetadata"
    ]
    client.put_key_policy(KeyId=made["KeyId"], PolicyName="default", Policy=json.dumps(key_policy(made["Arn"], tenant)))
    try:
        client.create_alias(AliasName=alias, TargetKeyId=made["KeyId"])
    except client.exceptions.AlreadyExistsException:
        # Another upload of the company was faster: its key is the one.
        client.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=SHORTEST_DELAY_DAYS)
        return str(client.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
    return str(made["KeyId"])


def destroy_tenant_key(aws: Aws, tenant: str) -> datetime | None:
    """Disable the tenant's key at once and have it erased after KMS's shortest delay; when that is, None for a tenant without one.

    The alias stays until then, so that whoever still asks for the tenant's key finds one that opens and seals nothing.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    client, alias = aws.client("kms"), f"alias/getupnet-{tenant}"
    try:
        try:
            key = client.describe_key(KeyId=alias)["KeyMetadata"]
        except client.exceptions.NotFoundException:
            return None
        if key["KeyState"] != "PendingDeletion":
            client.disable_key(KeyId=key["KeyId"])
            client.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=SHORTEST_DELAY_DAYS)
            key = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
    erased_at: datetime = key["DeletionDate"]
    return erased_at


def key_policy(arn: str, tenant: str) -> dict[str, Any]:
    """The account administers the key. It opens P12 files through Secrets Manager, and there only what the encryption context
    says is this tenant's; and the data keys of sealed columns, which name the tenant themselves (security D-13, D-14)."""
    _, partition, _, region, account, _ = arn.split(":", 5)
    root = {"AWS": f"arn:{partition}:iam::{account}:root"}
    secrets = f"arn:{partition}:secretsmanager:{region}:{account}:secret:/getupnet/{tenant}/p12/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Administer",
                "Effect": "Allow",
                "Principal": root,
                "Action": [*(f"kms:{verb}*" for verb in _ADMINISTER), "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"],
                "Resource": "*",
            },
            {
                "Sid": "OpenSecretsOfThisTenant",
                "Effect": "Allow",
                "Principal": root,
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"},
                    "StringLike": {"kms:EncryptionContext:SecretARN": [secrets, _TRIAL]},
                },
            },
            {
                "Sid": "SealColumnsOfThisTenant",
                "Effect": "Allow",
                "Principal": root,
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:EncryptionContext:tenant": tenant},
                    "Null": {"kms:EncryptionContext:purpose": "false", "kms:ViaService": "true"},
                },
            },
        ],
    }
