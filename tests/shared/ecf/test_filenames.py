"""The file is called after who sends it and the number it carries."""

import pytest

from shared.ecf.filenames import check_file_name, file_name
from tests.shared.ecf.examples_documents import APPROVAL, RECEIPT, SUMMARY, VOIDING, numbered


def test_names_by_kind() -> None:
    assert file_name(numbered(31)) == "131880738E310000000007.xml"
    assert file_name(SUMMARY) == "131880738E320000000007.xml"
    assert file_name(RECEIPT) == file_name(APPROVAL) == "131880681E310000000007.xml"
    assert file_name(VOIDING) is None


@pytest.mark.parametrize(
    "name", ["131880738E310000000008.xml", "131880681E310000000007.xml", "131880738E310000000007.XML", "", "x" * 500]
)
def test_another_name_is_refused_as_dgii_does(name: str) -> None:
    (found,) = check_file_name(name, numbered(31))
    assert (found.code, found.codigo_dgii) == ("ECF-1091", "3243")
    assert len(found.detail) < 200


def test_the_right_name_and_no_rule_say_nothing() -> None:
    assert check_file_name("131880738E310000000007.xml", numbered(31)) == ()
    assert check_file_name("anything", VOIDING) == ()
