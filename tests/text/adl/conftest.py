"""What the tests of ADL share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hzdsl.ir.analysis import Document
from hzdsl.text import loads


@pytest.fixture
def adl() -> Callable[[str], Document]:
    """Return the document of an ADL text."""
    return lambda text: loads(text, "spec.adl").document


@pytest.fixture
def refused_adl(message: Callable[[Callable[[], object]], str]) -> Callable[[str], str]:
    """Return what is said of an ADL text that does not load."""
    return lambda text: message(lambda: loads(text, "spec.adl"))
