"""One strategy for every operation: how a random program grows by it.

A strategy has variants, the dtypes (and names) over which the operation is defined: `tests.fuzz.coverage` counts them.
It takes operands from the pool and goes through `hzdsl.ir.build` and `hzdsl.ir.members`, as the surface does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, STANDING, finer, leaf_axes, leg_axes, lineage, parent, sees, stored
from hzdsl.ir.identity import disjoint
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import BITS, MATH
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, NESTED, collection, column
from tests.fuzz.pool import LABELS, Pool, along_stack, joined

NUMERIC = tuple(d.value for d in DType if d.numeric)
FLOATING = ("f32", "f64")
INTEGER = ("i32", "i64", "u32", "u64")
PLAIN = (*NUMERIC, "bool")
STORABLE = (*PLAIN, "label")
ANYTHING = (*STORABLE, "ref")
NONE = ("-",)

Grow = Callable[[Pool, str], None]


class UnsuitableError(Exception):
    """The pool has nothing yet that this operation could take."""


@dataclass(frozen=True)
class Strategy:
    """How a program grows by one operation."""

    variants: tuple[str, ...]
    grow: Grow


#: The strategy of every operation.
GROW: dict[str, Strategy] = {}


def grow(pool: Pool, op: str) -> None:
    """Let the pool grow by one operation; what the language refuses is left out."""
    strategy = GROW[op]  # (those of tables are in `grow_tables`: see `strategies`)
    variant = pool.pick(strategy.variants)
    try:
        strategy.grow(pool, variant)
    except (HzdslError, UnsuitableError):
        return


def strategy(op: str, variants: tuple[str, ...] = NONE) -> Callable[[Grow], Grow]:
    def register(function: Grow) -> Grow:
        GROW[op] = Strategy(variants, function)
        return function

    return register


def binary(op: str, variants: tuple[str, ...], combine: Callable[[Node, Node], Node]) -> None:
    GROW[op] = Strategy(variants, lambda p, d: p.add(combine(*operands(p, DType(d)))))


def operands(p: Pool, dtype: DType) -> tuple[Node, Node]:
    """Return two values whose common dtype is mostly this one, on axes of which one sees the other."""
    axis = p.any_axis()
    a = p.value(axis, dtype)
    other = dtype if not p.chance(20) else p.pick([d for d in DType if d.value in NUMERIC])
    b = p.value(axis if not p.chance(25) else p.pick(lineage(axis)), other if dtype is not DType.BOOL else dtype)
    return (b, a) if p.chance(30) else (a, b)


def needed(items: list[Node]) -> list[Node]:
    if not items:
        raise UnsuitableError
    return items


def keep(p: Pool, axis: Node) -> None:
    """Keep an axis that is not too large."""
    if not p.small(axis):
        raise UnsuitableError
    p.add(axis)


# ---- leaves ----------------------------------------------------------------------------------------------------------


@strategy("event", PLAIN)
@strategy("column", PLAIN)
def _column(p: Pool, d: str) -> None:
    p.add(column(p.pick(("", *COLLECTIONS, NESTED)), p.attribute(DType(d))))


@strategy("const", ("i64", "f64", "bool"))
def _const(p: Pool, d: str) -> None:
    p.add(p.literal(DType(d)))


@strategy("param", ("i64", "f64", "bool"))
def _param(p: Pool, d: str) -> None:
    p.add({"i64": build.param("n", 2), "f64": build.param("p", 3.0), "bool": build.param("b", True)}[d])


# ---- axes ------------------------------------------------------------------------------------------------------------


@strategy("collection")
def _collection(p: Pool, d: str) -> None:
    axis = p.pick(p.axes[:3])
    p.add(make("self", axis), make("count", axis))


@strategy("filter", ("bool",))
def _filter(p: Pool, d: str) -> None:
    axis = p.axis()
    keep(p, build.select(axis, p.condition(axis)))


@strategy("sort", NUMERIC)
def _sort(p: Pool, d: str) -> None:
    axis = p.axis()
    keep(p, build.order(axis, keys(p, axis, d)))


def keys(p: Pool, axis: Node, d: str) -> tuple[Node, ...]:
    more = [p.value(axis, DType(p.pick(PLAIN))) for _ in range(p.pick((0, 0, 1, 2)))]
    return (p.value(axis, DType(d)), *more)


@strategy("slice")
def _slice(p: Pool, d: str) -> None:
    start = p.choose(3)
    keep(p, make("slice", p.axis(), start=start, stop=p.pick((None, start, start + 1, start + 2))))


@strategy("choose")
def _choose(p: Pool, d: str) -> None:
    keep(p, make("choose", p.axis(), n=p.pick((2, 2, 3))))


@strategy("product")
def _product(p: Pool, d: str) -> None:
    keep(p, make("product", *(p.axis() for _ in range(p.pick((2, 2, 3))))))


@strategy("per")
def _per(p: Pool, d: str) -> None:
    outer = p.axis()
    keep(p, make("per", p.pick(needed([a for a in p.axes if sees(outer, parent(a))])[::-1]), outer))


@strategy("union")
def _union(p: Pool, d: str) -> None:
    keep(p, a_union(p))


def a_union(p: Pool) -> Node:
    a = p.axis()
    b = p.pick(needed([b for b in p.axes if b is not a and finer(parent(a), parent(b)) is not None])[::-1])
    return members.union(a, b)


@strategy("legs")
def _legs(p: Pool, d: str) -> None:
    keep(p, some_legs(p))


def some_legs(p: Pool) -> Node:
    """The legs of a candidate, or several objects that share no particle."""
    at = p.reference()
    assert at.type.target is not None
    whole = at.type.target
    parts = [build.take(make("leg", whole, k=k), at) for k in range(len(leg_axes(whole)))]
    if not parts:
        firsts = [make("nth", collection(name), i=k) for name in COLLECTIONS for k in (0, 1)]
        parts = [at, *p.references[-20:], *firsts]
    single = [r for r in parts if r.type.target is not None and len(leaf_axes(r.type.target)) == 1]
    found: list[Node] = []
    for r in single:
        if all(joined(r, f) and disjoint(r, f) for f in found):
            found.append(r)
    return members.legs(needed(found)[:3])


@strategy("chain")
def _chain(p: Pool, d: str) -> None:
    jet = collection(p.pick(COLLECTIONS))
    starts = [r for r in p.references if stored_target(r) is jet]
    keep(p, members.chain(p.pick(starts[::-1]), a_link(p, jet, jet)))


@strategy("at")
def _at(p: Pool, d: str) -> None:
    jet = collection("Jet")
    start = [r for r in p.references if stored_target(r) is jet and r.op != "self"]
    start += [make("nth", jet, i=0), a_link(p, collection("Muon"), jet)]
    keep(p, members.nested(p.pick(start[::-1]), collection(NESTED)))


def stored_target(reference: Node) -> Node:
    assert reference.type.target is not None
    return stored(reference.type.target)


# ---- objects ---------------------------------------------------------------------------------------------------------


@strategy("self")
def _self(p: Pool, d: str) -> None:
    p.add(make("self", p.axis()))


@strategy("under")
def _under(p: Pool, d: str) -> None:
    if not any(a.op in STANDING for a in p.axes):
        GROW[p.pick(STANDING)].grow(p, "-")
    axis = p.pick(needed([a for a in p.axes if a.op in STANDING]))
    p.add(make("under", axis))


@strategy("leg")
def _leg(p: Pool, d: str) -> None:
    if not any(leg_axes(a) for a in p.axes):
        GROW[p.pick(("choose", "product"))].grow(p, "-")
    axis = p.pick(needed([a for a in p.axes if leg_axes(a)])[::-1])
    p.add(make("leg", axis, k=p.choose(len(leg_axes(axis)))))


@strategy("nth")
def _nth(p: Pool, d: str) -> None:
    p.add(make("nth", p.axis(), i=p.choose(4)))


@strategy("pick", NUMERIC)
def _pick(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(build.pick(axis, keys(p, axis, d), p.pick(("argmin", "argmax"))))


@strategy("pick_truncated", ("f64",))
def _pick_truncated(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(build.pick_truncated(axis, p.along(axis, DType.F64), p.value(parent(axis), DType(p.pick(FLOATING)))))


@strategy("link", ("i64",))
def _link(p: Pool, d: str) -> None:
    where = p.any_axis()
    lists = [a for a in p.axes[:3] if sees(where, parent(a))]
    p.add(a_link(p, where, p.pick(needed(lists))))


def a_link(p: Pool, axis: Node, into: Node) -> Node:
    """An index with few values, or any integer, as a link."""
    dtype = DType(p.pick(INTEGER))
    base = stored(axis)
    if (base is EVENT or base.op == "collection") and not p.chance(25):
        name = "" if base is EVENT else base.text("name")
        index = build.arithmetic("sub", column(name, f"{dtype.value}_t"), build.const(p.choose(2)))
    else:
        index = p.value(axis, dtype)
    return members.link(build.lift(index, axis), into)


@strategy("shares")
def _shares(p: Pool, d: str) -> None:
    p.add(make("shares", *build.on_common_axis(*two_objects(p))))


@strategy("same")
def _same(p: Pool, d: str) -> None:
    p.add(build.compare("eq", *two_objects(p)))


def two_objects(p: Pool) -> tuple[Node, Node]:
    a = p.reference()
    others = [r for r in p.references if joined(a, r)]
    return a, p.pick(others[::-1])


# ---- moving values ---------------------------------------------------------------------------------------------------


@strategy("lift", ANYTHING)
def _lift(p: Pool, d: str) -> None:
    axis = p.axis()
    above = p.pick(lineage(axis)[1:])
    if d == "ref":
        seen = [r for r in p.references if r.type.axis is not axis and sees(axis, r.type.axis or EVENT)]
        value = p.pick(seen[::-1]) if seen else make("nth", collection("Muon"), i=0)
    else:
        value = p.value(above, DType(d))
    p.add(build.lift(value, axis))


@strategy("take", ANYTHING)
def _take(p: Pool, d: str) -> None:
    at = p.reference()
    assert at.type.target is not None
    into = at.type.target
    if d == "ref":
        inner = [r for r in p.references if sees(into, r.type.axis or EVENT)]
        p.add(build.take(p.pick(inner[::-1]) if inner else make("self", into), at))
    else:
        p.add(build.take(p.value(into, DType(d)), at))


@strategy("stack", ANYTHING)
def _stack(p: Pool, d: str) -> None:
    known = [a for a in p.axes if a.op in ("union", "legs")]
    if known and p.chance(50):
        axis = p.pick(known[::-1])
    else:
        axis = a_union(p) if p.chance(50) else some_legs(p)
        keep(p, axis)
    along = along_stack(axis)
    if d == "ref":
        p.add(members.stack([p.pick(needed([r for r in p.references if r.type.axis is a])) for a in along], axis))
    else:
        p.add(members.stack([p.along(a, DType(d)) for a in along], axis))


# ---- reductions, missing values --------------------------------------------------------------------------------------


def reduction(op: str, variants: tuple[str, ...]) -> None:
    def grow_by(p: Pool, d: str) -> None:
        axis = p.axis()
        p.add(build.reduce(op, p.along(axis, DType(d))))

    GROW[op] = Strategy(variants, grow_by)


for _op, _variants in (("sum", PLAIN), ("prod", PLAIN), ("min", NUMERIC), ("max", NUMERIC), ("any", ("bool",))):
    reduction(_op, _variants)


@strategy("count")
def _count(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(build.count(build.lift(p.condition(axis), axis)) if p.chance(40) else make("count", axis))


@strategy("exists", ANYTHING)
def _exists(p: Pool, d: str) -> None:
    p.add(make("exists", p.reference() if d == "ref" else p.value(p.any_axis(), DType(d))))


@strategy("otherwise", STORABLE)
def _otherwise(p: Pool, d: str) -> None:
    axis = p.any_axis()
    x = p.value(axis, DType(d))
    if not x.type.optional and p.chance(70):
        owner = p.pick(COLLECTIONS)
        x = build.take(p.leaf(collection(owner), DType(d)), make("nth", collection(owner), i=p.choose(3)))
    p.add(build.otherwise(x, p.value(axis, DType(d))))


# ---- decisions -------------------------------------------------------------------------------------------------------


@strategy("and", ("bool",))
def _and(p: Pool, d: str) -> None:
    axis = p.any_axis()
    p.add(build.logic("and", p.condition(axis), p.condition(axis)))


@strategy("or", ("bool",))
def _or(p: Pool, d: str) -> None:
    axis = p.any_axis()
    p.add(build.logic("or", p.condition(axis), p.condition(axis)))


@strategy("not", ("bool",))
def _not(p: Pool, d: str) -> None:
    p.add(make("not", build.decided(p.condition(p.any_axis()))))


@strategy("where", ANYTHING)
def _where(p: Pool, d: str) -> None:
    if d == "ref":
        at = p.reference()
        assert at.type.target is not None
        assert at.type.axis is not None
        axis = at.type.axis
        other = p.object_of(at.type.target, axis)
        p.add(build.where(p.condition(axis), *p.pick([(at, other), (other, at)])))
        return
    axis = p.any_axis()
    x, y = operands(p, DType(d)) if d in NUMERIC else (p.value(axis, DType(d)), p.value(axis, DType(d)))
    p.add(build.where(p.condition(build.common_axis((x, y))), x, y))


@strategy("category", ("bool",))
def _category(p: Pool, d: str) -> None:
    axis = p.any_axis()
    names = p.pick((LABELS, LABELS, LABELS[:1], ("p", "q", "r", "s")))
    label = members.category([(name, p.condition(axis)) for name in names])
    p.add(label)
    if p.chance(40):
        p.add(members.is_label(label, p.pick(names)))


def comparison(op: str, variants: tuple[str, ...]) -> None:
    def grow_by(p: Pool, d: str) -> None:
        a, b = operands(p, DType(d))
        if d != "bool" and p.chance(30):
            b = p.threshold(a)
        p.add(build.compare(op, *p.pick([(a, b), (b, a)])))

    GROW[op] = Strategy(variants, grow_by)


for _op, _variants in (("eq", PLAIN), ("lt", NUMERIC), ("le", NUMERIC)):
    comparison(_op, _variants)


# ---- arithmetic and functions ----------------------------------------------------------------------------------------

for _op, _variants in (("add", NUMERIC), ("sub", NUMERIC), ("mul", NUMERIC), ("mod", NUMERIC), ("div", FLOATING)):
    binary(_op, _variants, lambda a, b, op=_op: build.arithmetic(op, a, b))  # type: ignore[misc]
for _op in ("atan2", "hypot"):
    binary(_op, FLOATING, lambda a, b, op=_op: build.function2(op, a, b))  # type: ignore[misc]


@strategy("pow", ("f64",))
def _pow(p: Pool, d: str) -> None:
    a, b = operands(p, DType.F64)
    exponent = p.pick([b, build.const(0.5), build.const(2), build.const(-1), build.const(2.0)])
    p.add(build.power(a, exponent))


@strategy("neg", NUMERIC)
def _neg(p: Pool, d: str) -> None:
    p.add(build.neg(p.value(p.any_axis(), DType(d))))


@strategy("abs", NUMERIC)
def _abs(p: Pool, d: str) -> None:
    p.add(make("abs", p.value(p.any_axis(), DType(d))))


CASTS = tuple(f"{a}→{b}" for a in STORABLE for b in NUMERIC if a != b)


@strategy("cast", (*CASTS, "ref→i64"))
def _cast(p: Pool, d: str) -> None:
    source, to = d.split("→")
    if source == "ref":
        stored_only = [r for r in p.references if r.type.target is not None and r.type.target.op == "collection"]
        p.add(members.place(p.pick(stored_only[::-1])))
    else:
        p.add(build.cast(p.value(p.any_axis(), DType(source)), DType(to)))


@strategy("math", tuple(f"{name} {d}" for name in sorted(MATH) for d in FLOATING))
def _math(p: Pool, d: str) -> None:
    name, dtype = d.split()
    p.add(build.function(name, p.value(p.any_axis(), DType(dtype))))


@strategy("bit", tuple(f"{name} {d}" for name in BITS for d in INTEGER))
def _bit(p: Pool, d: str) -> None:
    name, dtype = d.split()
    axis = p.any_axis()
    other = p.value(axis, DType(dtype)) if not p.chance(25) else build.const(p.choose(70))
    p.add(build.bits(name, p.value(axis, DType(dtype)), other))
