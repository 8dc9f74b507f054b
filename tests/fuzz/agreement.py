"""Random programs: interpreter, compiled code and plain Python give equal bits; and the programs are worth it.

A test file runs one part of them, so that several processes share the work. `make fuzz` runs many more. What it finds
is kept in `tests/fuzz/found`.
"""

from __future__ import annotations

import pytest

from hzdsl.ir.ops import OPS
from tests.fuzz.hunt import Found, hunt

SEED, PROGRAMS = 20261121, 50


class Agreement:
    """What must hold of some blocks of random programs."""

    blocks: range

    @pytest.fixture(scope="class")
    @classmethod
    def hunted(cls) -> Found:
        total = Found()
        for block in cls.blocks:
            total.merge(hunt(SEED, block, PROGRAMS))
        return total

    def test_all_evaluations_agree(self, hunted: Found) -> None:
        assert not hunted.failures, "\n\n".join(hunted.failures)
        assert hunted.coverage.programs == len(self.blocks) * PROGRAMS

    def test_every_operation_is_reached(self, hunted: Found) -> None:
        print(hunted.coverage.table())
        assert [op for op in OPS if hunted.coverage.operation(op) == 0] == []
        assert hunted.coverage.undeclared() == []

    def test_most_programs_keep_and_reject_and_fill(self, hunted: Found) -> None:
        assert hunted.busy >= 0.8 * hunted.coverage.programs
