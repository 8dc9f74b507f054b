"""In which bin a value lies: the index of a cell, for each way to treat what is outside."""

from __future__ import annotations

from hzdsl.corrections.numbers import Along
from hzdsl.corrections.records import Edges, Uniform
from hzdsl.ir import tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Place:
    """Where a value lies along one input.

    Parameters
    ----------
    index : Node
        The number of its cell (i64); without `inside` it may be outside the cells, which then means nothing is there.
    cells : tuple of int or None
        The bin that each cell stands for; None for what is outside the bins.
    inside : Node or None
        Where the value is in a bin at all, if that does not follow from the index.
    """

    index: Node
    cells: tuple[int | None, ...]
    inside: Node | None = None


def place(x: Node, edges: Edges, flow: str, along: Along) -> Place:
    """Return where `x` lies: ``flow`` is error (missing outside), clamp, wrap or value (cells of their own).

    Bins include their lower edge. NaN lies above all bins, as for C++'s upper_bound. `x` is f64, or i64 with `edges`
    that are whole numbers and not wrapped.
    """
    return _uniform(x, edges, flow, along) if isinstance(edges, Uniform) else _explicit(x, edges, flow, along)


def _explicit(x: Node, edges: tuple[float, ...], flow: str, along: Along) -> Place:
    bins = tuple(range(len(edges) - 1))
    row = Numbers.of(edges, x.type.dtype)
    if flow == "clamp":
        index = tables.search(x, Numbers.of(edges[1:-1], x.type.dtype))
        given = x.args[0] if x.op == "cast" else x  # an integer is never NaN
        if given.type.dtype.floating:
            index = make("where", make("eq", given, given), index, along.integer(bins[-1]))
        return Place(index, bins)
    if flow == "value":
        return Place(tables.search(x, row), (None, *bins, None))
    if flow == "wrap":
        width = along.number(edges[-1] - edges[0])
        turns = _turns(x, along.number(edges[0]), width)
        x = make("add", along.number(edges[0]), make("mul", turns, width))
    count, one = tables.search(x, row), along.integer(1)
    inside = make("and", make("le", one, count), make("le", count, along.integer(len(bins))))
    return Place(make("sub", count, one), bins, inside)


def _turns(x: Node, low: Node, width: Node) -> Node:
    """How far x is from the lower end in units of the width, modulo one."""
    turns = make("div", make("sub", x, low), width)
    return make("sub", turns, make("math", turns, name="floor"))


def _uniform(x: Node, edges: Uniform, flow: str, along: Along) -> Place:
    """Rounding can put the last value below the upper end into cell n, as it does in correctionlib."""
    low, high, width = (along.number(v) for v in (edges.low, edges.high, edges.high - edges.low))
    bins = (*range(edges.n), None)
    share = _turns(x, low, width) if flow == "wrap" else make("div", make("sub", x, low), width)
    # the whole part of n·share, by counting the whole numbers that it reaches: it is then known to be in 0 … n
    count = tables.search(
        make("mul", along.number(float(edges.n)), share), Numbers.of(range(1, edges.n + 1), DType.F64)
    )
    if flow == "wrap":
        return Place(count, bins, make("eq", share, share))
    inside = make("and", make("le", low, x), make("lt", x, high))
    if flow == "error":
        return Place(count, bins, inside)
    beyond = edges.n if flow == "value" else edges.n - 1
    index = make("where", make("lt", x, high), count, along.integer(beyond))
    below = along.integer(edges.n if flow == "value" else 0)
    return Place(make("where", make("lt", x, low), below, index), bins)


def grid_index(places: list[Place], along: Along) -> Node:
    """Return the number of a cell of the grid, the last place fastest; outside all cells where any is not inside."""
    total = places[0].index
    for p in places[1:]:
        total = make("add", make("mul", total, along.integer(len(p.cells))), p.index)
    conditions = [p.inside for p in places if p.inside is not None]
    simple = len(places) == 1 and places[0].index.op == "sub"  # its index is outside the cells by itself
    if not conditions or simple:
        return total
    inside = conditions[0]
    for c in conditions[1:]:
        inside = make("and", inside, c)
    return make("where", inside, total, along.integer(-1))
