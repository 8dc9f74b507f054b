"""500 random programs: interpreter, compiled code and plain Python give equal bits; and the programs are worth it.

`make fuzz` runs many more. What it finds is kept in `tests/fuzz/found`.
"""

from __future__ import annotations

import pytest

from hzdsl.ir.ops import OPS
from tests.fuzz.hunt import Found, hunt
from tests.fuzz.strategies import GROW

SEED, BLOCKS, PROGRAMS = 20261121, 10, 50


@pytest.fixture(scope="module")
def hunted() -> Found:
    total = Found()
    for block in range(BLOCKS):
        total.merge(hunt(SEED, block, PROGRAMS))
    return total


def test_every_operation_has_a_strategy() -> None:
    assert set(GROW) == set(OPS)


def test_all_evaluations_agree(hunted: Found) -> None:
    assert not hunted.failures, "\n\n".join(hunted.failures)
    assert hunted.coverage.programs == BLOCKS * PROGRAMS


def test_every_operation_is_reached(hunted: Found) -> None:
    print(hunted.coverage.table())
    assert [op for op in OPS if hunted.coverage.operation(op) == 0] == []
    assert hunted.coverage.undeclared() == []


def test_most_programs_keep_and_reject_and_fill(hunted: Found) -> None:
    assert hunted.busy >= 0.8 * hunted.coverage.programs
