"""What the tests of the text form share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl.text import loads, parse_expression


@pytest.fixture(scope="session")
def ev() -> hz.Events:
    return hz.events("nanoaod")


@pytest.fixture
def value(ev: hz.Events) -> Callable[..., Any]:
    """Evaluate an expression, perhaps with a block of definitions."""
    return lambda text, block="": parse_expression(text, ev, block)


@pytest.fixture
def message() -> Callable[[Callable[[], Any]], str]:
    """Return what a call says when it raises."""

    def said(build: Callable[[], Any]) -> str:
        with pytest.raises(hz.HzdslError) as error:
            build()
        return str(error.value)

    return said


@pytest.fixture
def refused(message: Callable[[Callable[[], Any]], str]) -> Callable[[str], str]:
    """Return what is said of a document that does not load."""
    return lambda text: message(lambda: loads(text, "spec.toml"))
