"""The data services: side by side, on loopback, restartable on the same data, never left behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pg8000.exceptions
import pg8000.native
import pytest
import redis

from knative.embedded.aws import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Ministack
from knative.embedded.postgres import Postgres
from knative.embedded.process import ServerFailed, answers, ended_with_parent
from knative.embedded.services import Services
from knative.embedded.valkey import Valkey
from shared.cloud.ses import MailRefused, ensure_sender, send_mail
from shared.cloud.session import Aws
from tests.patience import until

ROOT = Path(__file__).parents[3]


def client(aws: Ministack, service: str) -> "boto3.client":  # type: ignore[valid-type]
    keys = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
    return boto3.client(service, endpoint_url=aws.url, region_name=REGION, **keys)  # type: ignore[call-overload]


def test_all_data_is_there_after_a_restart(tmp_path: Path) -> None:
    with Services(tmp_path, fast=True) as services:
        services.postgres.ensure_database("getupnet")
        services.postgres.ask("getupnet", "CREATE TABLE kept (n int)")
        redis.Redis.from_url(services.valkey.url).set("kept", "1")
        client(services.aws, "s3").create_bucket(Bucket="kept")
        client(services.aws, "s3").put_object(Bucket="kept", Key="k", Body=b"v")
        client(services.aws, "secretsmanager").create_secret(Name="kept", SecretBinary=b"s")
        key = client(services.aws, "kms").create_key()["KeyMetadata"]["KeyId"]
        sealed = client(services.aws, "kms").encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"]
    assert services.pids == {"postgres": None, "valkey": None, "ministack": None, "mail": None}
    with Services(tmp_path, fast=True) as services:
        services.postgres.ensure_database("getupnet")
        assert services.postgres.ask("getupnet", "SELECT count(*) FROM kept") == [[0]]
        assert redis.Redis.from_url(services.valkey.url).get("kept") == b"1"
        assert client(services.aws, "s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
        assert client(services.aws, "secretsmanager").get_secret_value(SecretId="kept")["SecretBinary"] == b"s"
        assert client(services.aws, "kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"p"


def test_the_emulator_of_a_cluster_takes_mails_of_a_registered_sender(tmp_path: Path) -> None:
    aws = Ministack(tmp_path / "ministack").start()
    try:
        there = Aws(REGION, aws.url, ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        mail = b"From: a@getupnet.example\r\nTo: b@example.com\r\nSubject: Hola\r\n\r\nHola.\r\n"
        with pytest.raises(MailRefused):
            send_mail(there, sender="GetUpNet <a@getupnet.example>", recipient="b@example.com", message=mail)
        for _ in range(2):
            ensure_sender(there, "a@getupnet.example")
        assert send_mail(there, sender="GetUpNet <a@getupnet.example>", recipient="b@example.com", message=mail)
    finally:
        aws.stop()


def listening(port: int) -> set[str]:
    table = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in table if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


def test_everything_listens_on_loopback_only_and_wants_a_password(tmp_path: Path) -> None:
    with Services(tmp_path, fast=True) as services:
        loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
        for port in (services.postgres.port, services.valkey.port, services.aws.port, services.mail.port):
            assert listening(port) == {loopback}
        postgres = services.postgres
        assert (postgres.data.with_suffix(".password").stat().st_mode & 0o777) == 0o600
        assert postgres.url("x", "getupnet") == f"postgresql+pg8000://x:{postgres.password}@127.0.0.1:{postgres.port}/getupnet"
        with pytest.raises(pg8000.exceptions.DatabaseError, match="28P01"):
            pg8000.native.Connection("postgres", host="127.0.0.1", port=postgres.port, password="wrong")


def test_valkey_keeps_every_second_and_evicts_nothing(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path / "valkey").start()
    try:
        settings = redis.Redis.from_url(valkey.url).config_get("append*", "maxmemory-policy")
        assert (settings["appendonly"], settings["appendfsync"], settings["maxmemory-policy"]) == ("yes", "everysec", "noeviction")
    finally:
        valkey.stop()


@pytest.mark.parametrize(("fast", "fsync"), [(True, "off"), (False, "on")])
def test_durability_is_given_away_only_when_asked(tmp_path: Path, fast: bool, fsync: str) -> None:
    postgres = Postgres(tmp_path / "pg", fast=fast).start()
    try:
        assert postgres.ask("postgres", "SHOW fsync") == [[fsync]]
    finally:
        postgres.stop()


def test_a_lock_left_by_a_dead_server_does_not_stop_the_next(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "pg", fast=True).start()
    postgres.stop()
    lock = "\n".join([str(os.getpid()), str(postgres.data), "0", str(postgres.port), "", "127.0.0.1", "", "ready"])
    (postgres.data / "postmaster.pid").write_text(lock)
    postgres.start()
    try:
        assert postgres.ask("postgres", "SELECT 1") == [[1]]
    finally:
        postgres.stop()


PARENT = """
import sys, time
from pathlib import Path
from knative.embedded.services import Services
with Services(Path(sys.argv[1]), fast=True) as s:
    print(s.postgres.port, s.valkey.port, s.aws.port, s.mail.port, flush=True)
    time.sleep(60)
"""


def test_all_servers_end_when_their_parent_is_killed_and_start_again_on_the_same_data(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    ports = [int(port) for port in parent.stdout.readline().split()]
    assert [answers(port) for port in ports] == [True, True, True, True]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not any(answers(port) for port in ports))
    with Services(tmp_path, fast=True) as services:
        assert services.postgres.ask("postgres", "SELECT 1") == [[1]]


def test_a_missing_setpriv_is_said_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    assert ended_with_parent("INT") == ended_with_parent("INT") == []
    assert capsys.readouterr().err.count("setpriv (util-linux) is not installed") == 1


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "pg", fast=True).start()
    try:
        with pytest.raises(ServerFailed, match="Address already in use"):
            Postgres(tmp_path / "other", port=postgres.port, fast=True).start()
    finally:
        postgres.stop()
