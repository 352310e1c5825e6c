"""`python -m tests.bench [name …]`: ratios, each measured against a yardstick in the same run; printed, never asserted."""

import importlib
import sys

from tests.bench.figures import Figure

BENCHES = ("signing", "principal", "fairness", "ecf", "emission", "printing", "cold", "demo")


def main(names: list[str]) -> None:
    for name in names or BENCHES:
        figures: list[Figure] = importlib.import_module(f"tests.bench.{name}").run()
        for figure in figures:
            print(figure, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
