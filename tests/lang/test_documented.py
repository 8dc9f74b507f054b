"""Every function, and every method of collections and values, stands in docs/language.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.lang.functions import FUNCTIONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
TABLES = set(re.findall(r"`(\w+)`", PAGE.partition("## All functions and methods")[2]))
INTERNAL = {"axis", "attribute", "element", "mapped", "node", "per_event"}


def public(kind: type) -> list[str]:
    return sorted({name for name in vars(kind) if not name.startswith("_")} - INTERNAL)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *public(hz.Collection), *public(hz.Value)}))
def test_is_listed(name: str) -> None:
    assert name in TABLES
