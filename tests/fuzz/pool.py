"""What a random program has built so far: values, objects and axes, found again by dtype and axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from hzdsl.backends.base import NUMPY, Chunk
from hzdsl.ir import build, members
from hzdsl.ir.axes import CHOICES, EVENT, ITEMS, STANDING, leaf_axes, leg_axes, parent, sees, stands_for, stored
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, NESTED, attributes, collection, column, specials
from tests.fuzz.choosers import Chooser

T = TypeVar("T")
MAX_LEAVES = 4  # per position: combinations of combinations grow fast
MAX_DEPTH = 3
LABELS = ("x", "y", "z")
#: The dtypes of literals: what `build.const` makes.
LITERAL = (DType.I64, DType.F64, DType.BOOL)


class Pool:
    """Nodes to build on. `made` are those that were grown, in order."""

    def __init__(self, choose: Chooser, chunk: Chunk) -> None:
        self.choose, self.chunk = choose, chunk
        self.axes = [collection(name) for name in (*COLLECTIONS, NESTED)]
        self.references = [make("self", axis) for axis in self.axes]
        self.values: list[Node] = []
        self.made: list[Node] = []

    # decisions

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items; the first is the plainest."""
        return items[self.choose(len(items))]

    def chance(self, percent: int) -> bool:
        """Return True this often."""
        return self.choose(100) >= 100 - percent

    # keeping

    def add(self, *nodes: Node) -> None:
        """Keep what was grown."""
        for node in nodes:
            self.made.append(node)
            if node.is_axis:
                self._enter(node)
            elif node.type.target is not None:
                self.references.append(node)
            else:
                self.values.append(node)

    def _enter(self, axis: Node) -> None:
        if axis in self.axes:
            return
        self.axes.append(axis)
        self.add(make("self", axis))
        if self.chance(30):
            self.add(make("count", axis))

    @staticmethod
    def small(axis: Node) -> bool:
        """Return True for an axis that is not too many combinations of combinations."""
        return len(leaf_axes(axis)) <= MAX_LEAVES and _depth(axis) <= MAX_DEPTH

    # axes

    def axis(self) -> Node:
        """Return any axis but the event's; half of the time one that was grown."""
        grown = self.axes[3:]
        return self.pick(grown[::-1]) if grown and self.chance(70) else self.pick(self.axes[:3])

    def any_axis(self) -> Node:
        """Return any axis."""
        return self.axis() if self.chance(65) else EVENT

    # values

    def value(self, axis: Node, dtype: DType) -> Node:
        """Return a value of this dtype that `axis` sees, more often than not along it."""
        found = self._known(axis, dtype) if self.chance(55) else None
        found = found or self.leaf(axis, dtype)
        return build.lift(found, axis) if self.chance(60) else found

    def _known(self, axis: Node, dtype: DType) -> Node | None:
        fit = [v for v in self.values if v.type.dtype is dtype and sees(axis, _axis(v))]
        fit = [v for v in fit if dtype is not DType.LABEL or v.type.labels == LABELS]
        own = [v for v in fit if v.type.axis is axis]
        if own and self.chance(70):
            return self.pick(own[::-1])
        return self.pick(fit[::-1]) if fit else None

    def along(self, axis: Node, dtype: DType) -> Node:
        """Return a value of this dtype lifted to `axis`."""
        return build.lift(self.value(axis, dtype), axis)

    def leaf(self, axis: Node, dtype: DType) -> Node:
        """Return a stored branch, or the nearest thing to it that an axis has."""
        if dtype is DType.LABEL:
            return members.category([(name, self.leaf(axis, DType.BOOL)) for name in LABELS])
        base = stored(axis)
        if dtype in LITERAL and self.chance(12):
            return self.literal(dtype)
        if base is EVENT:
            return self._of_event(dtype)
        if base.op == "collection":
            return column(base.text("name"), self.attribute(dtype))
        if base.op in CHOICES:
            k = self.choose(len(leg_axes(base)))
            return members.take(self.leaf(leg_axes(base)[k], dtype), make("leg", base, k=k))
        if base.op in STANDING:
            return members.take(self.leaf(stands_for(base), dtype), make("under", base))
        return members.stack([build.lift(self.leaf(a, dtype), a) for a in along_stack(base)], base)

    def _of_event(self, dtype: DType) -> Node:
        if not self.chance(30):
            return column("", self.attribute(dtype))
        owner = self.pick(COLLECTIONS)
        return members.take(column(owner, self.attribute(dtype)), make("nth", collection(owner), i=self.choose(3)))

    def attribute(self, dtype: DType) -> str:
        """Return the name of a branch of this dtype that everything has."""
        return self.pick([name for name, d in attributes().items() if d is dtype])

    def literal(self, dtype: DType) -> Node:
        """Return a constant or a parameter of a dtype that can be written."""
        if dtype is DType.BOOL:
            return self.pick([build.const(True), build.const(False), build.param("b", True)])
        if dtype is DType.I64:
            known = [build.const(k) for k in (2, 1, 0, -1, 3, 7)] + [build.param("n", 2)]
            return self.pick(known) if self.chance(70) else build.const(int(self.pick(specials(NUMPY[dtype]))))
        known = [build.const(x) for x in (1.5, 0.1, -0.0, 91.2)] + [build.param("p", 3.0)]
        return self.pick(known) if self.chance(70) else build.const(float(self.pick(specials(NUMPY[dtype]))))

    def threshold(self, value: Node) -> Node:
        """Return a constant that ties: a number that occurs in a branch behind the value."""
        behind = [n for n in topological([value]) if n.op == "column" and n.type.dtype.numeric]
        numbers = self.chunk.columns[self.pick(behind).text("name")] if behind else np.zeros(0)
        if not len(numbers):
            return build.const(1)
        number = self.pick(list(numbers)).item()
        return build.const(number if isinstance(number, float) or number < 2**63 else float(number))

    def condition(self, axis: Node) -> Node:
        """Return a condition that `axis` sees."""
        if self.chance(60):
            return self.value(axis, DType.BOOL)
        x = self.value(axis, self.pick([d for d in DType if d.numeric]))
        return build.compare(
            self.pick(("lt", "le", "eq")), *self.pick([(x, self.threshold(x)), (self.threshold(x), x)])
        )

    # objects

    def reference(self) -> Node:
        """Return an object; half of the time one that was grown."""
        grown = self.references[3:]
        return self.pick(grown[::-1]) if grown and self.chance(60) else self.pick(self.references[:3])

    def object_of(self, target: Node, axis: Node) -> Node:
        """Return an object that refers into `target` and that `axis` sees, or the i-th."""
        known = [r for r in self.references if r.type.target is target and sees(axis, _axis(r))]
        if known and self.chance(60):
            return self.pick(known[::-1])
        return make("nth", target, i=self.choose(3))

    def one_of(self, target: Node) -> Node:
        """Return the i-th, or a link, of a stored collection: an object that may be missing."""
        known = [r for r in self.references if r.type.target is target and r.type.optional]
        return self.pick(known[::-1]) if known and self.chance(60) else make("nth", target, i=self.choose(3))


def along_stack(axis: Node) -> tuple[Node, ...]:
    """Return the axes of the values that are stacked along a union, legs or a row."""
    many = axis.number("n") if axis.op == "row" else len(axis.args)
    return axis.args if axis.op == "union" else (parent(axis),) * many


def joined(a: Node, b: Node) -> bool:
    """Return True where the axis of one sees that of the other."""
    return sees(_axis(a), _axis(b)) or sees(_axis(b), _axis(a))


def _axis(value: Node) -> Node:
    assert value.type.axis is not None
    return value.type.axis


def _depth(axis: Node) -> int:
    """Return how many combinations and nestings an axis is made of: each multiplies the positions."""
    base = stored(axis)
    if base is EVENT or base.op in ITEMS:
        return 0
    if base.op in ("legs", "chain", "at"):
        return 1 + _depth(parent(base))
    return 1 + sum(_depth(a) for a in (base.args if base.op != "choose" else base.args * base.number("n")))
