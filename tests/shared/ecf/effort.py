"""How much the generating tests try: a short form by default, the issue's figures with FULL_FIGURES=1."""

import os

FULL = os.environ.get("FULL_FIGURES") == "1"


def tries(short: int, full: int) -> int:
    """The number of examples of this run."""
    return full if FULL else short
