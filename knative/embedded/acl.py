"""Who may do what in Redis: one user a function, its own keys, and none of the commands that empty, list or reconfigure (RED-06).

`python -m knative.embedded.acl` prints the users' file of a cluster's Valkey, with the passwords of `knative.local secrets` hashed.
"""

import argparse
import hashlib
from collections.abc import Mapping
from pathlib import Path

from knative.embedded.state import State
from knative.rules.manifests import read

COMMANDS = (
    "-@all +auth +hello +ping +select +client|setinfo +client|setname +get +set +del +expire +time +evalsha +eval +script|load"
)
"""What `shared.cache` asks, and how its library introduces itself."""
_EVERYBODYS = "~*:limit:* ~*:said:*"
_OWN = {"auth": "~*revoked:*", "dgii": "~*dgii:token:* ~*dgii:seed:* %R~*revoked:*"}
_READER = "%R~*revoked:*"


def user(function: str, password: str) -> str:
    """The function's line of an ACL file; the password is in it as a hash."""
    keys = f"{_EVERYBODYS} {_OWN.get(function, _READER)}"
    return f"user {name(function)} reset on #{hashlib.sha256(password.encode()).hexdigest()} {keys} resetchannels {COMMANDS}"


def name(function: str) -> str:
    return f"fn_{function}"


def users(passwords: Mapping[str, str]) -> list[str]:
    return [user(function, password) for function, password in sorted(passwords.items())]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m knative.embedded.acl", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".local"), help="where the drawn secrets are (default: .local)")
    parser.add_argument("--root", type=Path, default=Path(), help="the project whose manifests name the functions (default: here)")
    options = parser.parse_args()
    passwords = State(options.data / "secrets.json").cache_passwords(read(options.root).references())
    print("\n".join(["user default off resetpass resetkeys resetchannels -@all", *users(passwords)]))


if __name__ == "__main__":
    main()
