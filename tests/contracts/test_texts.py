"""Every refusal has Spanish words, and every word belongs to a refusal."""

import importlib

from shared.errors import AppError
from shared.http.texts import TEXTS
from tests.contracts.test_shape import SOURCES, named


def all_errors() -> set[type[AppError]]:
    for path in SOURCES:
        module = named(path).removesuffix(".py").replace("/", ".")
        imported_for_effect = module.endswith(("__main__", "__init__", "render")) or ".migrations" in module
        if module.startswith(("functions.", "shared.")) and not imported_for_effect:
            importlib.import_module(module)
    found, waiting = set(), [AppError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += kind.__subclasses__()
    return found


def test_every_refusal_has_a_title_and_a_detail() -> None:
    assert not {e.slug for e in all_errors()} - set(TEXTS)


def test_no_text_is_left_over() -> None:
    assert not set(TEXTS) - {e.slug for e in all_errors()}
