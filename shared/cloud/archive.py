"""S3: documents that are written once under a key that names their content, and read back."""

from shared.cloud.session import Aws, CloudUnavailable


def put_once(aws: Aws, bucket: str, key: str, content: bytes, *, media_type: str) -> None:
    """Store `content` unless `key` is there already (its content is then the same: the key carries the hash)."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
            raise CloudUnavailable from error
    except BotoCoreError as error:
        raise CloudUnavailable from error


def get_object(aws: Aws, bucket: str, key: str) -> bytes:
    """The bytes stored under `key`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        content: bytes = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise CloudUnavailable from error
    return content


def ensure_bucket(aws: Aws, bucket: str) -> None:
    """Make the bucket where Terraform has not (one machine, tests)."""
    client = aws.client("s3")
    if bucket not in {b["Name"] for b in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=bucket)
