"""The interpreter against plain Python, one position at a time: the definition of every operation."""

from __future__ import annotations

import bisect
import itertools
import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from hzdsl.backends.base import (
    NUMPY,
    Binning,
    Chunk,
    Dump,
    Fill,
    Partial,
    Program,
    Regular,
    Selection,
    Variable,
)
from hzdsl.backends.interpret import ROWS, Evaluation, InterpretBackend, Row
from hzdsl.backends.interpret.libm import BY_NUMEXPR, BY_NUMPY, Library
from hzdsl.backends.interpret.values import Positions, Value
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, leg_axes
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import BITS, MATH, OPS, PARTS
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE
from tests.backends import slow
from tests.backends.ragged import NESTED, collection, column, random_chunk, random_values, specials
from tests.fuzz.programs import random_nodes

NUMERIC = [d for d in DType if d.numeric]
FLOATING = [d for d in DType if d.floating]
INTEGER = [d for d in DType if d.integer]
MUON, JET = collection("Muon"), collection("Jet")


def same_bits(a: Any, b: Any) -> bool:
    """Equal shape, dtype and bits; one NaN is as good as another."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    nan = np.isnan(a) & np.isnan(b)
    return bool(((a == b) & (np.signbit(a) == np.signbit(b)) | nan).all())


Rows = Mapping[str, Row]


def run(program: Program, chunk: Chunk, tables: bool = False, rows: Rows | None = None) -> Partial:
    return InterpretBackend(rows).compile(program).run(chunk, {"p": 2.5}, tables)


def equal_dumps(found: Dump, expected: tuple[Any, Any, Any]) -> bool:
    counts, values, valid = expected
    parts = ((found.counts, counts), (found.values, values), (found.valid, valid))
    return all(same_bits(a, b) for a, b in parts)


def agree(nodes: Sequence[Node], chunk: Chunk) -> None:
    dumps = run(Program(dumps=tuple(nodes)), chunk).dumps
    for node, found, expected in zip(nodes, dumps, slow.dump(chunk, list(nodes), {"p": 2.5}), strict=True):
        assert equal_dumps(found, expected), f"{node!r}\n{found}\n{expected}"
        assert node.type.optional or found.valid.all(), f"{node!r} is missing somewhere"


# ---- the operations of values, on all pairs of special values ----------------------------------------------


def flat(**columns: Any) -> tuple[Chunk, dict[str, Node]]:
    """One value per event and column."""
    dtypes = {v: k for k, v in NUMPY.items() if k is not DType.LABEL}
    nodes = {
        name: make("column", EVENT, name=name, attr=name, dtype=dtypes[values.dtype], unit=NONE)
        for name, values in columns.items()
    }
    return Chunk(len(next(iter(columns.values()))), columns, {}), nodes


def all_pairs(dtype: DType) -> tuple[Chunk, Node, Node]:
    values = specials(NUMPY[dtype])
    chunk, nodes = flat(x=np.repeat(values, len(values)), y=np.tile(values, len(values)))
    return chunk, nodes["x"], nodes["y"]


def test_every_operation_has_a_row():
    assert ROWS.keys() == OPS.keys()


@pytest.mark.parametrize("dtype", NUMERIC)
def test_arithmetic_and_comparison(dtype):
    chunk, x, y = all_pairs(dtype)
    ops = ["add", "sub", "mul", "mod", "eq", "lt", "le"] + (["div"] if dtype.floating else [])
    agree([*(make(op, x, y) for op in ops), make("neg", x), make("abs", x)], chunk)


@pytest.mark.parametrize("dtype", INTEGER)
def test_bits(dtype):
    chunk, x, y = all_pairs(dtype)
    agree([make("bit", x, y, name=name) for name in BITS], chunk)


@pytest.mark.parametrize("dtype", FLOATING)
def test_functions(dtype):
    chunk, x, y = all_pairs(dtype)
    wide = [build.faddeeva(part, x, y) for part in PARTS]
    agree([make("atan2", x, y), make("hypot", x, y), build.power(x, y), *wide], chunk)
    chunk, nodes = flat(x=specials(NUMPY[dtype]))
    agree([make("math", nodes["x"], name=name) for name in MATH], chunk)


def assert_libm(name: str, c_name: str, dtype: DType, *operands: Any) -> None:
    found = Library().call(name, *operands)
    function = slow.libm_function(c_name, dtype, len(operands))
    expected = np.array([function(*row) for row in zip(*(x.tolist() for x in operands), strict=True)], NUMPY[dtype])
    assert same_bits(found, expected)


@pytest.mark.parametrize("dtype", FLOATING)
@pytest.mark.parametrize("name", [*BY_NUMPY, *BY_NUMEXPR])
def test_functions_are_those_of_libm(name, dtype):
    rng = np.random.default_rng(2)
    parts = [rng.normal(0, 30, 4000), rng.uniform(-1, 1, 4000), np.exp(rng.uniform(-60, 60, 4000))]
    values = np.concatenate([*parts, random_values(rng, dtype, 4000)]).astype(NUMPY[dtype])
    two = name in ("atan2", "hypot", "pow")
    c_name = name if two else MATH[name].c_name
    with np.errstate(all="ignore"):
        assert_libm(name, c_name, dtype, *([values, rng.permutation(values)] if two else [values]))


@pytest.mark.parametrize("source", [*NUMERIC, DType.BOOL])
def test_casts(source):
    values = specials(NUMPY[source]) if source.numeric else np.array([True, False])
    if source.integer:  # halves between neighbouring f32 and f64
        large = [k * 2**p + d for p in (24, 25, 53, 54) for k in (1, 3) for d in (-1, 0, 1, 2)]
        values = np.concatenate([values, np.array(large).astype(np.int64).astype(NUMPY[source])])
    chunk, nodes = flat(x=np.concatenate([values, random_values(np.random.default_rng(3), source, 2000)]))
    agree([make("cast", nodes["x"], dtype=to) for to in NUMERIC], chunk)


def test_a_cast_to_f32_rounds_once():
    chunk, nodes = flat(x=np.array([2**54 + 2**30 + 1, 2**60 + 2**36 + 1]))
    found = run(Program(dumps=(build.cast(nodes["x"], DType.F32),)), chunk).dumps[0].values
    assert [int(v) for v in found] == [2**54 + 2**31, 2**60 + 2**37]


# ---- missing values ----------------------------------------------------------------------------------------


def maybe(attr: str, owner: Node = MUON) -> Node:
    """An attribute of the second object, missing where there is none."""
    return members.take(column(owner.text("name"), attr), make("nth", owner, i=1))


def unclear() -> Node:
    """A condition per muon that is there for some of an event's muons and missing for the others."""
    zero = build.const(0.0)
    sometimes = build.compare("lt", maybe("f32_s", JET), zero)
    return build.logic("or", build.compare("lt", column("Muon", "f32_s"), zero), sometimes)


def test_missing_propagates_and_leaves_zero():
    a, b = maybe("f64_t"), maybe("f64_a", JET)
    nodes = [build.arithmetic(op, a, b) for op in ("add", "sub", "mul", "div", "mod")]
    nodes += [build.neg(a), make("abs", a), build.compare("lt", a, b), build.power(a, b)]
    nodes += [build.cast(a, d) for d in NUMERIC] + [build.function(f, a) for f in MATH]
    chunk = random_chunk(11, 200)
    agree(nodes, chunk)
    for dump in run(Program(dumps=tuple(nodes)), chunk).dumps:
        assert not dump.values[~dump.valid].view(np.uint8).any()


def test_logic_of_three_values():
    a, b = maybe("bool_a"), maybe("bool_b", JET)
    nodes = [build.logic("and", a, b), build.logic("or", a, b), members.decided(a), make("exists", a)]
    nodes += [build.where(a, maybe("i32_a", JET), column("", "i32_a"))]
    nodes += [build.where(column("", "bool_a"), a, b)]
    nodes += [build.otherwise(a, b), build.otherwise(b, column("", "bool_a"))]
    agree(nodes, random_chunk(12, 500))


def test_references_that_may_be_missing():
    first, other = make("nth", MUON, i=0), make("nth", MUON, i=1)
    chosen = build.where(column("", "bool_a"), first, other)
    pair = make("choose", MUON, n=2)
    best = members.pick(pair, (pair_mass(pair),), "argmin")
    nodes = [first, other, chosen, best, make("take", make("leg", pair, k=1), best), make("exists", chosen)]
    agree([*nodes, members.take(column("Muon", "f32_a"), chosen)], random_chunk(13, 300))


# ---- axes --------------------------------------------------------------------------------------------------


def pair_mass(pair: Node, k: int = 0, other: int = 1) -> Node:
    legs = [members.take(column("Muon", "f32_t"), make("leg", pair, k=i)) for i in (k, other)]
    return build.arithmetic("add", *legs)


def some_axes() -> dict[str, Node]:
    good = members.select(MUON, column("Muon", "bool_a"))
    ordered = members.order(MUON, (column("Muon", "f32_t"), build.neg(column("Muon", "i32_t"))))
    pair, mixed = make("choose", good, n=2), make("product", MUON, ordered)
    near, some_jets = make("per", good, JET), members.select(JET, column("Jet", "bool_b"))
    return {
        "good": good,
        "ordered": ordered,
        "second and third": make("slice", ordered, start=1, stop=3),
        "from the second": make("slice", good, start=1, stop=None),
        "nothing": make("slice", good, start=2, stop=1),
        "pair": pair,
        "triple": make("choose", MUON, n=3),
        "selected pair": members.select(pair, build.compare("lt", pair_mass(pair), build.const(2.0))),
        "pair of pairs": make("choose", make("choose", MUON, n=2), n=2),
        "mixed": mixed,
        "pair of mixed": make("choose", mixed, n=2),
        "three": make("product", good, JET, MUON),
        "near": near,
        "near itself": make("per", MUON, MUON),
        "near pairs": make("per", pair, MUON),
        "pairs of near": make("choose", near, n=2),
        "near and more": make("product", MUON, near),
        "twice near": make("per", make("slice", near, start=0, stop=2), some_jets),
    }


@pytest.mark.parametrize("name", some_axes())
def test_positions_of_axes(name):
    axis = some_axes()[name]
    own = make("self", axis)
    nodes = [own, make("count", axis), make("nth", axis, i=1), build.lift(column("", "f32_a"), axis)]
    nodes += [make("leg", axis, k=k) for k in range(len(leg_axes(axis)))]
    chunk = random_chunk(21, 60)
    agree(nodes, chunk)
    assert "nothing" in name or len(run(Program(dumps=(own,)), chunk).dumps[0].values) > 10


@pytest.mark.parametrize("dtype", NUMERIC)
@pytest.mark.parametrize("sparse", [False, True])
def test_sort_is_stable_with_nan_and_missing_last(dtype, sparse):
    tied, second = column("Muon", f"{dtype.value}_t"), column("Muon", "f32_t")
    if sparse:
        tied = build.where(unclear(), tied, tied)
    axes = [members.order(MUON, keys) for keys in ((tied,), (tied, second), (second, tied), (build.neg(tied),))]
    agree([make("self", axis) for axis in axes], random_chunk(22, 250))


@pytest.mark.parametrize("dtype", NUMERIC)
def test_pick_takes_the_first_of_the_best(dtype):
    tied, second = column("Muon", f"{dtype.value}_t"), column("Muon", "f64_t")
    sparse = build.where(unclear(), tied, tied)
    keys = [(tied,), (tied, second), (second, tied), (sparse,), (second, sparse)]
    nodes = [members.pick(MUON, k, direction) for k in keys for direction in ("argmin", "argmax")]
    agree(nodes, random_chunk(23, 250))


def test_pick_truncated_keeps_the_best_in_an_int():
    mass = column("Muon", "f64_a")
    near = build.arithmetic("add", make("abs", mass), build.const(0.5))
    optional = build.where(unclear(), near, near)
    targets = [build.const(t) for t in (91.2, -1.0, math.inf, math.nan, 3e9, 1e300)]
    targets += [column("", "f64_a"), maybe("f64_s", JET)]
    nodes = [members.pick_truncated(MUON, m, t) for m in (mass, near, optional) for t in targets]
    agree(nodes, random_chunk(24, 250))


def test_pick_truncated_by_hand():
    """91.9 and 91.3 are kept as 91, so that 91.35 is taken for nearer; 300 is farther than -1."""
    values = np.array([91.9, 91.3, 91.35, np.nan, 300.0])
    chunk = Chunk(2, {"Muon_f64_a": values}, {"Muon": np.array([0, 3, 5])})
    found = make("pick_truncated", MUON, column("Muon", "f64_a"), build.const(91.2))
    assert run(Program(dumps=(found,)), chunk).dumps[0].values.tolist() == [[2], [-1]]


# ---- identity ----------------------------------------------------------------------------------------------


def test_shares_and_same():
    pair, again = make("choose", MUON, n=2), make("product", MUON, MUON)
    mixed, nested = make("product", MUON, JET), make("choose", make("choose", MUON, n=2), n=2)
    first = make("nth", MUON, i=0)
    objects = {"mixed": make("nth", mixed, i=1), "nested": make("nth", nested, i=2), "first": first}
    objects |= {"again": make("nth", again, i=2), "earlier": make("nth", again, i=0)}
    objects |= {"jet": make("nth", JET, i=0)}
    objects |= {"pair": make("nth", pair, i=0), "best": members.pick(pair, (pair_mass(pair),), "argmax")}
    both = list(itertools.product(objects.values(), repeat=2))
    nodes = [make(op, a, b) for a, b in both for op in ("shares", "same")]
    own = make("self", pair)
    nodes += [make("shares", own, build.lift(x, pair)) for x in objects.values()]
    nodes += [make("same", make("leg", pair, k=0), build.lift(first, pair))]
    agree(nodes, random_chunk(31, 120))


def test_what_is_left_without_the_best_pair():
    pair = make("choose", MUON, n=2)
    best = members.pick(pair, (pair_mass(pair),), "argmin")
    left = members.select(MUON, make("not", make("shares", make("self", MUON), build.lift(best, MUON))))
    agree([make("self", left), make("self", make("choose", left, n=2))], random_chunk(32, 200))


# ---- reductions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*NUMERIC, DType.BOOL])
def test_reductions(dtype):
    nodes: list[Node] = []
    for kind in "abt":
        plain = column("Muon", f"{dtype.value}_{kind}")
        near = members.take(plain, make("under", make("per", MUON, JET)))
        for value in (plain, near, build.where(unclear(), plain, plain)):
            ops = ("sum", "prod", "min", "max") if dtype.numeric else ("sum", "prod", "any")
            nodes += [make(op, value) for op in ops]
    agree(nodes, random_chunk(41, 200))


@pytest.mark.parametrize("dtype", FLOATING)
def test_sums_run_in_order_in_their_own_precision(dtype):
    rng = np.random.default_rng(42)
    values = (rng.normal(0, 1, 9000) * 10.0 ** rng.integers(-6, 7, 9000)).astype(NUMPY[dtype])
    name = f"{dtype.value}_a"
    chunk = Chunk(3, {f"Muon_{name}": values}, {"Muon": np.array([0, 8000, 8000, 9000])})
    agree([make("sum", column("Muon", name)), make("prod", column("Muon", name))], chunk)
    in_pairs = NUMPY[dtype].type(np.sum(values[:8000]))
    assert run(Program(dumps=(make("sum", column("Muon", name)),)), chunk).dumps[0].values[0] != in_pairs


def test_zeros_of_both_signs():
    """A sum starts at +0; of equal zeros min, max, argmin and argmax take the first."""
    values = np.array([-0.0, 0.0, 0.0, -0.0, -0.0], np.float32)
    chunk = Chunk(3, {"Muon_f32_a": values}, {"Muon": np.array([0, 2, 4, 5])})
    x = column("Muon", "f32_a")
    agree([make(op, x) for op in ("sum", "min", "max")] + [members.pick(MUON, (x,), "argmax")], chunk)
    greatest = run(Program(dumps=(make("max", x),)), chunk).dumps[0].values
    assert np.signbit(greatest).tolist() == [True, False, True]


# ---- random graphs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100, 104))
def test_large_random_graphs(seed):
    agree(random_nodes(seed, 400), random_chunk(seed, 12))


def test_the_rest_of_the_graph_does_not_matter():
    nodes, chunk = random_nodes(7, 200), random_chunk(7, 30)
    together = run(Program(dumps=tuple(nodes)), chunk).dumps
    for node, one in zip(nodes, together, strict=True):
        alone = run(Program(dumps=(node,)), chunk).dumps[0]
        assert equal_dumps(alone, (one.counts, one.values, one.valid))


def spoiled(row: Row) -> Row:
    """The row, but wrong at its last position."""

    def wrong(node: Node, state: Evaluation) -> Value | Positions:
        found = row(node, state)
        if isinstance(found, Value):
            data = found.data.copy()
            data[-1:] = ~data[-1:] if data.dtype == np.bool_ else data[-1:] * 0 if data[-1:].any() else 1
            return Value(data, found.valid) if node.type.target is None else found
        return Positions(found.n, found.parents, found.outer, found.index, tuple(x[::-1] for x in found.legs))

    return wrong


@pytest.mark.parametrize("op", sorted(o for o in OPS if OPS[o].family not in ("axes", "references")))
def test_a_wrong_row_is_noticed(op):
    graphs = [(random_nodes(seed), random_chunk(seed, 20)) for seed in range(16)]
    rows = {**ROWS, op: spoiled(ROWS[op])}
    for nodes, chunk in graphs:
        program = Program(dumps=tuple(nodes))
        right, wrong = (run(program, chunk, rows=r).dumps for r in (None, rows))
        if any(not equal_dumps(a, (b.counts, b.values, b.valid)) for a, b in zip(wrong, right, strict=True)):
            return
    pytest.fail(f"no random graph shows that {op} is wrong")


# ---- selections, tables, fills -----------------------------------------------------------------------------


def region() -> Selection:
    cuts = (build.compare("lt", build.const(0), make("count", MUON)), maybe("bool_a"), column("", "bool_b"))
    return Selection(cuts, (column("", "f32_a"), maybe("i64_a"), make("count", JET)))


def test_cutflow_and_table():
    chunk, chosen = random_chunk(51, 400), region()
    partial = run(Program((chosen, Selection(()))), chunk, tables=True)
    cuts, outputs = [slow.dump(chunk, list(n), {}) for n in (chosen.cuts, chosen.outputs)]
    alive, passed = np.ones(400, np.bool_), []
    for _, values, valid in cuts:
        alive &= values & valid
        passed.append(int(alive.sum()))
    assert partial.passed[0].tolist() == passed
    assert partial.passed[1].tolist() == []
    assert partial.tables[0].entry.tolist() == np.flatnonzero(alive).tolist()
    assert partial.tables[1].entry.tolist() == list(range(400))
    columns = zip(outputs, partial.tables[0].columns, chosen.outputs, strict=True)
    for (_, values, valid), (data, present), node in columns:
        assert same_bits(data, values[alive])
        assert (present is None) is not node.type.optional
        assert present is None or same_bits(present, valid[alive])


def test_without_tables_outputs_are_not_evaluated():
    def refuse(node: Node, state: Evaluation) -> Value:
        raise AssertionError("evaluated")

    program = Program((Selection((column("", "bool_a"),), (make("sum", column("Muon", "f32_a")),)),))
    rows = {**ROWS, "sum": refuse}
    assert run(program, random_chunk(52, 10), rows=rows).tables == []
    with pytest.raises(AssertionError, match="evaluated"):
        run(program, random_chunk(52, 10), tables=True, rows=rows)


def bin_of(x: float, binning: Binning) -> int:
    """The rules of boost-histogram: lower edges belong to a bin, NaN to the overflow."""
    if isinstance(binning, Variable):
        return bisect.bisect_right(binning.edges, x)
    z = (x - binning.low) / (binning.high - binning.low)
    if z < 0:
        return 0
    return 1 + int(z * binning.bins) if z < 1 else binning.bins + 1


BINNINGS = (Regular(7, -3.1, 4.3), Variable((-2.0, -0.5, 0.0, 1.5, 1e6)), Regular(3, 0.0, 0.3))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("cut", [None, 0])
def test_fills(dimensions, cut):
    x = column("Muon", "f64_t")
    values = build.on_common_axis(x, build.where(unclear(), x, x), build.cast(maybe("f32_s"), DType.F64))
    values, binnings = values[:dimensions], BINNINGS[:dimensions]
    chunk = random_chunk(53, 300)
    partial = run(Program((region(),), (Fill(values, binnings, cut),)), chunk)
    cuts = slow.dump(chunk, list(region().cuts), {})
    passing = [all(v[i] and ok[i] for _, v, ok in cuts) for i in range(300)]
    found = slow.dump(chunk, list(values), {})
    event = np.repeat(np.arange(300), found[0][0])
    expected, nans = np.zeros([b.bins + 2 for b in binnings], np.int64), 0
    for i, row in enumerate(zip(*(v.tolist() for _, v, _ in found), strict=True)):
        if all(ok[i] for _, _, ok in found) and (cut is None or passing[event[i]]):
            expected[tuple(bin_of(x, b) for x, b in zip(row, binnings, strict=True))] += 1
            nans += any(map(math.isnan, row))
    assert partial.counts[0].dtype == np.int64
    assert partial.counts[0].tolist() == expected.tolist()
    assert partial.nans == [nans]
    assert nans > 0


EDGES = (Regular(36, 70.0, 180.0), Regular(100, 0.0, 1.0), Variable((0.1, 0.2, 0.7, 1e9)))


@pytest.mark.parametrize("binning", EDGES)
def test_values_next_to_the_edges(binning):
    if isinstance(binning, Regular):
        edges = np.linspace(binning.low, binning.high, binning.bins + 1)
    else:
        edges = np.array(binning.edges)
    near = [np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
    values = np.concatenate([edges, *near, [np.nan, np.inf, -np.inf]])
    chunk, nodes = flat(x=values)
    counts = run(Program(fills=(Fill((nodes["x"],), (binning,)),)), chunk).counts[0]
    assert counts.tolist() == np.bincount([bin_of(x, binning) for x in values], minlength=binning.bins + 2).tolist()


def test_a_constant_fills_once_per_event():
    chunk = random_chunk(54, 5)
    partial = run(Program(fills=(Fill((build.const(0.5),), (Regular(1, 0.0, 1.0),)),)), chunk)
    assert partial.counts[0].tolist() == [0, 5, 0]


# ---- chunks, parameters, threads ---------------------------------------------------------------------------


def test_parameters_replace_their_defaults():
    x = build.param("x", 1.5)
    kernel = InterpretBackend().compile(Program(dumps=(x,)))
    chunk = random_chunk(61, 2)
    assert kernel.run(chunk, {}).dumps[0].values.tolist() == [1.5, 1.5]
    assert kernel.run(chunk, {"x": 7}).dumps[0].values.tolist() == [7.0, 7.0]


@pytest.mark.parametrize("entries", [0, 1, 2])
def test_hardly_any_events(entries):
    for seed in range(10):
        agree(random_nodes(seed), random_chunk(seed, entries))


def test_no_elements_at_all():
    offsets = {"Muon": np.zeros(4, np.int64), "Jet": np.zeros(4, np.int64), "Track": np.zeros(1, np.int64)}
    owners = tuple(offsets)
    empty = {k: v[:0] for k, v in random_chunk(1, 9).columns.items() if k.startswith(owners)}
    flats = {k: v for k, v in random_chunk(1, 3).columns.items() if not k.startswith(owners)}
    for seed in range(10):
        agree(random_nodes(seed), Chunk(3, empty | flats, offsets))


def test_a_chunk_may_begin_in_the_middle_of_its_columns():
    whole, nodes = random_chunk(62, 40), random_nodes(3)
    part = Chunk(
        20,
        {k: v if "_" in k and k.split("_")[0] in whole.offsets else v[20:] for k, v in whole.columns.items()},
        {k: v if k == NESTED else v[20:] for k, v in whole.offsets.items()},
    )
    agree(nodes, part)
    for a, b in zip(*(run(Program(dumps=tuple(nodes)), c).dumps for c in (whole, part)), strict=True):
        if len(a.counts):
            skipped = int(a.counts[:20].sum())
            assert equal_dumps(b, (a.counts[20:], a.values[skipped:], a.valid[skipped:]))


def test_nested_collections():
    track = make("collection", JET, name="Track")
    pt = make("column", track, name="Track_pt", attr="pt", dtype=DType.F32, unit=NONE)
    ht = make("sum", make("sum", pt))
    pairs = make("choose", track, n=2)
    offsets = {"Jet": np.array([0, 2, 2, 3]), "Track": np.array([0, 1, 3, 6])}
    chunk = Chunk(3, {"Track_pt": np.arange(1, 7, dtype=np.float32)}, offsets)
    dumps = run(Program(dumps=(ht, make("count", pairs), make("self", track))), chunk).dumps
    assert dumps[0].values.tolist() == [6.0, 0.0, 15.0]
    assert dumps[1].values.tolist() == [0, 1, 3]
    assert dumps[2].values[:, 0].tolist() == [0, 1, 2, 0, 1, 2]


def test_a_graph_ten_thousand_deep():
    x = column("Muon", "f32_a")
    for _ in range(10_000):
        x = make("neg", x)
    chunk = random_chunk(63, 50)
    dump = run(Program(dumps=(x,)), chunk).dumps[0]
    assert same_bits(dump.values, chunk.columns["Muon_f32_a"])
    assert len(topological([x])) > 10_000


def test_values_are_forgotten_after_their_last_use():
    x = column("Muon", "f64_a")
    chain = [x]
    for _ in range(50):
        chain.append(make("abs", make("neg", chain[-1])))
    held: list[int] = []

    def counting(node: Node, state: Evaluation) -> Value | Positions:
        held.append(sum(isinstance(v, Value) for v in state._results.values()))
        return ROWS["abs"](node, state)

    run(Program(dumps=(chain[-1],)), random_chunk(64, 5), rows={**ROWS, "abs": counting})
    assert max(held) == 1


def test_one_kernel_in_many_threads():
    nodes = [build.function(f, column("Muon", f"f{bits}_a")) for f in MATH for bits in (32, 64)]
    nodes += [build.power(column("Muon", "f64_a"), column("Muon", "f64_b")), *random_nodes(5)]
    kernel = InterpretBackend().compile(Program(dumps=tuple(nodes)))
    chunks = [random_chunk(seed, 1000 + seed) for seed in range(4)]
    expected = [kernel.run(c, {}).dumps for c in chunks]
    wrong: list[int] = []

    def work(i: int) -> None:
        for _ in range(5):
            for a, b in zip(kernel.run(chunks[i], {}).dumps, expected[i], strict=True):
                if not equal_dumps(a, (b.counts, b.values, b.valid)):
                    wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
