"""relay's outside: the trigger files, which say who consumes what."""

from pathlib import Path

import yaml

from functions.relay.domain import Subscription


def subscriptions(folder: Path) -> tuple[Subscription, ...]:
    """(type, consumer) of every Trigger that names one of our types exactly; wake-ups are no facts and are left out."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if not document or document.get("kind") != "Trigger":
                continue
            for entry in document["spec"].get("filters", []):
                exact = entry.get("exact", {})
                if "type" in exact and "subject" not in exact:
                    found.append(Subscription(exact["type"], document["spec"]["subscriber"]["ref"]["name"]))
    return tuple(found)
