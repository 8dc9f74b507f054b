"""Every operation has a strategy by which random programs grow."""

from __future__ import annotations

from hzdsl.ir.ops import OPS
from tests.fuzz.strategies import GROW


def test_every_operation_has_a_strategy() -> None:
    assert set(GROW) == set(OPS)
