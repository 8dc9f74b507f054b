"""Proofs that regions share no event: sound on every case tried, complete on what analyses write."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.exclusive import apart
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE


def value(name: str, dtype: DType = DType.F32) -> Node:
    return make("column", EVENT, name=name, attr=name, dtype=dtype, unit=NONE)


X, Y, N, U, FLAG = value("x"), value("y"), value("n", DType.I32), value("u", DType.U64), value("flag", DType.BOOL)


def lt(a, b) -> Node:
    return build.compare("lt", *(x if isinstance(x, Node) else build.const(x) for x in (a, b)))


def le(a, b) -> Node:
    return build.compare("le", *(x if isinstance(x, Node) else build.const(x) for x in (a, b)))


def eq(a, b) -> Node:
    return build.compare("eq", *(x if isinstance(x, Node) else build.const(x) for x in (a, b)))


def no(a: Node) -> Node:
    return make("not", a)


def either(a: Node, b: Node) -> Node:
    return build.logic("or", a, b)


P = build.param("p", 25.0)

APART = [
    ([FLAG], [no(FLAG)]),
    ([eq(N, 0)], [lt(0, N)]),
    ([lt(N, 2)], [le(2, N)]),
    ([lt(N, 2)], [lt(1, N), lt(X, 3)]),
    ([le(X, 2.5)], [lt(2.5, X)]),
    ([lt(X, 1)], [lt(Y, 0), eq(X, 2)]),
    ([lt(X, P)], [lt(P, X)]),
    ([lt(X, Y)], [le(Y, X)]),
    ([lt(X, Y)], [eq(X, Y)]),
    ([build.logic("and", lt(1, X), lt(X, 2))], [build.logic("and", lt(2, X), lt(X, 3))]),
    ([either(lt(X, 1), lt(5, X))], [lt(2, X), lt(X, 4)]),
    ([no(either(FLAG, lt(X, 1)))], [FLAG]),
    ([no(lt(N, 3))], [eq(N, 2)]),
    ([no(le(N, 3))], [eq(N, 3)]),
    ([eq(FLAG, True)], [eq(FLAG, False)]),
    ([lt(U, 3)], [lt(3, U)]),
]
NOT_PROVED = [
    ([lt(X, 2)], [lt(1, X)]),
    ([le(X, 2)], [le(2, X)]),
    ([le(X, Y)], [le(Y, X)]),
    ([lt(X, 1)], [lt(1, Y)]),
    ([no(lt(X, 3))], [no(lt(3, X))]),  # NaN passes both
    ([no(lt(X, 3))], [no(le(3, X))]),
    ([either(lt(X, 1), lt(5, X))], [lt(2, X)]),
    ([FLAG], [lt(X, 1)]),
    ([], [FLAG]),
]


@pytest.mark.parametrize(("a", "b"), APART)
def test_apart(a, b) -> None:
    assert apart(a, b)
    assert apart(b, a)


@pytest.mark.parametrize(("a", "b"), NOT_PROVED)
def test_not_proved(a, b) -> None:
    assert not apart(a, b)
    assert not apart(b, a)


def test_what_is_proved_is_true_of_every_event() -> None:
    """All pairs of requirements, on all combinations of awkward values."""
    floats = np.array([-1, 0, 1, 2, 2.5, 3, 4, 25, 30, np.nan, np.inf, -np.inf], np.float32)
    grid = list(itertools.product(floats, floats, [-1, 0, 1, 2, 3, 4], [0, 3, 2**64 - 1], [False, True]))
    types = {"x": "f4", "y": "f4", "n": "i4", "u": "u8", "flag": "?"}
    columns = {name: np.array(c, t) for (name, t), c in zip(types.items(), zip(*grid, strict=True), strict=True)}
    atoms = list(dict.fromkeys(c for pair in (*APART, *NOT_PROVED) for side in pair for c in side))
    atoms += [lt(U, -1), lt(-1, U), eq(U, -1), no(lt(U, -1)), no(eq(X, 2)), no(eq(N, 2)), lt(X, 2.4), le(2.5, X)]
    dumps = InterpretBackend().compile(Program(dumps=tuple(atoms))).run(Chunk(len(grid), columns, {}), {}).dumps
    passed = [d.values & d.valid for d in dumps]
    proved = 0
    for (i, a), (k, b) in itertools.combinations(enumerate(atoms), 2):
        if apart([a], [b]):
            proved += 1
            assert not (passed[i] & passed[k]).any(), (a, b)
    assert proved > 30
