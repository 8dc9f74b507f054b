"""Constants along one axis, as a payload holds them: f64 and i64, plain, and nothing folded."""

from __future__ import annotations

from hzdsl.ir import build, tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Along:
    """The axis along which everything of one correction is computed."""

    axis: Node

    def number(self, x: float) -> Node:
        """Return an f64 constant; also 0 is a plain number here, so that all constants are of one type."""
        return build.lift(build.plain_const(float(x)), self.axis)

    def integer(self, i: int) -> Node:
        """Return an i64 constant."""
        return build.lift(build.plain_const(i), self.axis)

    def word(self, bits: int) -> Node:
        """Return a u64 constant."""
        signed = bits - 2**64 if bits >= 2**63 else bits
        return make("cast", self.integer(signed), dtype=DType.U64)

    def missing(self) -> Node:
        """Return an f64 that is never there."""
        return tables.entry(self.integer(-1), Numbers.of([0.0], DType.F64))
