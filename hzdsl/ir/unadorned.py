"""What the author wrote of the values of a document, before they were brought to the unit and type of their place."""

from __future__ import annotations

from hzdsl.ir import analysis as ir
from hzdsl.ir import build
from hzdsl.ir.node import Node
from hzdsl.ir.spelling import plainest
from hzdsl.ir.types import DType


def plain_axis(axis: ir.Axis, first: bool) -> Node:
    """Return what the author wrote for an axis of a histogram: the value before it was scaled and made f64.

    The first axis alone says along which axis all of them are filled.
    """
    along = axis.node.type.axis
    assert along is not None
    for _, x in plainest(axis.node):
        if x.type.axis is not along and first:
            continue
        if x.type.target is not None:
            continue  # an object, of which the place in its list is taken
        if axis.categories and x.type.dtype not in ir.CATEGORICAL:
            continue
        number = build.cast(x, DType.I64) if axis.categories else build.to_unit(x, axis.unit)
        if build.lift(build.cast(number, DType.F64), along) is axis.node:
            return x
    return axis.node


def plain_weight(node: Node) -> Node:
    """Return what the author wrote for a weight, before it was made a plain f64."""
    return next((x for _, x in plainest(node) if build.cast(build.plain(x), DType.F64) is node), node)


def plain_output(node: Node) -> Node:
    """Return what the author wrote for an output, before it was brought to its natural unit."""
    unit = node.type.unit.natural()
    return next((x for _, x in plainest(node) if build.to_unit(x, unit) is node), node)
