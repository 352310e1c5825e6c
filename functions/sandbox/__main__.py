"""`python -m functions.sandbox --port N`: the stand-in of DGII alone, with a PostgreSQL of its own, on loopback."""

import argparse
import base64
import secrets
from pathlib import Path

import uvicorn

from functions.sandbox.app import build
from functions.sandbox.settings import Settings
from knative.embedded.postgres import Postgres
from shared.db.migrate import upgrade


def _kept(path: Path) -> str:
    """A secret made once: tokens and the database outlive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode("ascii"), encoding="ascii")
    return path.read_text(encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m functions.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--mode", choices=("open", "strict"), default="open")
    parser.add_argument("--data", type=Path, default=Path(".local/sandbox"), help="folder that keeps what it received")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    seal, password = _kept(options.data / "seal"), secrets.token_urlsafe(24)
    postgres = Postgres(options.data / "postgres").start()
    try:
        upgrade(postgres.url(), passwords={"sandbox": password}, seal_key=base64.b64decode(seal))
        url = postgres.url("fn_sandbox", password=password)
        settings = Settings.model_validate({"database_url": url, "tenant_seal_key": seal, "sandbox_mode": options.mode})
        print(f"DGII de prueba en http://127.0.0.1:{options.port}  (Ctrl+C para detener)", flush=True)
        uvicorn.run(build(settings), host="127.0.0.1", port=options.port, log_config=None, server_header=False)
    finally:
        postgres.stop()


if __name__ == "__main__":
    main()
