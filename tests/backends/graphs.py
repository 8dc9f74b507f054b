"""Random graphs over the events of `tests.backends.ragged`: every operation, on axes upon axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members, tables
from hzdsl.ir.axes import EVENT, STANDING, leaf_axes, leg_axes, parent, sees, stored
from hzdsl.ir.identity import disjoint
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.ops import BITS, MATH
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, NESTED, attributes, collection, column

T = TypeVar("T")
MAX_LEAVES = 4  # per position: combinations of combinations grow fast


class Pool:
    """Nodes grown at random from the columns; `values` are what can be dumped."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.axes = [collection(name) for name in (*COLLECTIONS, NESTED)]
        self.references = [make("self", axis) for axis in self.axes]
        self.values: list[Node] = [build.const(2), build.const(1.5), build.const(True), build.param("p", 3.0)]
        for owner in ("", *COLLECTIONS, NESTED):
            names = self.rng.choice(sorted(attributes()), 8, replace=False)
            self.values += [column(owner, str(name)) for name in names]

    def grow(self, steps: int) -> None:
        """Add about `steps` nodes; what the language refuses is left out."""
        kinds = (self._binary, self._binary, self._unary, self._decision, self._axis, self._reference)
        kinds += (
            self._table,
            self._take,
            self._reduction,
            self._reference,
            self._identity,
            self._from_object,
            self._link,
        )
        for _ in range(steps):
            try:
                self._pick(kinds)()
            except HzdslError:
                continue

    def _pick(self, items: Sequence[T]) -> T:
        return items[int(self.rng.integers(len(items)))]

    def _partner(self, value: Node, among: list[Node] | None = None) -> Node:
        """Return another value whose axis sees, or is seen by, that of `value`."""
        return self._pick([v for v in among or self.values if _joined(v, value)])

    def _along(self, axis: Node, numeric: bool = True) -> Node:
        """Return a value that `axis` sees, preferably one of its own."""
        seen = [v for v in self.values if v.type.axis is not None and sees(axis, v.type.axis)]
        fit = [v for v in seen if v.type.dtype.numeric is numeric]
        own = [v for v in fit if v.type.axis is not EVENT]
        return self._pick(own or fit or [build.const(1.5) if numeric else build.const(True)])

    def _binary(self) -> None:
        a = self._pick(self.values)
        b = self._partner(a)
        op = self._pick(["add", "sub", "mul", "div", "mod", "pow", "atan2", "hypot", *BITS])
        if op in BITS:
            self.values.append(build.bits(op, a, b))
        elif op == "pow":
            self.values.append(build.power(a, b))
        elif op in ("atan2", "hypot"):
            self.values.append(build.function2(op, a, b))
        else:
            self.values.append(build.arithmetic(op, a, b))

    def _unary(self) -> None:
        a = self._pick(self.values)
        op = self._pick(["neg", "abs", "cast", "math", "exists"])
        if op == "neg":
            self.values.append(build.neg(a))
        elif op == "math":
            self.values.append(build.function(self._pick(sorted(MATH)), a))
        elif op == "exists":
            self.values.append(make("exists", a))
        elif a.type.dtype.numeric:
            to = self._pick([d for d in DType if d.numeric])
            self.values.append(make("abs", a) if op == "abs" else build.cast(a, to))

    def _table(self) -> None:
        a = self._pick(self.values)
        op = self._pick(["search", "entry", "random", "float_bits"])
        if op == "search" and a.type.dtype.numeric and a.type.dtype is not DType.U64:
            self.values.append(tables.search(a, Numbers.of([-2, -1, 0, 1, 3])))
        elif op == "entry" and a.type.dtype.integer:
            self.values.append(tables.entry(a, Numbers.of(self.rng.normal(0, 3, 4).tolist())))
        elif op == "random" and a.type.dtype.integer:
            integers = [v for v in self.values if v.type.dtype.integer]
            self.values.append(tables.random((a, self._partner(a, among=integers)), int(self.rng.integers(2**63))))
        elif op == "float_bits" and a.type.dtype.numeric:
            self.values.append(tables.float_bits(a))

    def _decision(self) -> None:
        op = self._pick(["eq", "lt", "le", "and", "or", "where", "otherwise", "not", "category", "vary"])
        conditions = [v for v in self.values if v.type.dtype is DType.BOOL]
        a = self._pick(conditions if op in ("and", "or", "not") else self.values)
        b = self._partner(a, among=conditions if op in ("and", "or") else self.values)
        if op in ("eq", "lt", "le"):
            self.values.append(build.compare(op, a, b))
        elif op in ("and", "or"):
            self.values.append(build.logic(op, a, b))
        elif op == "otherwise":
            self.values.append(build.otherwise(a, b))
        elif op == "vary":
            a, b = (b, a) if a.type.dtype.integer and b.type.dtype.floating else (a, b)
            self.values.append(build.vary(a, (b,), "jes", ("up",)))
        elif op == "not":
            self.values.append(make("not", build.decided(a)))
        elif op == "category":
            axis = build.common_axis((a, b))
            label = members.category([(name, self._along(axis, numeric=False)) for name in "xyz"])
            self.values += [label, members.is_label(label, self._pick("xyz"))]
        else:
            axis = build.common_axis((a, b))
            self.values.append(build.where(self._along(axis, numeric=False), a, b))

    def _axis(self) -> None:
        a = self._pick(self.axes)
        op = self._pick(["filter", "sort", "slice", "choose", "product", "per", "union", "union"])
        if op == "filter":
            made = build.select(a, self._along(a, numeric=False))
        elif op == "sort":
            made = build.order(a, tuple(self._along(a) for _ in range(int(self.rng.integers(1, 3)))))
        elif op == "slice":
            start = int(self.rng.integers(0, 3))
            made = make("slice", a, start=start, stop=self._pick([None, start, start + 2]))
        elif op == "choose":
            made = make("choose", a, n=int(self.rng.integers(2, 4)))
        elif op == "union":
            made = members.union(a, self._pick(self.axes))
        else:
            made = make(op, a, self._pick(self.axes))
        self._add(made)

    def _add(self, axis: Node) -> None:
        if len(leaf_axes(axis)) <= MAX_LEAVES and _depth(axis) <= 4:
            self.axes.append(axis)
            self._enter(axis)

    def _from_object(self) -> None:
        """Legs, nested elements and chains of what has been referred to."""
        at = self._pick(self.references)
        target = at.type.target
        assert target is not None
        if target is collection("Jet") and self.rng.random() < 0.5:
            self._add(members.nested(at, collection(NESTED)))
        elif target in (collection("Jet"), collection("Muon")):
            steps = [r for r in self.references if r.type.axis is r.type.target is target]
            self._add(members.chain(at, self._pick(steps)))
        else:
            legs = [build.take(make("leg", target, k=k), at) for k in range(len(leg_axes(target)))]
            self._add(members.legs(self._apart(legs or [at, *self.references[-20:]])))

    def _apart(self, candidates: list[Node]) -> list[Node]:
        """Return single particles among some objects that provably differ, seen from the axis of the first."""
        found: list[Node] = []
        for r in candidates:
            assert r.type.target is not None
            known = all(disjoint(r, other, found) for other in found)
            if len(leaf_axes(r.type.target)) == 1 and known and all(_joined(r, other) for other in found):
                found.append(r)
        return found[:3] or [self.references[0]]

    def _link(self) -> None:
        """An index branch, with few values, into a list of the event."""
        owner = self._pick(COLLECTIONS)
        index = build.arithmetic("sub", column(owner, f"{self._pick(['i32', 'u32', 'i64'])}_t"), build.const(1))
        self.references.append(members.link(index, collection(self._pick(COLLECTIONS))))

    def _enter(self, axis: Node) -> None:
        """Add the references by which values come to a new axis."""
        found = [make("leg", axis, k=k) for k in range(len(leg_axes(axis)))]
        if axis.op in STANDING:
            found.append(make("under", axis))
        if axis.op in ("union", "legs"):
            self._stack(axis)
        self.references += [make("self", axis), *found]
        for at in found:
            assert at.type.target is not None
            self.values += [build.take(self._along(at.type.target), at) for _ in range(2)]

    def _stack(self, axis: Node) -> None:
        """Add values, and references, that the members of a union or the legs have of their own."""
        along = axis.args if axis.op == "union" else (parent(axis),) * len(axis.args)
        for numeric in (True, True, False):
            self.values.append(members.stack([build.lift(self._along(a, numeric), a) for a in along], axis))
        own = [[r for r in self.references if r.type.axis is a] for a in along]
        if all(own):
            self.references.append(members.stack([self._pick(r) for r in own], axis))

    def _reference(self) -> None:
        a = self._pick(self.axes)
        op = self._pick(["nth", "argmin", "argmax", "pick_truncated", "take", "where", "lift"])
        at = self._pick(self.references)
        assert at.type.axis is not None
        if op == "nth":
            made = make("nth", a, i=int(self.rng.integers(0, 3)))
        elif op in ("argmin", "argmax"):
            made = build.pick(a, tuple(self._along(a) for _ in range(int(self.rng.integers(1, 3)))), op)
        elif op == "pick_truncated":
            value = build.lift(build.cast(self._along(a), DType.F64), a)
            made = build.pick_truncated(a, value, self._along(parent(a)))
        elif op == "where":
            twins = [r for r in self.references if r.type.target is at.type.target and _joined(r, at)]
            other = self._pick(twins)
            axis = build.common_axis((at, other))
            made = build.where(self._along(axis, numeric=False), at, other)
        elif op == "lift":
            finer = [x for x in self.axes if sees(x, at.type.axis)]
            made = build.lift(at, self._pick(finer or [at.type.axis]))
        else:
            inner = [r for r in self.references if r.type.axis is at.type.target]
            made = build.take(self._pick(inner), at) if inner else at
        self.references.append(made)

    def _take(self) -> None:
        at = self._pick(self.references)
        assert at.type.target is not None
        value = self._along(at.type.target, numeric=bool(self.rng.random() < 0.8))
        self.values.append(build.take(value, at))

    def _reduction(self) -> None:
        op = self._pick(["sum", "prod", "min", "max", "any", "count"])
        nested = [v for v in self.values if v.type.axis is not EVENT]
        if op == "any":
            nested = [v for v in nested if v.type.dtype is DType.BOOL] or nested
        if op == "count":
            self.values.append(make("count", self._pick(self.axes)))
        else:
            self.values.append(build.reduce(op, self._pick(nested)))

    def _identity(self) -> None:
        a = self._pick(self.references)
        b = self._pick([r for r in self.references if _joined(r, a)])
        if self.rng.random() < 0.5:
            self.values.append(build.compare("eq", a, b))
        else:
            self.values.append(make("shares", *build.on_common_axis(a, b)))


def _joined(a: Node, b: Node) -> bool:
    """Return True where the axis of one sees that of the other."""
    assert a.type.axis is not None
    assert b.type.axis is not None
    return sees(a.type.axis, b.type.axis) or sees(b.type.axis, a.type.axis)


def _depth(axis: Node) -> int:
    """Return how many combinations and nestings an axis is made of: each multiplies the positions."""
    base = stored(axis)
    if base is EVENT or base.op == "collection":
        return 0
    if base.op in ("legs", "chain", "at"):
        return 1 + _depth(parent(base))
    return 1 + sum(_depth(a) for a in (base.args if base.op != "choose" else base.args * base.number("n")))


def random_graph(seed: int, steps: int = 80) -> list[Node]:
    """Return values and references of a random graph, to be dumped."""
    pool = Pool(seed)
    pool.grow(steps)
    return [*pool.values, *pool.references]
