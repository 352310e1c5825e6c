"""UUIDv7: ids that sort by the time they were made (RFC 9562 §5.7)."""

import os
import time
import uuid


def uuid7() -> str:
    """48 bits of milliseconds, 74 of randomness, in canonical text."""
    value = int.from_bytes(os.urandom(16), "big")
    value = (value & ((1 << 80) - 1)) | (time.time_ns() // 1_000_000) << 80
    value = (value & ~(0xF << 76)) | 0x7 << 76
    value = (value & ~(0x3 << 62)) | 0x2 << 62
    return str(uuid.UUID(int=value))
