"""From a program to an LLVM module: a function per region, fill and dump, called per entry by one loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llvmlite import ir

from hzdsl.backends.base import Fill, Program, Selection
from hzdsl.backends.codegen.bins import bin_index
from hzdsl.backends.codegen.emitter import Emitter, Env, Val
from hzdsl.backends.codegen.layout import Layout
from hzdsl.backends.codegen.lltypes import I1, I64
from hzdsl.backends.codegen.loops import bounds, for_each
from hzdsl.backends.codegen.rows_axes import particles
from hzdsl.ir.axes import EVENT, leaf_axes, parent
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType

NO_POSITIONS = Env({})


def emit_program(program: Program, rows: Mapping[str, Any]) -> tuple[ir.Module, Layout]:
    """Return the module, whose function ``kernel(entries, context)`` runs the program, and its layout."""
    module, layout = ir.Module("hzdsl"), Layout()
    functions = [_region(module, layout, rows, program, r) for r in range(len(program.selections))]
    for k, fill in enumerate(program.fills):
        if fill.region is None:
            e = Emitter(module, f"fill_{k}", layout, rows)
            _fill(e, k, fill)
            e.finish()
            functions.append(e.function)
    functions += [_dump(module, layout, rows, d, node) for d, node in enumerate(program.dumps)]
    main = Emitter(module, "kernel", layout, rows, linkage="external")

    def every(env: Env, out: ir.Block) -> None:
        for function in functions:
            main.b.call(function, [env.at(EVENT)[0], main.context])

    for_each(main, EVENT, NO_POSITIONS, every)
    main.finish()
    return module, layout


def _increment(e: Emitter, pointer: ir.Value, index: ir.Value) -> None:
    address = e.element(pointer, index, I64)
    e.b.store(e.b.add(e.b.load(address, typ=I64), I64(1)), address)


# ---- regions -------------------------------------------------------------------------------------------------------


def _region(module: ir.Module, layout: Layout, rows: Mapping[str, Any], program: Program, r: int) -> ir.Function:
    """Test the cuts in order, counting those passed; then fill and write."""
    e = Emitter(module, f"region_{r}", layout, rows)
    selection = program.selections[r]
    done = e.block("rejected")
    first_row = sum(len(s.cuts) for s in program.selections[:r])
    for k, cut in enumerate(selection.cuts):
        passes = e.block("passes")
        e.b.cbranch(e.truth(e.eval(cut, NO_POSITIONS)), passes, done)
        e.b.position_at_end(passes)
        e.memo.append({})
        _increment(e, e.slot("passed"), I64(first_row + k))
    for k, fill in enumerate(program.fills):
        if fill.region == r:
            _fill(e, k, fill)
    _table_row(e, r, selection)
    e.b.branch(done)
    e.b.position_at_end(done)
    e.finish()
    return e.function


def _table_row(e: Emitter, r: int, selection: Selection) -> None:
    """Append the entry and its outputs, where tables are asked for."""
    wanted = e.b.icmp_signed("!=", e.slot("tables", number=True), I64(0))
    with e.when(wanted):
        values = [e.eval(node, NO_POSITIONS) for node in selection.outputs]
        rows = e.slot("table_rows")
        n = e.load_element(rows, I64(r), DType.I64)
        e.store_element(e.slot("table_entry", r), n, e.entry, DType.I64)
        for j, (value, node) in enumerate(zip(values, selection.outputs, strict=True)):
            dtype = node.type.dtype
            e.store_element(e.slot("table_column", r, j), n, e.canonical(value, dtype), dtype)
            if node.type.optional:
                e.store_element(e.slot("table_valid", r, j), n, e.present(value), DType.BOOL)
        _increment(e, rows, I64(r))


# ---- histograms ----------------------------------------------------------------------------------------------------


def _fill(e: Emitter, k: int, fill: Fill) -> None:
    """Fill once per position of the values' axis, where all are present."""

    def once(env: Env, out: ir.Block | None = None) -> None:
        values = [e.eval(v, env) for v in fill.values]
        present = None
        for v in values:
            present = e.both(present, v.present)
        with e.when(I1(1) if present is None else present):
            _count_entry(e, k, fill, values)

    axis = fill.values[0].type.axis
    assert axis is not None
    _over_positions(e, axis, NO_POSITIONS, once, list(fill.values))


def _count_entry(e: Emitter, k: int, fill: Fill, values: list[Val]) -> None:
    index: ir.Value = I64(0)
    nan: ir.Value = I1(0)
    for value, binning in zip(values, fill.binnings, strict=True):
        bins = binning.bins
        index = e.b.add(e.b.mul(index, I64(bins + 2)), bin_index(e, value.value, binning))
        nan = e.b.or_(nan, e.b.fcmp_unordered("uno", value.value, value.value))
    _increment(e, e.slot("counts", k), index)
    with e.when(nan):
        _increment(e, e.slot("nans"), I64(k))


def _over_positions(e: Emitter, axis: Node, env: Env, once: Any, uses: list[Node]) -> None:
    """Visit every position of `axis` in the event, looping over its parents first."""
    if axis is EVENT:
        once(env)
    elif parent(axis) is EVENT:
        for_each(e, axis, env, once, uses)
    else:
        _over_positions(e, parent(axis), env, lambda inner, out=None: for_each(e, axis, inner, once, uses), uses)


# ---- dumps ---------------------------------------------------------------------------------------------------------


def _dump(module: ir.Module, layout: Layout, rows: Mapping[str, Any], d: int, node: Node) -> ir.Function:
    """Write the value at every position of its axis, as far as the arrays reach; count all."""
    e = Emitter(module, f"dump_{d}", layout, rows)

    def once(env: Env, out: ir.Block | None = None) -> None:
        value = e.eval(node, env)
        total = e.load_element(e.slot("dump_total"), I64(d), DType.I64)
        with e.when(e.b.icmp_signed("<", total, e.slot("dump_capacity", number=True))):
            _dump_value(e, d, node, value, total)
            e.store_element(e.slot("dump_valid", d), total, e.present(value), DType.BOOL)
        _increment(e, e.slot("dump_total"), I64(d))
        _increment(e, e.slot("dump_counts", d), e.entry)

    assert node.type.axis is not None
    _over_positions(e, node.type.axis, NO_POSITIONS, once, [node])
    e.finish()
    return e.function


def _dump_value(e: Emitter, d: int, node: Node, value: Val, row: ir.Value) -> None:
    if node.type.target is None:
        e.store_element(e.slot("dump_values", d), row, e.canonical(value, node.type.dtype), node.type.dtype)
        return
    leaves = leaf_axes(node.type.target)
    for k, (leaf, part) in enumerate(zip(leaves, particles(value, leaves), strict=True)):
        first, _ = bounds(e, leaf, NO_POSITIONS)
        local = e.b.sub(part, first)
        shown = local if value.present is None else e.b.select(value.present, local, I64(-1))
        at = e.b.add(e.b.mul(row, I64(len(leaves))), I64(k))
        e.store_element(e.slot("dump_values", d), at, shown, DType.I64)
