"""`python -m shared.events eventing/triggers`: every event, who announces it, who consumes it."""

import re
import sys
from pathlib import Path

from shared.events.catalogue import ALL


def consumers(folder: Path) -> dict[str, list[str]]:
    """Type to functions, read from the trigger files without a YAML parser: `type:` and the subscriber's name."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for kind in re.findall(r"^\s+type: (do\.getupnet\.\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(kind, []).append(path.stem)
    return found


def main(folder: Path) -> None:
    heard = consumers(folder)
    for kind, event in ALL.items():
        who = ", ".join(heard.get(kind, [])) or f"nobody: {event.unheard}"
        print(f"{kind:48} {event.emitter:8} → {who}")
        print(f"{'':48} {(event.__doc__ or '').splitlines()[0]}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "eventing/triggers"))
