"""PgBouncer in transaction mode with two server connections, in front of the test's database; skips where it is not installed."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from tests.judges import judge

SERVER_CONNECTIONS = 2


def installed() -> str:
    """Where it is."""
    return judge.program("pgbouncer", "`apt-get install pgbouncer` brings one")


def follows_prepared_statements(program: str) -> bool:
    """From 1.21 on; an older one is spoken to without them."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = re.findall(r"\d+", said)[:2]
    return (int(major), int(minor)) >= (1, 21)


@contextmanager
def bouncer(address: str, folder: Path) -> Iterator[str]:
    """The address through PgBouncer."""
    program, url = installed(), make_url(address)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prepared = "max_prepared_statements = 200" if follows_prepared_statements(program) else ""
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        f"""[databases]
{url.database} = host={url.host} port={url.port} dbname={url.database} user={url.username} password={url.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 100
ignore_startup_parameters = extra_float_digits,search_path,application_name
{prepared}
"""
    )
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.getuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    as_whom = ["-u", "nobody"] if os.getuid() == 0 else []
    process = subprocess.Popen([program, "-q", *as_whom, str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield URL.create("postgresql+pg8000", url.username, url.password, "127.0.0.1", port, url.database).render_as_string(
            hide_password=False
        )
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert process.poll() is None, "PgBouncer did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("PgBouncer does not answer")
