"""Put something around a function of a running process, named as `module:attribute` or `module:Class.attribute`."""

import importlib
from collections.abc import Callable
from typing import Any


def wrap(target: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Replace it by what `around` makes of it; AttributeError when it is not there."""
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    holder: Any = importlib.import_module(module)
    for owner in owners:
        holder = getattr(holder, owner)
    setattr(holder, name, around(getattr(holder, name)))
