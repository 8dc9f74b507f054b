"""Look-up tables, keyed random numbers, corrections and luminosity masks on the surface."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hzdsl.corrections.bins import Place, grid_index, place
from hzdsl.corrections.lowering import lower
from hzdsl.corrections.lumi import certified, read_ranges
from hzdsl.corrections.numbers import Along
from hzdsl.corrections.reading import read_correction
from hzdsl.corrections.records import Compound, Correction, Variable
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build, tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit, rescale
from hzdsl.lang.numpy_calls import number_of
from hzdsl.lang.places import located
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value, to_node

Number = int | float


# ---- numbers as given ----------------------------------------------------------------------------------------------


def _items(x: Any, what: str) -> list[Any]:
    """Return the elements of a list, tuple or array."""
    found = x.tolist() if hasattr(x, "tolist") else x
    if isinstance(found, str | dict | set) or not isinstance(found, Iterable):
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
    ascending = [given[i] for i in order]
    wide = build.cast(node, DType.I64)
    count = tables.search(wide, Numbers.of(ascending))
    held = make("eq", tables.entry(count, Numbers.of([ascending[0], *ascending])), wide)
    assert wide.type.axis is not None
    along = Along(wide.type.axis)
    spare = along.integer(0 if flow == "value" else -1)
    index = make("where", held, count if flow == "value" else make("sub", count, along.integer(1)), spare)
    row, unit = _values([*([outside] if flow == "value" else []), *(content[i] for i in order)])
    return Value(tables.entry(index, row, unit))


# ---- random numbers ------------------------------------------------------------------------------------------------


def random(*keys: Any, seed: int) -> Value:
    """Return a number in [0, 1), uniform, that depends on integer keys and the seed alone.

    The same event gives the same number in every run, file order and backend: ``random(ev.run, ev.event, seed=1)``.
    """
    return Value(_uniform(keys, seed, 0))


def random_normal(*keys: Any, seed: int) -> Value:
    """Return a normally distributed number (mean 0, width 1) that depends on integer keys and the seed alone.

    Box and Muller's transform of two uniform numbers: √(-2 ln(1 - u)) cos(2πv); no more than 8.6 in size.
    """
    u, v = (_uniform(keys, seed, stream) for stream in (1, 2))
    logarithm = build.function("log", build.arithmetic("sub", build.const(1.0), u))
    radius = build.function("sqrt", build.arithmetic("mul", build.const(-2.0), logarithm))
    angle = build.arithmetic("mul", build.const(2 * math.pi), v)
    return Value(build.arithmetic("mul", radius, build.function("cos", angle)))


def _uniform(keys: Sequence[Any], seed: Any, stream: int) -> Node:
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise HzdslError("arguments", f"the seed is a whole number, not {seed!r}", fix="seed=42")
    if not keys:
        raise HzdslError("arguments", "random numbers need keys", fix="random(ev.run, ev.event, seed=42)")
    found = tables.random([to_node(k) for k in keys], seed)
    return found if not stream else make("random", *found.args, seed=(seed + _STREAM * stream) % 2**64)


#: Odd, without pattern: moves the seed of the numbers that `random_normal` uses far from those of a user.
_STREAM = 0xD1342543DE82EF95


# ---- corrections ---------------------------------------------------------------------------------------------------


class CorrectionFunction:
    """A correction of a correctionlib file: called with its inputs by name, it is a value.

    Attributes
    ----------
    inputs : tuple of str
        Their names.
    """

    def __init__(self, record: Correction | Compound, name: str) -> None:
        self._record, self._name = record, name
        self.inputs = tuple(v.name for v in record.inputs)

    @located
    def __call__(self, *values: Any, **inputs: Any) -> Value:
        """Return the correction for these inputs, a plain f64.

        A quantity goes in as GeV, cm, ns or pb, as payloads expect it, whatever the file holds.
        """
        if values:
            raise HzdslError("arguments", f"correction '{self._name}' takes its inputs by name", fix=self._call())
        self._check_names(inputs)
        given = {v.name: self._input(v, inputs[v.name]) for v in self._record.inputs}
        return Value(lower(self._record, given))

    def _check_names(self, inputs: dict[str, Any]) -> None:
        """Say all wrong and lacking inputs at once."""
        lacking = [v.describe() for v in self._record.inputs if v.name not in inputs]
        wrong = [name for name in inputs if name not in self.inputs]
        if not lacking and not wrong:
            return
        said = [f"it has no input '{name}'" for name in wrong] + ([f"it lacks {', '.join(lacking)}"] if lacking else [])
        guesses = [did_you_mean(name, self.inputs) for name in wrong]
        fix = next((g for g in guesses if g), None) or self._call()
        raise HzdslError("arguments", f"correction '{self._name}': {'; '.join(said)}", fix=fix)

    def _call(self) -> str:
        return f"f({', '.join(f'{n}=…' for n in self.inputs)})"

    def _input(self, variable: Variable, x: Any) -> Node | str:
        what = f"correction '{self._name}': {variable.describe()}"
        if variable.kind == "string":
            if not isinstance(x, str):
                raise HzdslError("arguments", f"{what} is a text, fixed when the analysis is built, not {x!r}")
            return x
        if isinstance(x, str):
            raise HzdslError("arguments", f"{what} is a number, not '{x}'")
        node = to_node(x)
        if not (node.type.dtype.numeric or node.type.dtype is DType.BOOL):
            raise HzdslError(
                "dtype", f"{what} is a number, and {spell(node, 80)} is an object", fix="take an attribute"
            )
        if variable.kind == "int":
            if node.type.dtype.floating:
                raise HzdslError("dtype", f"{what} is an integer, and {spell(node, 80)} is {node.type.dtype.value}")
            return build.cast(node, DType.I64)
        return as_plain(node)

    def __repr__(self) -> str:
        said = ", ".join(v.describe() for v in self._record.inputs)
        return f"<correction '{self._name}' of {said}>"


def as_plain(x: Node) -> Node:
    """Return a value in its natural unit as a plain f64: what payloads and models read."""
    x = build.cast(build.to_unit(x, x.type.unit.natural()), DType.F64)
    unit = x.type.unit
    if unit in (NONE, ANY):
        return x
    return build.arithmetic("div", x, build.const(1.0, unit))


@located
def correction(file: str | os.PathLike[str], name: str, *, folder: str | os.PathLike[str] = ".") -> CorrectionFunction:
    """Return a correction of a correctionlib file (schema version 2, ``.json`` or ``.json.gz``).

    Parameters
    ----------
    file : str or path
        The file.
    name : str
        The correction, or compound correction.
    folder : str or path
        Where a relative path starts.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format``, ``spec-value`` for a bad file; ``name-unknown`` with the nearest names.

    Examples
    --------
    >>> import json, tempfile
    >>> import hzdsl as hz
    >>> content = {"nodetype": "formula", "expression": "1 + [0]/x", "parser": "TFormula", "variables": ["pt"],
    ...            "parameters": [2.0]}
    >>> payload = {"schema_version": 2, "corrections": [{"name": "scale", "version": 1, "data": content,
    ...            "inputs": [{"name": "pt", "type": "real"}], "output": {"name": "k", "type": "real"}}]}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     json.dump(payload, file)
    ...     file.flush()
    ...     scale = hz.correction(file.name, "scale")
    >>> scale(pt=hz.events("nanoaod").Jet.pt)
    <1.0 + 2.0 / (Jet.pt / 1 GeV) : f64 @ Jet>
    """
    if not isinstance(name, str):
        raise HzdslError("arguments", f"the name of a correction is a text, not {name!r}")
    return CorrectionFunction(read_correction(os.path.join(os.fspath(folder), os.fspath(file)), name), name)


# ---- luminosity ----------------------------------------------------------------------------------------------------


class LumiMask:
    """Certified luminosity blocks: called with run and block, it is a condition."""

    def __init__(self, file: str, ranges: dict[int, list[tuple[int, int]]]) -> None:
        self._file, self._ranges = file, ranges

    @located
    def __call__(self, run: Any, luminosityBlock: Any) -> Value:  # noqa: N803 (the branch's name)
        """Return whether a luminosity block of a run is certified."""
        nodes = []
        for x, what in ((run, "the run"), (luminosityBlock, "the luminosity block")):
            node = to_node(x)
            if not node.type.dtype.integer:
                raise HzdslError("dtype", f"{what} is an integer, and {spell(node, 80)} is {node.type.dtype.value}")
            nodes.append(node)
        return Value(certified(self._ranges, *nodes))

    def __repr__(self) -> str:
        blocks = sum(last - first + 1 for ranges in self._ranges.values() for first, last in ranges)
        return f"<luminosity mask {self._file}: {len(self._ranges)} runs, {blocks} blocks>"


@located
def lumi_mask(file: str | os.PathLike[str], *, folder: str | os.PathLike[str] = ".") -> LumiMask:
    """Return the luminosity mask of a golden JSON file, ``{"run": [[first, last], …]}``.

    Parameters
    ----------
    file : str or path
        The file.
    folder : str or path
        Where a relative path starts.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format`` or ``spec-value``.

    Examples
    --------
    >>> import tempfile
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     _ = file.write('{"1": [[1, 4], [6, 9]]}')
    ...     file.flush()
    ...     mask = hz.lumi_mask(file.name)
    >>> mask(ev.run, ev.luminosityBlock).node.type.dtype.value
    'bool'
    """
    path = os.path.join(os.fspath(folder), os.fspath(file))
    return LumiMask(Path(path).name, read_ranges(path))
