"""Look-up tables and keyed random numbers on the surface."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build, tables
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit, rescale
from hzdsl.lang.at_once import AtOnce
from hzdsl.lang.numpy_calls import number_of
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value, to_node

if TYPE_CHECKING:
    from hzdsl.corrections.bins import Place
    from hzdsl.corrections.numbers import Along

Number = int | float


# ---- numbers as given ----------------------------------------------------------------------------------------------


def _items(x: Any, what: str) -> list[Any]:
    """Return the elements of a list, tuple or array."""
    found = x.tolist() if isinstance(x, np.ndarray) else x
    if isinstance(found, str | dict | set | AtOnce) or not isinstance(found, Iterable):
        raise HzdslError(
            "arguments", f"{what} takes a list of numbers, not {x!r}", fix="[20, 30, 50] (text: (20, 30, 50))"
        )
    return list(found)


def _number(x: Any, what: str) -> Number | Quantity:
    found = number_of(x)
    if isinstance(found, bool) or not isinstance(found, int | float | Quantity):
        raise HzdslError("arguments", f"{what} holds {x!r}, which is no number", fix="numbers, or quantities: 20*GeV")
    return found


def _edges(given: Any, x: Node, what: str) -> list[Number]:
    """Return edges in the unit of x; a bare number is in the natural unit, for this is a slot."""
    found = [_in_unit(_number(e, what), x.type.unit, what) for e in _items(given, what)]
    if any(math.isnan(e) for e in found) or any(a >= b for a, b in itertools.pairwise(found)):
        raise HzdslError("binning", f"the {what} have to ascend, each above the one before", fix="sort them")
    return found


def _in_unit(number: Number | Quantity, unit: Unit, what: str) -> Number:
    if isinstance(number, Quantity):
        if not number.unit.fits(unit):
            raise HzdslError("unit", f"the {what} are in {unit.describe()}, and {number} is not")
        return rescale(number.value, number.unit, unit)
    if unit in (NONE, ANY):
        return number
    return rescale(float(number), unit.natural(), unit)


def _values(given: Sequence[Any]) -> tuple[Numbers, Unit]:
    """Return a row of values and their unit: that of the first quantity."""
    numbers = [_number(v, "values") for v in given]
    units = [v.unit for v in numbers if isinstance(v, Quantity)]
    if not units:
        return Numbers.of([v for v in numbers if not isinstance(v, Quantity)]), NONE
    fitting = []
    for v in numbers:
        if not isinstance(v, Quantity) and v != 0 and math.isfinite(v):
            raise HzdslError("unit", f"values mix {units[0]} with the plain number {v}", fix=f"{v}*{units[0]}")
        fitting.append(_in_unit(v, units[0], "values") if isinstance(v, Quantity) else float(v))
    return Numbers.of(fitting, DType.F64), units[0]


# ---- tables --------------------------------------------------------------------------------------------------------


def search(x: Any, edges: Any) -> Value:
    """Return how many of the ascending edges are at or below x; 0 for NaN."""
    node = to_node(x)
    return Value(tables.search(node, Numbers.of(_edges(edges, node, "edges"))))


def entry(index: Any, values: Any) -> Value:
    """Return the number at an index, counted from 0; missing outside."""
    return Value(tables.entry(to_node(index), *_values(_items(values, "values"))))


def float_bits(x: Any) -> Value:
    """Return the bits of a number as an integer, so that it can be a key of `random`; every NaN is the same."""
    return Value(tables.float_bits(to_node(x)))


def table(*x: Any, values: Any, edges: Any = None, keys: Any = None, outside: Any = "missing") -> Value:
    """Return the value of the bin in which x lies: ``table(pt, edges=[20, 30, 50], values=[0.9, 0.95])``.

    Parameters
    ----------
    x : value, or pairs (value, edges)
        One value with `edges` or `keys`; or a pair for each direction of a grid.
    values : list
        One for each bin, or key; nested lists for a grid, the first pair outermost.
    edges : list, optional
        Ascending; a bin includes its lower edge. Bare numbers are in GeV, cm, ns, pb.
    keys : list of int, optional
        Instead of edges, for an integer: each key has its value.
    outside : "missing", "clamp" or a number
        What holds outside of the bins: nothing, the nearest bin, or this number. NaN is above all bins.
    """
    from hzdsl.corrections.bins import grid_index
    from hzdsl.corrections.numbers import Along

    if keys is not None:
        return _by_keys(x, keys, edges, values, outside)
    if edges is not None:
        if len(x) != 1:
            raise HzdslError("arguments", f"edges= go with one value, and {len(x)} are given", fix=_GRID)
        x = ((x[0], edges),)
    if not x or not all(isinstance(d, tuple) and len(d) == 2 for d in x):
        raise HzdslError(
            "arguments", "table needs the edges of each value", fix=f"table(x, edges=…, values=…); {_GRID}"
        )
    nodes = build.on_common_axis(*(to_node(v) for v, _ in x))
    assert nodes[0].type.axis is not None
    along = Along(nodes[0].type.axis)
    flow = _flow(outside, ("missing", "clamp"))
    places = [_placed(node, given, flow, along) for node, (_, given) in zip(nodes, x, strict=True)]
    bins = [sum(c is not None for c in p.cells) for p in places]
    content = _grid(_items(values, "values"), bins)
    if flow == "value":
        content = _padded(content, [p.cells for p in places], outside)
    row, unit = _values(content)
    return Value(tables.entry(grid_index(places, along), row, unit))


_GRID = "a grid: table((abs(eta), [0, 1.2, 2.4]), (pt, [20, 30, 50]), values=[[…], […]])"


def _flow(outside: Any, words: tuple[str, ...]) -> str:
    if isinstance(outside, str):
        if outside not in words:
            fix = did_you_mean(outside, words) or f"one of {', '.join(words)}, or a number"
            raise HzdslError("arguments", f"outside='{outside}'", fix=fix)
        return {"missing": "error"}.get(outside, outside)
    _number(outside, "outside")
    return "value"


def _placed(x: Node, given: Any, flow: str, along: Along) -> Place:
    from hzdsl.corrections.bins import place

    edges = _edges(given, x, "edges")
    if len(edges) < 2:
        raise HzdslError("binning", "a table needs at least two edges", fix="edges=[20, 30, 50] make two bins")
    if not (x.type.dtype.numeric or x.type.dtype is DType.BOOL):
        raise HzdslError("dtype", f"{spell(x, 80)} is an object, and a table takes numbers", fix="take an attribute")
    whole = x.type.dtype.integer and x.type.dtype is not DType.U64 and all(isinstance(e, int) for e in edges)
    return place(build.cast(x, DType.I64 if whole else DType.F64), tuple(edges), flow, along)


def _grid(values: list[Any], bins: list[int]) -> list[Any]:
    """Return nested lists as one row, their lengths checked against the bins."""
    if len(values) != bins[0]:
        raise HzdslError("binning", f"{len(values)} values for {bins[0]} bins", fix="n edges make n - 1 bins")
    if len(bins) == 1:
        return values
    return [v for inner in values for v in _grid(_items(inner, "values"), bins[1:])]


def _padded(content: list[Any], cells: list[tuple[int | None, ...]], outside: Any) -> list[Any]:
    """Return the values of all cells of the grid, those outside of the bins included."""
    found = [0]
    for direction in cells:
        bins = sum(c is not None for c in direction)
        found = [-1 if at < 0 or c is None else at * bins + c for at in found for c in direction]
    return [outside if at < 0 else content[at] for at in found]


def _by_keys(x: tuple[Any, ...], keys: Any, edges: Any, values: Any, outside: Any) -> Value:
    if len(x) != 1 or edges is not None:
        raise HzdslError("arguments", "keys= go with one value and without edges", fix="table(pdgId, keys=…, values=…)")
    node, given, content = to_node(x[0]), _items(keys, "keys"), _items(values, "values")
    if not node.type.dtype.integer or node.type.dtype is DType.U64:
        raise HzdslError("dtype", f"keys are of an integer, and {spell(node, 80)} is {node.type.dtype.value}")
    if not all(isinstance(k, int) and not isinstance(k, bool) for k in given) or len(set(given)) != len(given):
        raise HzdslError("arguments", "keys are different whole numbers", fix="keys=[11, 13]")
    if len(given) != len(content) or not given:
        raise HzdslError("binning", f"{len(content)} values for {len(given)} keys", fix="give each key its value")
    flow = _flow(outside, ("missing",))
    order = sorted(range(len(given)), key=given.__getitem__)
    row, unit = _values([*([outside] if flow == "value" else []), *(content[i] for i in order)])
    return Value(tables.by_keys(node, [given[i] for i in order], row, unit, outside=flow == "value"))


# ---- random numbers ------------------------------------------------------------------------------------------------


def random(*keys: Any, seed: int) -> Value:
    """Return a number in [0, 1), uniform, that depends on integer keys and the seed alone.

    The same event gives the same number in every run, file order and backend: ``random(ev.run, ev.event, seed=1)``.
    """
    return Value(tables.random(*_keyed(keys, seed)))


def random_normal(*keys: Any, seed: int) -> Value:
    """Return a normally distributed number (mean 0, width 1) that depends on integer keys and the seed alone.

    Box and Muller's transform of two uniform numbers: √(-2 ln(1 - u)) cos(2πv); no more than 8.6 in size.
    """
    return Value(tables.random_normal(*_keyed(keys, seed)))


def _keyed(keys: Sequence[Any], seed: Any) -> tuple[list[Node], int]:
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise HzdslError("arguments", f"the seed is a whole number, not {seed!r}", fix="seed=42")
    if not keys:
        raise HzdslError("arguments", "random numbers need keys", fix="random(ev.run, ev.event, seed=42)")
    return [to_node(k) for k in keys], seed
