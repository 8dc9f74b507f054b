"""From the records of a payload to nodes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache

from hzdsl.corrections.bins import grid_index, place
from hzdsl.corrections.choice import chosen, number_at
from hzdsl.corrections.formula import Tree, formula_node, parse_formula
from hzdsl.corrections.numbers import Along
from hzdsl.corrections.prng import hash_prng
from hzdsl.corrections.records import (
    Binning,
    Category,
    Compound,
    Content,
    Correction,
    Formula,
    HashPrng,
    Transform,
)
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build, tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType

#: The inputs of a correction: nodes (f64 for real, i64 for int), and texts.
Inputs = Mapping[str, Node | str]


class _NoSuchKey(HzdslError):  # noqa: N818 (never leaves as anything but an error of arguments)
    """A text that a category does not know: an error, unless another bin of the payload knows it."""


def lower(correction: Correction | Compound, inputs: Inputs) -> Node:
    """Return the value of a correction, f64 and plain, along the finest axis of its inputs.

    Raises
    ------
    HzdslError
        ``arguments`` for a text that no category knows; what the payload's formulas raise.
    """
    nodes = {name: x for name, x in inputs.items() if isinstance(x, Node)}
    axis = build.common_axis(tuple(nodes.values()) or (build.const(0),))
    lifted: Inputs = {name: build.lift(x, axis) if isinstance(x, Node) else x for name, x in inputs.items()}
    lowering = _Lowering(Along(axis))
    try:
        if isinstance(correction, Compound):
            return lowering.compound(correction, dict(lifted))
        return lowering.content(correction.data, lifted)
    except RecursionError:
        what = f"the correction '{correction.name}' is nested too deeply"
        raise HzdslError("unsupported", what, fix="split its formulas") from None


class _Lowering:
    def __init__(self, along: Along) -> None:
        self.along = along
        self.parsed = cache(parse_formula)

    def compound(self, correction: Compound, inputs: dict[str, Node | str]) -> Node:
        """Each correction's result updates the inputs of the next, and the total."""
        ops, total = {"+": "add", "*": "mul", "/": "div"}, None
        for part in correction.stack:
            value = self.content(part.data, {v.name: inputs[v.name] for v in part.inputs})
            for name in correction.updated:
                before = inputs[name]
                assert isinstance(before, Node)
                inputs[name] = make(ops[correction.input_op], before, value)
            last = total is None or correction.output_op == "last"
            total = value if last or total is None else make(ops[correction.output_op], total, value)
        assert total is not None
        return total

    def content(self, x: Content, inputs: Inputs) -> Node:
        """Return the value of one content."""
        if isinstance(x, Binning):
            return self._binning(x, inputs)
        if isinstance(x, Category):
            return self._category(x, inputs)
        if isinstance(x, Formula):
            return self._formula(x, inputs)
        if isinstance(x, Transform):
            return self.content(x.content, {**inputs, x.input: self._transformed(x, inputs)})
        if isinstance(x, HashPrng):
            return hash_prng([_node(inputs, n) for n in x.inputs], x.distribution, self.along)
        return self.along.number(x)

    def _choice(self, index: Node, contents: Sequence[Content], inputs: Inputs) -> Node:
        numbers = [c for c in contents if isinstance(c, float)]
        if len(numbers) == len(contents):
            return number_at(index, numbers)
        nodes: list[Node | None] = []
        refused: _NoSuchKey | None = None
        for c in contents:
            try:
                nodes.append(self.content(c, inputs))
            except _NoSuchKey as e:
                nodes.append(None)
                refused = e
        if refused is not None and not any(nodes):
            raise refused
        return chosen(index, nodes, self.along)

    # ---- kinds of contents ----

    def _binning(self, x: Binning, inputs: Inputs) -> Node:
        places = [
            place(build.cast(_node(inputs, name), DType.F64), edges, x.flow, self.along)
            for name, edges in zip(x.inputs, x.edges, strict=True)
        ]
        spilled = x.default if x.default is not None else x.content[-1] if x.multi else 0.0
        bins = [sum(c is not None for c in p.cells) for p in places]
        contents = [_cell(x, bins, cell, spilled) for cell in itertools.product(*(p.cells for p in places))]
        return self._choice(grid_index(places, self.along), contents, inputs)

    def _category(self, x: Category, inputs: Inputs) -> Node:
        given = inputs[x.input]
        if isinstance(given, str):
            return self._labelled(x, given, inputs)
        keys = sorted(x.content, key=lambda item: item[0])
        if not keys:
            return self.along.missing() if x.default is None else self.content(x.default, inputs)
        row = Numbers.of([int(k) for k, _ in keys])
        count = tables.search(given, row)
        values = row.values()
        found = make("eq", tables.entry(count, Numbers.of([values[0], *values])), given)
        index = make("where", found, count, self.along.integer(0))
        contents = [c for _, c in keys]
        if x.default is not None:
            return self._choice(index, [x.default, *contents], inputs)
        return self._choice(make("sub", index, self.along.integer(1)), contents, inputs)

    def _labelled(self, x: Category, given: str, inputs: Inputs) -> Node:
        known = {str(k): c for k, c in x.content}
        found = known.get(given, x.default)
        if found is None:
            fix = did_you_mean(given, known) or f"one of {', '.join(known)}"
            raise _NoSuchKey("arguments", f"{x.input} = '{given}' is not in the correction", fix=fix)
        return self.content(found, inputs)

    def _formula(self, x: Formula, inputs: Inputs) -> Node:
        tree: Tree = self.parsed(x.expression)
        return formula_node(tree, [_node(inputs, n) for n in x.variables], x.parameters or (), self.along)

    def _transformed(self, x: Transform, inputs: Inputs) -> Node:
        value = self.content(x.rule, inputs)
        return self._rounded(value) if _node(inputs, x.input).type.dtype is DType.I64 else value

    def _rounded(self, x: Node) -> Node:
        """C's round, half away from zero: the whole part, and one more where what is left is a half."""
        whole = make("cast", x, dtype=DType.I64)
        left = make("sub", x, make("cast", whole, dtype=DType.F64))
        zero, one = self.along.integer(0), self.along.integer(1)
        up = make("where", make("le", self.along.number(0.5), left), one, zero)
        down = make("where", make("le", left, self.along.number(-0.5)), one, zero)
        return make("sub", make("add", whole, up), down)


def _node(inputs: Inputs, name: str) -> Node:
    found = inputs[name]
    assert isinstance(found, Node), f"{name} is checked when the payload is read"
    return found


def _cell(x: Binning, bins: list[int], cell: tuple[int | None, ...], spilled: Content) -> Content:
    """Return the content of a cell of the grid; what is outside in any direction spills."""
    at = 0
    for i, n in zip(cell, bins, strict=True):
        if i is None:
            return spilled
        at = at * n + i
    return x.content[at]
