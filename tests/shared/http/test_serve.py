"""A process serves one function, by a name that is one."""

import pytest

from shared.http.serve import load


@pytest.mark.parametrize("name", ["", "../auth", "auth.app", "Auth", "auth\n", "auth auth", "_auth", "os;", "ñ"])
def test_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(SystemExit):
        load(name)


def test_a_function_that_does_not_exist_is_not_made_up() -> None:
    with pytest.raises(ModuleNotFoundError):
        load("nobody")
