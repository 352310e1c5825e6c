"""Each public code is seen to be given and seen not to be, through the public way in; none is without its examples."""

from collections.abc import Callable

import pytest

from shared.ecf.amounts import compute
from shared.ecf.codes import table
from shared.ecf.document import parse
from shared.ecf.findings import Verdict
from shared.ecf.rules import check
from shared.errors import InvalidInput
from tests.shared.ecf.bodies import EMISOR, HOY, good
from tests.shared.ecf.examples_bodies import AMOUNTS, INTAKE, RULES
from tests.shared.ecf.examples_documents import DOCUMENTS

BODIES = {**INTAKE, **RULES, **AMOUNTS}


def codes_of(payload: object) -> set[str]:
    try:
        document, found = compute(parse(payload, emisor=EMISOR, today=HOY))
    except InvalidInput as refused:
        return {one.code for one in refused.errors}
    return {one.code for one in found + check(document, today=HOY)}


EXAMPLES: dict[str, tuple[Callable[[], set[str]], Callable[[], set[str]]]] = {
    **{code: (lambda bad=bad: codes_of(bad), lambda fine=fine: codes_of(fine)) for code, (bad, fine) in BODIES.items()},  # type: ignore[misc]
    **DOCUMENTS,
}


def test_no_code_lacks_its_examples() -> None:
    assert set(EXAMPLES) == set(table())


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_the_bad_example_has_the_code_and_the_good_one_has_not(code: str) -> None:
    bad, fine = EXAMPLES[code]
    assert code in bad()
    assert code not in fine()


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_the_good_example_is_not_refused(code: str) -> None:
    refused = {one for one in EXAMPLES[code][1]() if table()[one].verdict is Verdict.REFUSED}
    assert refused == set()


@pytest.mark.parametrize("tipo", [31, 32, 33, 34, 41, 43, 44, 45, 46, 47])
def test_the_smallest_good_body_of_each_type_has_nothing_to_say(tipo: int) -> None:
    assert codes_of(good(tipo)) == set()
