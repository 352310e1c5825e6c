"""System libraries that no wheel brings: pango for the printed form. Installs them where it may, names them where not."""

import ctypes.util
import os
import shutil
import subprocess
import sys

LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONT = "fonts-dejavu-core"


def missing() -> list[str]:
    """Debian names of what is not here."""
    return [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]


def main() -> int:
    """0 when all is there at the end; 1 after one line that says what to install."""
    wanted = missing()
    if not wanted:
        return 0
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *wanted, FONT]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(wanted)} (once)", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(command, check=False, **quiet)  # type: ignore[call-overload]
        wanted = missing()
    if wanted:
        print(f"missing system libraries: on Debian or Ubuntu run: sudo {' '.join(command)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
