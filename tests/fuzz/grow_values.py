"""Strategies of values: moved along axes, reduced, decided, computed."""

from __future__ import annotations

from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, lineage, sees
from hzdsl.ir.node import make
from hzdsl.ir.ops import BITS, MATH, PARTS
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, collection
from tests.fuzz.grow import (
    ANYTHING,
    FLOATING,
    GROW,
    INTEGER,
    NUMERIC,
    PLAIN,
    STORABLE,
    Strategy,
    binary,
    keep,
    needed,
    operands,
    strategy,
)
from tests.fuzz.grow_axes import a_row, a_union, some_legs
from tests.fuzz.pool import LABELS, Pool, along_stack

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
    moving = [r for r in p.references if r.op not in ("self", "lift")]  # what is taken at itself stays where it is
    at = p.pick(moving[::-1]) if moving and p.chance(70) else p.one_of(collection(p.pick(COLLECTIONS)))
    assert at.type.target is not None
    into = at.type.target
    if d == "ref":
        inner = [r for r in p.references if sees(into, r.type.axis or EVENT)]
        p.add(members.take(p.pick(inner[::-1]) if inner else make("self", into), at))
    else:
        p.add(members.take(p.value(into, DType(d)), at))


@strategy("collect", NUMERIC)
def _collect(p: Pool, d: str) -> None:
    at = p.reference()
    assert at.type.axis is not None
    p.add(members.collect(p.value(at.type.axis, DType(d)), at))


@strategy("stack", ANYTHING)
def _stack(p: Pool, d: str) -> None:
    known = [a for a in p.axes if a.op in ("union", "legs", "row")]
    if known and p.chance(50):
        axis = p.pick(known[::-1])
    else:
        axis = p.pick((a_union, some_legs, a_row))(p)
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
        p.add(members.reduce(op, p.along(axis, DType(d))))

    GROW[op] = Strategy(variants, grow_by)


for _op, _variants in (("sum", PLAIN), ("prod", PLAIN), ("min", NUMERIC), ("max", NUMERIC), ("any", ("bool",))):
    reduction(_op, _variants)


@strategy("count")
def _count(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(members.count(build.lift(p.condition(axis), axis)) if p.chance(40) else make("count", axis))


@strategy("exists", ANYTHING)
def _exists(p: Pool, d: str) -> None:
    p.add(make("exists", p.reference() if d == "ref" else p.value(p.any_axis(), DType(d))))


@strategy("otherwise", STORABLE)
def _otherwise(p: Pool, d: str) -> None:
    axis = p.any_axis()
    x = p.value(axis, DType(d))
    if not x.type.optional and p.chance(70):
        owner = p.pick(COLLECTIONS)
        x = members.take(p.leaf(collection(owner), DType(d)), make("nth", collection(owner), i=p.choose(3)))
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
    p.add(make("not", members.decided(p.condition(p.any_axis()))))


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


@strategy("faddeeva", ("f64",))
def _faddeeva(p: Pool, d: str) -> None:
    p.add(build.faddeeva(p.pick(PARTS), *operands(p, DType(d))))


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
