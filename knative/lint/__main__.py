"""`python -m knative.lint` checks manifests, with `--rendered ENV` a rendered overlay; `... routes` renders the routing table."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from knative.lint import check, routes
from knative.lint.faults import Fault
from knative.lint.source import parse


def main(arguments: list[str]) -> int:
    """Exit status: 0 when nothing is wrong, 1 with one line a fault."""
    if arguments[:1] == ["routes"]:
        routes.write(Path.cwd())
        return 0
    parser = argparse.ArgumentParser(prog="python -m knative.lint", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files or folders (default: all manifests of the project)")
    parser.add_argument("--json", action="store_true", help="faults as JSON")
    parser.add_argument("--rendered", choices=("dev", "staging", "production"), help="PATHS is a rendered overlay, - for stdin")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    if options.rendered:
        found = _rendered(options.paths, development=options.rendered == "dev")
    else:
        found = check.run(root, options.paths or list(check.EVERYTHING))
    if options.json:
        print(json.dumps([{**asdict(fault), "file": _short(fault, root)} for fault in found], indent=1))
    else:
        for fault in found:
            print(f"{_short(fault, root)}:{fault.line}: {fault.path or '(document)'}: {fault.message}")
    return 1 if found else 0


def _rendered(paths: list[str], *, development: bool) -> list[Fault]:
    found: list[Fault] = []
    for path in paths or ["-"]:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        documents, wrong = parse(text, Path("(rendered)" if path == "-" else path))
        found += [*wrong, *check.rendered(documents, development=development)]
    return found


def _short(fault: Fault, root: Path) -> str:
    return str(fault.file.relative_to(root) if fault.file.is_relative_to(root) else fault.file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
