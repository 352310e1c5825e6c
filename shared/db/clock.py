"""The database's time, which all processes share; between two looks at it a process's monotonic clock carries it on."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class DatabaseClock:
    """`at` is what the database said when this was made."""

    at: datetime
    _read_at: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._read_at)
