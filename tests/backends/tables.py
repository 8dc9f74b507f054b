"""Programs that use tables and keyed random numbers: the cases of those operations."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.backends.base import NUMPY
from hzdsl.ir import members, tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV
from tests.backends.ragged import column, specials

#: Tables of every length near a power of two, and of none and many.
LENGTHS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 100)
OWNERS = ("", "Muon")
#: Edges at which implementations differ.
ODD = sorted({x for x in specials(NUMPY[DType.F64]).tolist() if x == x})


def edges(n: int, dtype: DType) -> Numbers:
    if dtype is DType.I64:
        return Numbers.of([3 * k - n for k in range(n)])
    return Numbers.of([0.75 * k - 0.3 * n for k in range(n)], DType.F64)


def missing(attr: str) -> Node:
    return members.take(column("Muon", attr), make("nth", column("Muon", attr).type.axis, i=1))  # type: ignore[arg-type]


def search() -> list[Node]:
    found = []
    for owner in OWNERS:
        for n in LENGTHS:
            found += [
                tables.search(column(owner, f"{d}_{k}"), edges(n, DType.F64)) for d in ("f32", "f64") for k in "st"
            ]
            found += [
                tables.search(column(owner, f"{d}_{k}"), edges(n, DType.I64)) for d in ("i32", "i64") for k in "bt"
            ]
        found.append(tables.search(column(owner, "f64_a"), Numbers.of(ODD)))
        found.append(tables.search(column(owner, "i64_a"), Numbers.of([-(2**63), -1, 0, 2**31, 2**63 - 1])))
    return [*found, tables.search(missing("f32_s"), edges(4, DType.F64))]


def entry() -> list[Node]:
    values = [Numbers.of([1.5 * k - 1 for k in range(n)], DType.F64) for n in LENGTHS[1:]]
    values += [Numbers.of([7, -(2**63), 2**63 - 1]), Numbers.of([float("nan"), -0.0, float("inf")])]
    found = [tables.entry(column(o, "i64_t"), v) for o in OWNERS for v in values]
    found += [tables.entry(column(o, f"{d}_a"), values[-1], GEV) for o in OWNERS for d in ("i32", "u32", "i64", "u64")]
    sure = tables.entry(tables.search(column("Muon", "f64_s"), edges(4, DType.F64)), values[4])
    assert not sure.type.optional
    return [*found, sure, tables.entry(missing("i64_t"), values[3]), tables.entry(missing("i64_a"), values[-1])]


def random() -> list[Node]:
    run, lumi, index = column("", "u32_a"), column("", "i32_a"), column("Muon", "i64_a")
    keys = [
        (run,),
        (run, lumi),
        (lumi, run),
        (run, lumi, column("", "u64_a"), index),
        (index,),
        (missing("i32_a"), run),
    ]
    return [tables.random(group, seed) for group in keys for seed in (0, 42, 2**64 - 1)]


def float_bits() -> list[Node]:
    return [
        tables.float_bits(x) for o in OWNERS for x in (column(o, "f64_a"), column(o, "f32_a"), column(o, "f64_t"))
    ] + [
        tables.float_bits(missing("f64_a")),
        tables.float_bits(make("math", column("", "f64_s"), name="sqrt")),
    ]


CASES: dict[str, Callable[[], list[Node]]] = {
    "search": search,
    "entry": entry,
    "random": random,
    "float_bits": float_bits,
}
