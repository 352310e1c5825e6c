"""`./task bench`: ratios, each against a yardstick of the same run; printed, never asserted. FULL_FIGURES=1 is the long form."""

import argparse
import importlib

from tests.bench.figures import Figure

BENCHES = ("signing", "principal", "fairness", "ecf", "emission", "printing", "cold", "demo")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./task bench --", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)} (default: all)")
    names = parser.parse_args().names or BENCHES
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}")
    for name in names:
        figures: list[Figure] = importlib.import_module(f"tests.bench.{name}").run()
        for figure in figures:
            print(figure, flush=True)


if __name__ == "__main__":
    main()
