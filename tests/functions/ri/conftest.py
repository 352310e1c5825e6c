"""What tests of the printed form ask for."""

import pytest

from tests.judges.judge import program


@pytest.fixture
def poppler() -> None:
    """A second judge of PDFs."""
    program("pdftotext", "install the package poppler-utils")
