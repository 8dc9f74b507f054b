"""What applies to events of one kind: weights of simulation, the luminosity mask of data, as written."""

from __future__ import annotations

from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.schema import SchemaTag
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType
from hzdsl.lang.events import event_column
from hzdsl.lang.objects import Particle
from hzdsl.lang.regions import event_condition
from hzdsl.lang.values import Value, to_node


def weight_node(name: str, x: Any) -> Node:
    """Return a weight in f64, or say why it is none: it is one plain number per event, and always there."""
    what = f"weight '{name}'"
    if isinstance(x, Particle):
        raise HzdslError("dtype", f"{what} is an object", fix="use one of its attributes")
    node = to_node(x)
    if not node.type.dtype.numeric:
        kind = "a condition" if node.type.dtype is DType.BOOL else node.type.dtype.value
        raise HzdslError("dtype", f"{what} is {kind}: {spell(node, 80)}", fix="where(condition, 1, 0), or a region")
    if node.type.axis is not EVENT:
        assert node.type.axis is not None
        raise HzdslError(
            "axis",
            f"{what} has a value per {axis_name(node.type.axis)}: {spell(node, 80)}",
            fix="multiply those of all objects: prod(…)",
        )
    if node.type.optional:
        raise HzdslError(
            "missing-value",
            f"{what} may be missing: {spell(node, 80)}",
            fix="say what an event without it weighs: .otherwise(1)",
        )
    node = build.plain(node)
    if not node.type.unit.dimensionless:
        raise HzdslError("unit", f"{what} is in {node.type.unit}, not a plain number", fix="divide by a unit")
    return build.cast(node, DType.F64)


def certified(mask: Any, tag: SchemaTag) -> Node | None:
    """Return the condition of a luminosity mask: itself, or a mask called with run and luminosity block.

    Raises
    ------
    HzdslError
        ``branch-missing`` where the schema does not say which columns these are: the first two of its identifiers.
    """
    if mask is None or isinstance(mask, Value):
        return None if mask is None else mask.node
    if len(tag.identifiers) < 3:  # run, luminosity block, event
        raise HzdslError(
            "branch-missing",
            f"schema '{tag.name}' does not say which branches are run and luminosity block",
            fix='identifiers = ["run", "luminosityBlock", "event"] in the schema, or a condition as mask',
        )
    run, block = (Value(event_column(f.branch, f, tag)) for f in tag.identifiers[:2])
    return event_condition("the luminosity mask", mask(run, block))
