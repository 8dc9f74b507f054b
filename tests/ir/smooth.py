"""Smooth graphs over small events: numbers between 0.2 and 0.9 along every kind of axis, that follow two parameters.

`check` compares the derivatives of one with differences of fifty digits (`tests.ir.precise`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from hzdsl.backends.base import NUMPY, Array, Chunk, Dump, Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build, members
from hzdsl.ir.autodiff import gradient, hessian_vector, second, tangents
from hzdsl.ir.axes import EVENT, parent
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from tests.ir import precise

EVENTS = 3
OWNERS = ("", "Muon", "Jet", "Track")
P, Q = build.param("p", 0.43), build.param("q", 0.71)
PARAMETERS: dict[str, Any] = {"p": 0.4375, "q": 0.7}
SMOOTH = ("u", "v", "w")


# ---- events ----------------------------------------------------------------------------------------------------------


def collection(name: str) -> Node:
    return make("collection", collection("Jet") if name == "Track" else EVENT, name=name)


def column(owner: str, attr: str, dtype: DType = DType.F64, unit: Unit = NONE) -> Node:
    axis, name = (collection(owner), f"{owner}_{attr}") if owner else (EVENT, attr)
    return make("column", axis, name=name, attr=attr, dtype=dtype, unit=unit)


def chunk() -> Chunk:
    """Return events with few elements, one of them without a muon; `j` is an index that is sometimes outside."""
    rng = np.random.default_rng(20260505)
    offsets = {"Muon": [0, 3, 3, 5], "Jet": [0, 2, 3, 6], "Track": [0, 2, 2, 3, 5, 5, 6]}
    columns: dict[str, Array] = {}
    for owner in OWNERS:
        n, prefix = (offsets[owner][-1], f"{owner}_") if owner else (EVENTS, "")
        for name in SMOOTH:
            columns[prefix + name] = rng.uniform(0.2, 0.9, n)
        columns[prefix + "f"] = rng.uniform(0.2, 0.9, n).astype(np.float32)
        columns[prefix + "j"] = rng.integers(-1, 3, n)
    return Chunk(EVENTS, columns, {k: np.array(v, np.int64) for k, v in offsets.items()})


CHUNK = chunk()


# ---- values along axes -----------------------------------------------------------------------------------------------


def soft(axis: Node, value: Node) -> Node:
    return members.select(axis, build.compare("lt", value, build.const(0.75)))


MUON, JET, TRACK = (collection(name) for name in OWNERS[1:])
HARD = soft(MUON, column("Muon", "w"))
PAIRS = make("choose", MUON, n=2)
LEPTONS = members.union(HARD, JET)
FIRST = make("nth", MUON, i=0)
#: Every kind of axis.
AXES: dict[str, Node] = {
    "event": EVENT,
    "collection": MUON,
    "filter": HARD,
    "filter of filter": members.select(HARD, build.lift(build.compare("lt", column("", "w"), build.const(0.8)), HARD)),
    "sort": members.order(MUON, (column("Muon", "w"),)),
    "slice": make("slice", HARD, start=0, stop=1),
    "choose": PAIRS,
    "product": make("product", MUON, MUON),
    "per": make("per", JET, HARD),
    "nested": TRACK,
    "filter of nested": soft(TRACK, column("Track", "w")),
    "at": members.nested(members.link(column("Muon", "j", DType.I64), JET), TRACK),
    "union": LEPTONS,
    "pairs of a union": make("choose", LEPTONS, n=2),
    "legs": members.legs([FIRST, make("nth", JET, i=0)]),
    "row": make("row", EVENT, n=3),
}


#: One of each kind, for what is evaluated where it stands.
MOST = ("event", "collection", "filter", "choose", "per", "nested", "union", "row")


def value(axis: Node, attr: str) -> Node:
    """Return a number along an axis that follows columns and, in its own way everywhere, a parameter."""
    other = P if attr == "u" else Q
    return build.arithmetic("mul", build.const(0.5), build.arithmetic("add", stored(axis, attr), other))


def stored(axis: Node, attr: str) -> Node:
    if axis is EVENT:
        return column("", attr)
    if axis.op == "collection":
        return column(axis.text("name"), attr)
    if axis.op in ("filter", "sort", "slice"):
        return build.lift(stored(axis.args[0], attr), axis)
    if axis.op in ("choose", "product"):
        legs = [members.take(stored(axis.args[-1], attr), make("leg", axis, k=k)) for k in (0, 1)]
        return build.arithmetic("mul", *legs)
    if axis.op == "per":
        return members.take(stored(axis.args[0], attr), make("under", axis))
    if axis.op == "at":
        return members.take(stored(axis.args[1], attr), make("under", axis))
    if axis.op == "union":
        return members.stack([stored(a, attr) for a in axis.args], axis)
    if axis.op == "legs":
        legs = [stored(r.type.target, attr) for r in axis.args if r.type.target is not None]
        return members.stack([members.take(x, r) for x, r in zip(legs, axis.args, strict=True)], axis)
    assert axis.op == "row"
    return members.stack([build.arithmetic("mul", P, column("", attr)), Q, column("", attr)], axis)


def sometimes(axis: Node, attr: str) -> Node:
    """Return a number that some positions lack: of the jet that an index points to, or of the second muon."""
    if axis is MUON or axis is JET:
        owner = axis.text("name")
        jet = members.link(column(owner, "j", DType.I64), JET)
        return build.arithmetic("mul", members.take(column("Jet", attr), jet), Q)
    return build.lift(members.take(value(MUON, attr), make("nth", MUON, i=1)), axis)


def of_event(x: Node) -> Node:
    """Return one number per event: a sum in which positions do not weigh alike; always there."""
    while x.type.axis is not EVENT:
        x = members.reduce("sum", build.arithmetic("mul", x, build.arithmetic("add", x, build.const(0.3))))
    if x.type.optional:
        x = build.otherwise(x, build.arithmetic("mul", P, Q))
    return build.arithmetic("mul", x, build.arithmetic("add", x, Q))


def everywhere(build_: Callable[[Node, Node], Node], axes: Sequence[str] = MOST) -> Node:
    """Return the sum of what is built of two values along several axes, and of values that may be missing."""
    found = [of_event(build_(value(AXES[a], "u"), value(AXES[a], "v"))) for a in axes]
    for axis in (EVENT, MUON, JET):
        found.append(of_event(build_(sometimes(axis, "u"), build.lift(Q, axis))))
        found.append(of_event(build_(build.lift(P, axis), sometimes(axis, "v"))))
    return total(found)


def total(values: Iterable[Node]) -> Node:
    first, *rest = values
    for x in rest:
        first = build.arithmetic("add", first, x)
    return first


# ---- comparing -------------------------------------------------------------------------------------------------------


def evaluated(nodes: list[Node], parameters: dict[str, Any] | None = None, events: Chunk = CHUNK) -> list[Dump]:
    program = Program(dumps=tuple(nodes))
    return InterpretBackend().compile(program).run(events, parameters or PARAMETERS).dumps


def places(result: Node) -> list[Node]:
    """Return the parameters and floating columns that a result may follow."""
    moving = [n for n in topological([result]) if n.op in ("param", "column") and n.type.dtype.floating]
    return [n for n in moving if n.op == "param" or n.text("name").rpartition("_")[2] != "w"]  # w decides selections


def check(result: Node, tolerance: float = 1e-9) -> None:
    """Compare gradient, tangent and the product of the second derivatives with a vector with differences.

    Along random directions, in which everything that the result follows moves at once: a fault of one derivative is
    seen in every direction but those of measure 0.
    """
    by = places(result)
    assert by
    rng = np.random.default_rng(20260506)
    one, two = Direction(by, rng), Direction(by, rng)
    slopes = gradient(result, by)
    curved = hessian_vector(result, {x: one.rate(x) for x in by})
    (tangent,) = tangents([result], {x: one.rate(x) for x in by})
    dumps = evaluated([tangent, *slopes, *curved], one.parameters(), one.events())
    assert all(d.valid.all() for d in dumps)
    check_backwards_twice(result, one, tolerance)
    for event in range(EVENTS):
        forward = dumps[0].values[event]
        backward = one.along(dumps[1 : 1 + len(by)], event)
        bent = two.along(dumps[1 + len(by) :], event)
        expected = precise.slope(result, CHUNK, event, PARAMETERS, one.rates)
        assert_close(forward, expected, tolerance)
        assert_close(backward, expected, tolerance)
        assert_close(bent, precise.curvature(result, CHUNK, event, PARAMETERS, one.rates, two.rates), tolerance)


def check_backwards_twice(result: Node, rates: Direction, tolerance: float) -> None:
    """Compare second derivatives by the parameters, found backwards, with those found forwards."""
    (pp,), (pq, qq) = second(result, [P, Q])
    forwards = hessian_vector(result, {x: rates.rate(x) for x in (P, Q)})
    known = rates.parameters()
    found = [d.values for d in evaluated([pp, pq, qq, *forwards], known | {"rate_p": 0.3, "rate_q": -0.8})]
    for event in range(EVENTS):
        a, b, c, by_p, by_q = (float(x[event]) for x in found)
        assert_close(0.3 * a - 0.8 * b, by_p, tolerance)
        assert_close(0.3 * b - 0.8 * c, by_q, tolerance)


def assert_close(found: float, expected: float, tolerance: float) -> None:
    assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), (found, expected)


class Direction:
    """A rate for every parameter and for every element of every column."""

    def __init__(self, by: list[Node], rng: np.random.Generator) -> None:
        self._by = by
        sizes = {x: 1 if x.op == "param" else len(CHUNK.columns[x.text("name")]) for x in by}
        self._rates = {x: rng.normal(size=n).astype(NUMPY[x.type.dtype]) for x, n in sizes.items()}
        self.rates: dict[precise.Place, float] = {}
        for x, rates in self._rates.items():
            name = x.text("name")
            self.rates |= (
                {name: float(rates[0])} if x.op == "param" else {(name, k): float(r) for k, r in enumerate(rates)}
            )

    def rate(self, x: Node) -> Node:
        """Return the node that holds the rates of a parameter or column."""
        name = f"rate_{x.text('name')}"
        if x.op == "param":
            return build.param(name, 0.0)
        return make("column", x.args[0], name=name, attr=name, dtype=x.type.dtype, unit=NONE)

    def parameters(self) -> dict[str, Any]:
        return PARAMETERS | {f"rate_{x.text('name')}": r[0] for x, r in self._rates.items() if x.op == "param"}

    def events(self) -> Chunk:
        added = {f"rate_{x.text('name')}": r for x, r in self._rates.items() if x.op == "column"}
        return Chunk(EVENTS, CHUNK.columns | added, CHUNK.offsets)

    def along(self, dumps: Sequence[Dump], event: int) -> float:
        """Return the scalar product of derivatives with the rates, in an event."""
        found = 0.0
        for x, dump in zip(self._by, dumps, strict=True):
            if x.op == "param":
                found += float(dump.values[event]) * self._rates[x][0]
            else:
                found += sum(float(dump.values[k]) * self._rates[x][k] for k in elements(x.args[0], event))
        return found


def elements(axis: Node, event: int) -> range:
    """Return the numbers of the elements of a stored collection (or the event's own) in an event."""
    if axis is EVENT:
        return range(event, event + 1)
    owners, offsets = elements(parent(axis), event), CHUNK.offsets[axis.text("name")]
    return range(int(offsets[owners.start]), int(offsets[owners.stop]))
