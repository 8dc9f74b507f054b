"""Every derivative rule against differences of fifty digits, along every kind of axis; and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.autodiff import gradient
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import MATH, OPS, PARTS
from hzdsl.ir.types import DType
from tests.ir.smooth import (
    AXES,
    JET,
    LEPTONS,
    MUON,
    PAIRS,
    TRACK,
    P,
    Q,
    check,
    column,
    everywhere,
    of_event,
    sometimes,
    total,
    value,
)

#: Operations that say how they follow their operands.
SMOOTH = sorted(op for op, o in OPS.items() if o.derivative.moves)
#: Where arithmetic is looked at that has the rule of another operation.
FEW = ("event", "filter", "nested")
FUNCTIONS = sorted(name for name, f in MATH.items() if f.slope is not None)


def arithmetic(op: str) -> Callable[[], Node]:
    return lambda: everywhere(lambda x, y: build.arithmetic(op, x, y))


def unary(make_: Callable[[Node], Node]) -> Callable[[], Node]:
    return lambda: everywhere(lambda x, y: build.arithmetic("mul", make_(x), y))


def reduction(op: str) -> Callable[[], Node]:
    """Over every axis, over what may be missing, and over nothing."""

    def case() -> Node:
        axes = [a for a in AXES.values() if a is not EVENT and a.op != "choose"]
        found = [of_event(members.reduce(op, value(a, "u"))) for a in (*axes, PAIRS)]
        mixed = build.arithmetic("add", sometimes(MUON, "u"), build.lift(P, MUON))
        found.append(of_event(members.reduce(op, mixed)))
        found.append(of_event(members.reduce(op, build.lift(sometimes(EVENT, "v"), JET))))
        return total(found)

    return case


def choice(x: Node, y: Node) -> Node:
    return build.where(build.compare("lt", x, y), build.arithmetic("mul", x, y), build.arithmetic("div", x, y))


def otherwise() -> Node:
    found = []
    for axis in (EVENT, MUON, JET):
        x = sometimes(axis, "u")
        found.append(of_event(build.otherwise(build.arithmetic("mul", x, P), value(axis, "v"))))
        found.append(of_event(build.otherwise(x, sometimes(axis, "v"))))
    return total(found)


def where_missing() -> Node:
    """A condition that may be missing, and branches that may be, each alone."""
    low = build.compare("lt", sometimes(MUON, "u"), build.const(0.35))
    some = [build.where(low, value(MUON, "u"), build.lift(P, MUON))]
    some.append(build.where(build.compare("lt", column("Muon", "w"), Q), sometimes(MUON, "v"), value(MUON, "u")))
    return total([everywhere(choice), *(of_event(x) for x in some)])


def links() -> list[Node]:
    return [members.link(column("Muon", "j", DType.I64), JET), make("nth", MUON, i=1), make("leg", PAIRS, k=1)]


def take() -> Node:
    to_jet, second, leg = links()
    taken = [
        members.take(value(JET, "u"), to_jet),
        members.take(sometimes(JET, "u"), to_jet),
        members.take(value(MUON, "u"), second),
        members.take(value(MUON, "u"), leg),
        members.take(value(LEPTONS, "v"), make("nth", LEPTONS, i=2)),
    ]
    return total(of_event(x) for x in taken)


def collect() -> Node:
    to_jet, _, leg = links()
    sums = [
        members.collect(value(MUON, "u"), to_jet),
        members.collect(build.arithmetic("add", sometimes(MUON, "u"), P), to_jet),
        members.collect(value(PAIRS, "u"), leg),
        members.collect(value(TRACK, "v"), build.lift(make("self", JET), TRACK)),
    ]
    return total(of_event(x) for x in sums)


def lift() -> Node:
    """From every axis that another one sees."""
    coarse = [(EVENT, a) for a in AXES.values() if a is not EVENT]
    coarse += [(MUON, AXES["filter of filter"]), (MUON, AXES["per"]), (JET, TRACK), (JET, AXES["filter of nested"])]
    found = []
    for above, axis in coarse:
        x = build.lift(value(above, "u"), axis)
        found.append(of_event(build.arithmetic("mul", x, value(axis, "v"))))
    found.append(of_event(build.lift(sometimes(MUON, "u"), AXES["filter"])))
    return total(found)


def stack() -> Node:
    missing = members.stack([sometimes(EVENT, "u"), value(EVENT, "v")], make("row", EVENT, n=2))
    overlap = members.union(AXES["filter"], MUON)
    twice = members.stack([value(a, "u") for a in overlap.args], overlap)
    found = [value(AXES[name], "u") for name in ("union", "legs", "row")]
    return total(of_event(x) for x in (*found, missing, twice))


def cast() -> Node:
    """To f32 and back, and of a column in f32; the differences are of exact numbers."""
    narrow = build.cast(build.cast(value(MUON, "u"), DType.F32), DType.F64)
    stored = build.cast(column("Muon", "f", DType.F32), DType.F64)
    return of_event(build.arithmetic("mul", build.arithmetic("mul", narrow, stored), value(MUON, "u")))


def faddeeva() -> Node:
    return total(everywhere(lambda x, y, part=part: build.faddeeva(part, x, y), FEW) for part in PARTS)


def vary() -> Node:
    return everywhere(lambda x, y: build.vary(build.arithmetic("mul", x, y), (y,), "jes", ("up",)))


def power() -> Node:
    exponents = [build.const(x) for x in (2.5, -1.0, 0.0, 1.0, 2.0)]
    fixed = [everywhere(lambda x, y, n=n: make("pow", x, build.lift(n, y.type.axis or EVENT)), FEW) for n in exponents]
    return total([everywhere(build.power), *fixed])


def far(x: Node) -> Node:
    """A number beyond 1."""
    return build.arithmetic("add", x, build.const(1.2))


def signs(make_: Callable[[Node], Node]) -> Callable[[], Node]:
    """On numbers of both signs."""
    return unary(lambda x: make_(build.arithmetic("sub", x, build.const(0.5))))


CASES: dict[str, Callable[[], Node]] = {
    **{op: arithmetic(op) for op in ("add", "sub", "mul", "div")},
    "mod": lambda: everywhere(lambda x, y: build.arithmetic("mod", build.arithmetic("mul", x, build.const(7.0)), y)),
    "neg": unary(build.neg),
    "abs": signs(build.absolute),
    "pow": power,
    "atan2": lambda: everywhere(lambda x, y: build.function2("atan2", x, y)),
    "faddeeva": faddeeva,
    "hypot": lambda: everywhere(lambda x, y: build.function2("hypot", x, y)),
    "math": unary(lambda x: build.function("sqrt", x)),
    "cast": cast,
    "where": where_missing,
    "otherwise": otherwise,
    "vary": vary,
    "lift": lift,
    "take": take,
    "collect": collect,
    "stack": stack,
    **{op: reduction(op) for op in ("sum", "prod", "min", "max")},
}


def test_every_operation_with_a_derivative_has_a_case() -> None:
    assert set(CASES) == set(SMOOTH)


@pytest.mark.parametrize("op", SMOOTH)
def test_operations(op: str) -> None:
    check(CASES[op](), tolerance=1e-5 if op == "cast" else 1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    shifted = far if name == "acosh" else (lambda x: x)
    check(everywhere(lambda x, y: build.arithmetic("mul", build.function(name, shifted(x)), y), FEW))


# ---- refused, and still ----------------------------------------------------------------------------------------------

REFUSED = {
    "search": lambda: build.cast(make("search", P, edges=edges()), DType.F64),
    "float_bits": lambda: build.cast(make("float_bits", P), DType.F64),
    "cast": lambda: build.cast(build.cast(P, DType.I64), DType.F64),
    **{name: lambda name=name: build.function(name, P) for name in MATH if MATH[name].refused},
}


def edges() -> object:
    from hzdsl.ir.numbers import Numbers

    return Numbers.of((0.0, 0.5, 1.0), DType.F64)


def test_all_that_is_refused_has_a_case() -> None:
    refused = {op for op, o in OPS.items() if o.derivative.refused} | {n for n, f in MATH.items() if f.refused}
    assert set(REFUSED) == refused | {"cast"}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_staircase_is_refused_by_name(name: str) -> None:
    made = REFUSED[name]()
    with pytest.raises(HzdslError) as caught:
        gradient(build.arithmetic("mul", made, Q), [P, Q])
    assert caught.value.code == "derivative"
    assert "(p)" in str(caught.value) or "p.as_i64()" in str(caught.value) or "search(p" in str(caught.value)
    gradient(build.arithmetic("mul", made, Q), [Q])  # of what is kept fixed anything is fine


def test_by_whole_numbers_nothing_is_differentiated() -> None:
    n = build.param("n", 2)
    with pytest.raises(HzdslError, match="n is i64"):
        gradient(build.arithmetic("mul", n, P), [n])
