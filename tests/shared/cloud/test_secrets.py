"""A tenant's secrets: kept under its own key, read back, and absent as "unavailable"."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from shared.cloud.kms import tenant_key
from shared.cloud.secrets import get_secret, put_secret
from shared.cloud.session import Aws, CloudUnavailable
from shared.db.ids import uuid7

AWS = Aws("us-east-1", None, "test", "test")


@pytest.fixture
def name() -> str:
    """One that nobody used: moto's memory is shared by the whole process."""
    return f"/{uuid7()}"


@pytest.fixture(autouse=True)
def cloud() -> Iterator[None]:
    with mock_aws():
        yield


def test_a_secret_comes_back_as_it_was_put(name: str) -> None:
    put_secret(AWS, name, "señora\n", tenant="t")
    assert get_secret(AWS, name) == "señora\n"


def test_a_tenant_has_one_key_and_another_tenant_another(name: str) -> None:
    assert tenant_key(AWS, "one") == tenant_key(AWS, "one") != tenant_key(AWS, "other")
    put_secret(AWS, name, "x", tenant="one")
    described = boto3.client("secretsmanager", region_name="us-east-1").describe_secret(SecretId=name)
    assert described["KmsKeyId"] == tenant_key(AWS, "one")
    assert described["Tags"] == [{"Key": "tenant", "Value": "one"}]


def test_a_secret_that_is_not_there_or_taken_is_unavailable(name: str) -> None:
    with pytest.raises(CloudUnavailable):
        get_secret(AWS, "/nowhere")
    put_secret(AWS, name, "x", tenant="t")
    with pytest.raises(CloudUnavailable):
        put_secret(AWS, name, "y", tenant="t")
    assert get_secret(AWS, name) == "x"


def test_a_tenants_key_is_for_its_own_p12_and_its_own_sealed_columns_and_nothing_else() -> None:
    kms = boto3.client("kms", region_name="us-east-1")
    policy = json.loads(kms.get_key_policy(KeyId=tenant_key(AWS, "three"), PolicyName="default")["Policy"])
    using = [one for one in policy["Statement"] if {"kms:Decrypt", "kms:GenerateDataKey"} & set(one["Action"])]
    assert [one["Sid"] for one in using] == ["OpenSecretsOfThisTenant", "SealColumnsOfThisTenant"]
    said, columns = [one["Condition"] for one in using]
    assert columns["StringEquals"] == {"kms:EncryptionContext:tenant": "three"}
    assert columns["Null"] == {"kms:EncryptionContext:purpose": "false", "kms:ViaService": "true"}
    assert said["StringEquals"] == {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}
    secret, trial = said["StringLike"]["kms:EncryptionContext:SecretARN"]
    assert secret.endswith(":secret:/getupnet/three/p12/*")
    assert trial == "RequestToValidateKeyAccess"
    assert not [action for one in policy["Statement"] for action in one["Action"] if action in ("kms:*", "*")]
