"""Keeps a process that holds private keys from leaving its memory behind: no core file, no reading by its own user."""

import ctypes
import resource

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_memory_private() -> None:
    """RLIMIT_CORE 0 and not dumpable, for the rest of this process' life. OSError when the kernel refuses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
