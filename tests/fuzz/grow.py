"""One strategy for every operation: how a random program grows by it.

A strategy has variants, the dtypes (and names) over which the operation is defined: `tests.fuzz.coverage` counts them.
It takes operands from the pool and goes through `hzdsl.ir.build` and `hzdsl.ir.members`, as the surface does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.axes import lineage
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, NESTED, column
from tests.fuzz.pool import Pool

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
    strategy = GROW[op]  # (filled by the modules that `strategies` imports)
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


def keys(p: Pool, axis: Node, d: str) -> tuple[Node, ...]:
    more = [p.value(axis, DType(p.pick(PLAIN))) for _ in range(p.pick((0, 0, 1, 2)))]
    return (p.value(axis, DType(d)), *more)


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
