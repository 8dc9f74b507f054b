"""The operations of the core: the one place where each is declared.

A declaration says how many operands there are, what they must be, what comes out (dtype, axis, unit, presence),
how it is written in text and LaTeX, and what it means, with an example. Everything else follows: a backend is one
table keyed by these names, and a test fails when a table lacks one; the reference page is generated from here.

Operands arrive unified (one axis, one dtype, one unit): `hzdsl.ir.build` lifts, casts and rescales, and everything on
the surface goes through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hzdsl.ir.ops import alternatives, arithmetic, axes, functions, leaves, reductions, references, tables
from hzdsl.ir.ops.declare import Op
from hzdsl.ir.ops.functions import BITS, MATH, PARTS

_FAMILIES = (leaves, alternatives, axes, references, reductions, arithmetic, functions, tables)

#: Every operation by its name.
OPS: Mapping[str, Op] = MappingProxyType({name: op for family in _FAMILIES for name, op in family.TABLE.items()})

__all__ = ["BITS", "MATH", "OPS", "PARTS", "Op"]
