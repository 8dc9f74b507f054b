"""A value with alternatives: what a systematic variation puts in its place."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.ir.ops.declare import Args, Attributes, Declarations, any_optional, same_axis, shared_unit
from hzdsl.ir.ops.derivatives import VARY
from hzdsl.ir.types import Type

_alternatives = Declarations("alternatives")


@_alternatives(
    "vary",
    "vary({args})",
    "The first operand; under the variation of this name, the alternative of its label.",
    "vary(Jet.pt, jes = (1.02*Jet.pt, 0.98*Jet.pt))",
    VARY,
    latex="{0}",
)
def _vary(args: Args, attrs: Attributes) -> Type:
    nominal, labels = args[0].type, attrs["labels"]
    assert isinstance(labels, tuple)
    assert len(labels) == len(args) - 1 > 0
    assert all(a.type.dtype is nominal.dtype for a in args)
    return replace(nominal, axis=same_axis(args), unit=shared_unit(args), optional=any_optional(args))


TABLE = {**_alternatives}
