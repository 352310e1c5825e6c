"""What an operation takes, read from its OpenAPI: a body with every object that may stand in it, and where those objects are."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Json = Any


def resolved(schema: Json, document: Json) -> Json:
    """The schema behind a reference, the first that is not null of several."""
    if "$ref" in schema:
        return resolved(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "anyOf" in schema:
        return resolved(next(one for one in schema["anyOf"] if one.get("type") != "null"), document)
    return schema


def sample(schema: Json, document: Json) -> Json:
    """A value of about that shape: required members, and every member that is or holds an object."""
    found = resolved(schema, document)
    match found.get("type"):
        case "object":
            members = found.get("properties", {})
            wanted = set(found.get("required", ())) | {name for name, one in members.items() if holds_object(one, document)}
            return {name: sample(members[name], document) for name in members if name in wanted}
        case "array":
            return [sample(found["items"], document)]
        case "integer" | "number":
            return found.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return found.get("enum", ["x" * found.get("minLength", 1)])[0]


def holds_object(schema: Json, document: Json) -> bool:
    found = resolved(schema, document)
    return found.get("type") == "object" or (found.get("type") == "array" and holds_object(found["items"], document))


def objects(value: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every object inside, the outermost first."""
    if isinstance(value, dict):
        yield at
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from objects(member, (*at, name))


def with_more(value: Json, at: tuple[str | int, ...], name: str, more: Json) -> Json | None:
    """The same with one member more in the object at that path; None where it has that member already."""
    changed = deepcopy(value)
    inside = changed
    for step in at:
        inside = inside[step]
    if name in inside:
        return None
    inside[name] = more
    return changed


def members_at(schema: Json, document: Json, at: tuple[str | int, ...]) -> set[str]:
    """The names that the object at that path may have."""
    found = resolved(schema, document)
    for step in at:
        found = resolved(found["items"] if isinstance(step, int) else found["properties"][step], document)
    return set(found.get("properties", {}))
