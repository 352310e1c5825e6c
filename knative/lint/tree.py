"""Careful looks into values whose shape may be wrong: a linter must survive what it complains about."""

from collections.abc import Iterator


def at(value: object, *steps: str | int) -> object:
    """What stands at that place, or None where the way there does not exist."""
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def mapping(value: object, *steps: str | int) -> dict[str, object]:
    """The mapping at that place; empty where there is none."""
    found = at(value, *steps)
    return found if isinstance(found, dict) else {}


def items(value: object, *steps: str | int) -> list[object]:
    """The list at that place; empty where there is none."""
    found = at(value, *steps)
    return found if isinstance(found, list) else []


def text(value: object, *steps: str | int) -> str:
    """The text at that place; empty where there is none."""
    found = at(value, *steps)
    return found if isinstance(found, str) else ""


def kind(value: object) -> tuple[str, str]:
    """(API group without version, kind)."""
    return text(value, "apiVersion").rpartition("/")[0], text(value, "kind")


def name(value: object) -> str:
    """`metadata.name`."""
    return text(value, "metadata", "name")


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every place and what stands there, from the top."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from walk(item, f"{path}[{n}]")
