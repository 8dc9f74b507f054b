"""Strategies of look-ups, keyed random numbers and variations."""

from __future__ import annotations

import numpy as np

from hzdsl.ir import build, tables
from hzdsl.ir.axes import EVENT, lineage
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from tests.fuzz.grow import FLOATING, INTEGER, NUMERIC, PLAIN, Pool, strategy

SEEDS = (0, 42, 2**64 - 1)


def numbers(p: Pool, dtype: DType, most: int) -> list[float]:
    """Return some values that occur in a branch, so that edges tie."""
    owner = p.pick(("", "Muon_", "Jet_"))
    values = p.chunk.columns[f"{owner}{p.attribute(dtype)}"]
    picked = [p.pick(list(values)).item() for _ in range(p.choose(most + 1))] if len(values) else []
    return [x for x in picked if x == x]


@strategy("search", ("i64", "f64"))
def _search(p: Pool, d: str) -> None:
    dtype = DType(d)
    x = p.value(p.any_axis(), DType(p.pick(("i64", "i32", "u32") if d == "i64" else FLOATING)))
    edges = [e.item() for e in np.unique(np.array(numbers(p, dtype, 9), d.replace("i", "int").replace("f", "float")))]
    index = tables.search(x, Numbers.of(edges, dtype))
    p.add(index)
    if p.chance(40):
        p.add(tables.entry(index, a_row(p, len(edges) + p.choose(2))))


@strategy("entry", ("i64",))
def _entry(p: Pool, d: str) -> None:
    index = p.value(p.any_axis(), DType(p.pick(INTEGER)))
    small = build.bits("and", index, build.const(p.pick((1, 3, 7))))
    p.add(tables.entry(p.pick((small, index)), a_row(p, 1 + p.choose(8))))


def a_row(p: Pool, n: int) -> Numbers:
    """Return values of a table, special ones among them."""
    dtype = p.pick((DType.F64, DType.I64))
    values = [build.const_value(p.literal(dtype)) for _ in range(max(1, n))]
    return Numbers.of([2 if x is None else x for x in values], dtype)


@strategy("random", ("u64",))
def _random(p: Pool, d: str) -> None:
    axis = p.any_axis()
    keys = [p.value(p.pick(lineage(axis)), DType(p.pick(INTEGER))) for _ in range(1 + p.choose(3))]
    p.add(tables.random(keys, p.pick(SEEDS)))


@strategy("float_bits", ("f64",))
def _float_bits(p: Pool, d: str) -> None:
    p.add(tables.float_bits(p.value(p.any_axis(), DType(p.pick(NUMERIC)))))


@strategy("vary", PLAIN)
def _vary(p: Pool, d: str) -> None:
    axis = p.any_axis()
    other = p.value(axis if p.chance(60) else EVENT, DType(d))
    p.add(build.vary(p.value(axis, DType(d)), (other,), "jes", ("up",)))
