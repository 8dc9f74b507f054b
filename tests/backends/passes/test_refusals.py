"""What loops over lanes cannot express is refused by name, before anything is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.backends.passes.data import Bound
from hzdsl.backends.passes.program import compile_graph
from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE

JETS = make("collection", EVENT, name="Jet")


def column(attr: str, dtype: DType = DType.F64) -> Node:
    return make("column", JETS, name=f"Jet_{attr}", attr=attr, dtype=dtype, unit=NONE)


X, F, SMALL, J = column("x"), column("f", DType.F32), column("i", DType.I32), column("j", DType.I64)
U, FLAG = column("u", DType.U64), column("flag", DType.BOOL)
HARD = members.select(JETS, build.compare("lt", X, build.const(0.5)))
FIRST = make("nth", JETS, i=0)


def total(x: Node) -> Node:
    return make("sum", x)


def as_f64(x: Node) -> Node:
    return make("cast", x, dtype=DType.F64)


REFUSED = {
    "a filter": (total(make("lift", X, HARD)), "where"),
    "a sorted list": (total(make("lift", X, members.order(JETS, (X,)))), "no loops"),
    "pairs": (as_f64(make("count", make("choose", JETS, n=2))), "no loops"),
    "a product": (make("prod", X), "no loop is written for 'prod'"),
    "the greatest": (build.otherwise(make("max", X), build.const(0.0)), "may be missing"),
    "the least": (build.otherwise(make("min", X), build.const(0.0)), "may be missing"),
    "a value that may be missing": (build.otherwise(make("take", X, FIRST), build.const(0.0)), "may be missing"),
    "whether anything is there": (build.where(make("any", FLAG), build.const(1.0), build.const(0.0)), "'any'"),
    "a sum in f32": (as_f64(total(F)), "f32"),
    "a product in f32": (total(as_f64(make("mul", F, F))), "f32"),
    "a function in f32": (total(as_f64(make("math", F, name="exp"))), "f32"),
    "a number cut to f32": (total(as_f64(make("cast", X, dtype=DType.F32))), "cast to f32"),
    "a sum of whole numbers": (as_f64(total(J)), "whole numbers"),
    "a remainder of whole numbers": (total(as_f64(make("mod", J, J))), "whole numbers"),
    "arithmetic in 32 bits": (total(as_f64(make("add", SMALL, SMALL))), "whole numbers"),
    "64 bits without a sign": (total(as_f64(U)), "unsigned"),
    "a number cut to a whole one": (total(as_f64(make("cast", X, dtype=DType.I64))), "floor"),
    "bits": (total(as_f64(make("bit", J, J, name="and"))), "no loop is written"),
    "an object's place in its list": (total(as_f64(make("cast", make("self", JETS), dtype=DType.I64))), "place"),
    "a condition as a result": (build.compare("lt", total(X), build.const(0.0)), "bool"),
    "a whole number as a result": (make("count", JETS), "i64"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_loops_cannot_express_is_refused(case: str) -> None:
    node, words = REFUSED[case]
    with pytest.raises(HzdslError) as caught:
        compile_graph([node])
    assert caught.value.code == "unsupported"
    assert words in str(caught.value)
    assert "a likelihood cannot hold" in str(caught.value)


def test_f32_whole_numbers_and_conditions_are_data() -> None:
    """They are held in eight bytes: exact, where only moved, compared and cast."""
    one, zero = (make("lift", build.const(v), JETS) for v in (1.0, 0.0))
    same = make("where", build.compare("eq", SMALL, build.const(2)), one, zero)
    less = make("where", make("lt", F, make("neg", F)), one, zero)
    flags = make("where", make("and", FLAG, make("lt", J, make("mul", J, J))), one, zero)
    found = as_f64(make("add", J, make("cast", SMALL, dtype=DType.I64)))
    nodes = [total(x) for x in (same, less, flags, as_f64(F), found, as_f64(FLAG))]
    rng = np.random.default_rng(3)
    f, i, j = rng.normal(0, 1, 11).astype(np.float32), rng.integers(0, 4, 11, dtype=np.int32), rng.integers(-3, 4, 11)
    flag = rng.random(11) < 0.5
    given = Bound(compile_graph(nodes), {F: f, SMALL: i, J: j, FLAG: flag}, {JETS: np.array([11])})(())
    each = [i == 2, f < 0, flag & (j < j * j), f.astype(float), i + j, flag]
    np.testing.assert_allclose(given, [float(np.sum(x)) for x in each], rtol=1e-14)
