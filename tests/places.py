"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared"
"""Reference data that may lie beside the project; tests that read it skip where it does not."""
