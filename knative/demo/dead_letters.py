"""Dead letters of the running stand-in, listed and replayed through the platform's own door."""

import argparse
import json
import sys
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from knative.demo.login import answer_challenge, kept


def main() -> int:
    """0 when it worked; 1 after one line that says what did not."""
    parser = argparse.ArgumentParser(prog="./task dlq --", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".local"), help="data folder of the stand-in (default: .local)")
    parser.add_argument("--replay", metavar="ID", help="send this dead letter again")
    options = parser.parse_args()
    try:
        state = json.loads((options.data / "state.json").read_text(encoding="utf-8"))
        login = kept(options.data)
    except FileNotFoundError:
        login = None
    if login is None:
        print("the stand-in does not run here; `./task up` starts it", file=sys.stderr)
        return 1
    with httpx.Client(base_url=state["urls"]["front"], timeout=60, trust_env=False) as http:
        asked = http.post("/auth/login", json={"email": login.email, "password": login.password}).raise_for_status()
        token = answer_challenge(http, asked.json()["challenge"], login.codes()).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        if options.replay:
            answer = http.post(f"/admin/dead-letters/{options.replay}/replay")
            print("replayed" if answer.is_success else answer.text)
            return 0 if answer.is_success else 1
        _show(http.get("/admin/dead-letters").raise_for_status().json()["items"])
    return 0


def _show(letters: list[dict[str, str]]) -> None:
    table = Table("id", "type", "company", "destination", "code", "received", "replayed")
    for letter in letters:
        names = ("id", "type", "company", "destination", "code", "received_at", "replayed_at")
        table.add_row(*(str(letter[name] or "") for name in names))
    Console().print(table if letters else "no dead letters")


if __name__ == "__main__":
    sys.exit(main())
