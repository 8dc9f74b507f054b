"""Axes of histograms: a value, its bins, and the unit they are written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import analysis as ir
from hzdsl.ir import build
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.objects import Particle
from hzdsl.lang.places import located
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import to_node
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Axis:
    """An axis as written: the value and its bins. Made by `axis`."""

    value: Any
    bins: Any = None
    range: tuple[Any, Any] | None = None
    edges: Sequence[Any] | None = None
    label: str = ""


@located
def axis(
    x: Any,
    bins: Any = None,
    low: Any = None,
    high: Any = None,
    *,
    edges: Sequence[Any] | None = None,
    label: str = "",
) -> Axis:
    """Return one axis of a histogram: ``hz.axis(jet.pt, 20, 30, 230)`` or ``hz.axis(x, edges=[…])``."""
    return Axis(x, bins, None if low is None and high is None else (low, high), edges, label)


def check_axes(histogram: str, axes: Sequence[Any]) -> None:
    """Raise ``arguments`` where bins and range were given as if they were axes: ``histogram("h", x, 10, 0, 100)``."""
    if not axes:
        raise HzdslError("arguments", f"histogram '{histogram}' has no axis")
    numbers = [_written(x) for x in axes if isinstance(x, int | float | Quantity)]
    if numbers:
        bins = f"hz.axis(x, {', '.join(numbers)})"
        if len(numbers) == len(("bins", "low", "high")):
            bins += f", or bins={numbers[0]}, range=({numbers[1]}, {numbers[2]})"
        raise HzdslError("arguments", f"histogram '{histogram}': {numbers[0]} is no axis", fix=bins)


def _written(x: Any) -> str:
    return f"{x.value:g}*{x.unit}" if isinstance(x, Quantity) else str(x)


def built_axis(histogram: str, a: Axis, i: int) -> ir.Axis:
    """Return axis number `i` of a histogram: the value in f64 and in the unit of its edges."""
    if isinstance(a.value, Particle):
        raise HzdslError("dtype", f"an axis of histogram '{histogram}' is an object", fix="use one of its attributes")
    node = to_node(a.value)
    if node.type.dtype in ir.CATEGORICAL and a.bins is None and a.range is None and a.edges is None:
        return _categorical(node, f"x{i}" if i else histogram, a.label)
    unit = node.type.unit.natural()
    if isinstance(a.edges, Sequence) and a.bins is None and a.range is None and len(a.edges) >= 2:
        edges, bins = tuple(_edge(histogram, e, unit) for e in a.edges), None
        unit = _written_unit(a.edges, unit)
    elif a.edges is None and a.bins is not None and a.range is not None and len(a.range) == 2:
        edges, bins = tuple(_edge(histogram, e, unit) for e in a.range), to_node(a.bins)
        unit = _written_unit(a.range, unit)
    else:
        fix = "bins=36, range=(70, 180)"
        if isinstance(a.bins, Sequence):
            fix = f"edges={list(a.bins)!r}"
        raise HzdslError("binning", f"histogram '{histogram}' needs bins and a range, or at least two edges", fix=fix)
    edges = tuple(build.to_unit(e, unit) for e in edges)
    value = build.cast(build.to_unit(node, unit), DType.F64)
    made = ir.Axis(value, edges, bins, unit, f"x{i}" if i else histogram, a.label)
    ir.check_binning(histogram, made, {})
    return made


def _categorical(node: Node, name: str, label: str) -> ir.Axis:
    """Return the axis of a condition or a category: a bin per value, called by its name."""
    names = node.type.labels or ("false", "true")
    edges = tuple(build.const(float(k)) for k in range(len(names) + 1))
    number = build.cast(build.cast(node, DType.I64), DType.F64)
    return ir.Axis(number, edges, None, NONE, name, label, names)


def _edge(histogram: str, x: Any, unit: Unit) -> Node:
    node = to_node(x)
    if node.op not in ("const", "param"):
        raise HzdslError(
            "binning",
            f"an edge of histogram '{histogram}' is an expression",
            fix="use a number, a quantity or a parameter",
        )
    return build.in_slot(
        build.cast(node, DType.F64) if node.op == "param" else _as_f64(node), unit, f"histogram '{histogram}'"
    )


def mark(histogram: str, x: Any, unit: Unit) -> float:
    """Return a marked value of a histogram in the unit of its axis."""
    if isinstance(x, Quantity):
        return x.in_unit(unit)
    if isinstance(x, int | float) and not isinstance(x, bool):
        return float(x)
    raise HzdslError("binning", f"a mark of histogram '{histogram}' is {x!r}", fix="use a number or a quantity")


def _as_f64(node: Node) -> Node:
    number = build.const_value(node)
    assert number is not None
    return build.const(float(number), node.type.unit)


def _written_unit(edges: Iterable[Any], natural: Unit) -> Unit:
    """Return the unit the axis was written in: that of the first edge with one."""
    for e in edges:
        if isinstance(e, Quantity):
            return e.unit
    return natural


def on_common_axis(name: str, axes: list[ir.Axis]) -> tuple[ir.Axis, ...]:
    """Return the axes with their values lifted to the finest of theirs."""
    nodes = build.on_common_axis(*(a.node for a in axes))
    return tuple(replace(a, node=n) for a, n in zip(axes, nodes, strict=True))
