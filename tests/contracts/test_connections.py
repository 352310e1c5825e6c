"""Scaled out to the end, the functions leave a fifth of the database's connections free."""

from collections.abc import Iterable

import pytest

from knative.lint.references import environment
from knative.lint.source import Document
from knative.lint.tree import kind, mapping, name, text
from tests.contracts.overlays import OVERLAYS, render

SHARE = 0.8
OVERLAP = 2
"""During a roll-out the old and the new revision both hold their pools."""
MAX_SCALE = "autoscaling.knative.dev/max-scale"


def demand(documents: Iterable[Document]) -> int:
    """Connections that all functions together may hold."""
    total = 0
    for document in documents:
        if kind(document.value) == ("serving.knative.dev", "Service"):
            scale = mapping(document.value, "spec", "template", "metadata", "annotations")[MAX_SCALE]
            pool = text(environment(document.value).get("DATABASE_POOL_SIZE"), "value")
            total += int(str(scale)) * int(pool) * OVERLAP
    return total


def limit(documents: Iterable[Document]) -> int:
    """`max_connections` of the overlay's database."""
    platform = next(d.value for d in documents if kind(d.value) == ("", "ConfigMap") and name(d.value) == "platform")
    return int(text(platform, "data", "postgres-max-connections"))


@pytest.mark.judge
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_budget_is_kept(overlay: str) -> None:
    documents = render(overlay)
    assert 0 < demand(documents) <= SHARE * limit(documents)


@pytest.mark.judge
def test_a_larger_scale_would_be_seen() -> None:
    documents = render("production")
    billing = next(d for d in documents if name(d.value) == "billing" and kind(d.value)[0] == "serving.knative.dev")
    assert demand([*documents, *[billing] * 3]) > SHARE * limit(documents)
