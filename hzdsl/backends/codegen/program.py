"""From a program to an LLVM module: a function per region, fill and dump, called per entry by one loop."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from hzdsl.backends.base import SLOT, Fill, Program, Selection
from hzdsl.backends.codegen.bins import bin_index
from hzdsl.backends.codegen.emitter import Emitter, Unit
from hzdsl.backends.codegen.layout import Layout
from hzdsl.backends.codegen.lists import Body
from hzdsl.backends.codegen.lltypes import I1, I64
from hzdsl.backends.codegen.loops import for_each, over_positions
from hzdsl.backends.codegen.particles import particles_of, split
from hzdsl.backends.codegen.positions import NO_POSITIONS, Env, Val
from hzdsl.backends.codegen.sharing import Sharing
from hzdsl.backends.codegen.weighing import Weighing
from hzdsl.ir.axes import EVENT, parent
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir


def emit_program(program: Program, rows: Mapping[str, Any]) -> tuple[ir.Module, Layout]:
    """Return the module, whose function ``kernel(entries, context)`` runs the program, and its layout."""
    unit = Unit(ir.Module(), Layout(), rows, Sharing(program))
    unit.sharing.emit(unit)
    weighing = Weighing(unit)
    functions = [_region(unit, weighing, program, r) for r in range(len(program.selections))]
    for k, fill in enumerate(program.fills):
        if fill.region is None:
            e = Emitter(unit, f"fill_{k}")
            _fill(e, weighing, k, fill)
            e.finish()
            functions.append(e.function)
    if program.apart:
        functions.append(_overlaps(unit, program))
    gate = None if program.gate is None else _gate(unit, program.gate)
    dumps = [_dump(unit, d, node) for d, node in enumerate(program.dumps)]
    main = Emitter(unit, "kernel", internal=False)

    def every(env: Env, out: ir.Block) -> None:
        given = [env.at(EVENT)[0], main.context]
        if gate is not None:
            main.b.call(gate, given)
            with main.when(main.load_element(main.slot("open"), I64(0), DType.BOOL)):
                _call_all(main, functions, given)
        else:
            _call_all(main, functions, given)
        _call_all(main, dumps, given)

    for_each(main, EVENT, NO_POSITIONS, every)
    weighing.finish(main)
    main.finish()
    return unit.module, unit.layout


def _call_all(e: Emitter, functions: list[ir.Function], given: list[ir.Value]) -> None:
    for function in functions:
        e.b.call(function, given)


def _gate(unit: Unit, condition: Node) -> ir.Function:
    """Say whether the event is seen at all, and count it."""
    e = Emitter(unit, "gate")
    seen = e.truth(e.eval(condition, NO_POSITIONS))
    e.store_element(e.slot("open"), I64(0), seen, DType.BOOL)
    with e.when(seen):
        _increment(e, e.slot("accepted"), I64(0))
    e.finish()
    return e.function


def _overlaps(unit: Unit, program: Program) -> ir.Function:
    """Count the events that pass both of two regions that are to be apart, and keep the first."""
    e = Emitter(unit, "overlaps")
    for i, pair in enumerate(program.apart):
        a, b = (e.load_element(e.slot("inside"), I64(r), DType.BOOL) for r in pair)
        with e.when(e.b.and_(a, b)):
            first = e.element(e.slot("overlaps"), I64(2 * i + 1), I64)
            known = e.b.load(first, typ=I64)
            e.b.store(e.b.select(e.b.icmp_signed("<", known, I64(0)), e.entry, known), first)
            _increment(e, e.slot("overlaps"), I64(2 * i))
    e.finish()
    return e.function


def _increment(e: Emitter, pointer: ir.Value, index: ir.Value) -> None:
    address = e.element(pointer, index, I64)
    e.b.store(e.b.add(e.b.load(address, typ=I64), I64(1)), address)


# ---- regions -------------------------------------------------------------------------------------------------------


def _region(unit: Unit, weighing: Weighing, program: Program, r: int) -> ir.Function:
    """Test the cuts in order, counting those passed; then fill and write.

    The weights of an event are added once, to the row of the last cut that it passes: sums that are exact can be
    added up afterwards. Of the regions that have the same weights the first adds those of all events, the others those
    of the events that pass a cut.
    """
    e = Emitter(unit, f"region_{r}")
    selection = program.selections[r]
    done = e.block("rejected")
    first = selection.weights and selection.weights not in [s.weights for s in program.selections[:r]]
    leave = e.block("weighed") if first else done
    first_row = sum(len(s.cuts) for s in program.selections[:r])
    watched = any(r in pair for pair in program.apart)
    if watched:
        e.store_element(e.slot("inside"), I64(r), I1(0), DType.BOOL)
    stage = e.variable(I64, I64(0)) if selection.weights else None
    for k, cut in enumerate(selection.cuts):
        passes = e.block("passes")
        e.b.cbranch(e.truth(e.eval(cut, NO_POSITIONS)), passes, leave)
        e.b.position_at_end(passes)
        e.memo.append({})
        _increment(e, e.slot("passed"), I64(first_row + k))
        if stage is not None:
            e.b.store(I64(k + 1), stage)
            if leave is done:
                leave = e.block("weighed")
    if watched:
        e.store_element(e.slot("inside"), I64(r), I1(1), DType.BOOL)
    for k, fill in enumerate(program.fills):
        if fill.region == r:
            _fill(e, weighing, k, fill)
    if selection.listed:
        _table_row(e, r, selection)
    e.b.branch(leave)
    if stage is not None and leave is not done:
        e.b.position_at_end(leave)
        del e.memo[1 if first else 2 :]  # what was evaluated where one can come from
        weighing.add(e, ("flows", r), len(selection.cuts) + 1, e.get(stage, I64), selection.weights)
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


def _fill(e: Emitter, weighing: Weighing, k: int, fill: Fill) -> None:
    """Fill once per position of the values' axis, where all are present."""

    def once(env: Env, out: ir.Block) -> None:
        values = [e.eval(v, env) for v in fill.values]
        present = None
        for v in values:
            present = e.both(present, v.present)
        with e.when(I1(1) if present is None else present):
            _count_entry(e, weighing, k, fill, values)

    axis = fill.values[0].type.axis
    assert axis is not None
    _visit(e, axis, once, list(fill.values))


def _count_entry(e: Emitter, weighing: Weighing, k: int, fill: Fill, values: list[Val]) -> None:
    index: ir.Value = I64(0)
    nan: ir.Value = I1(0)
    for value, binning in zip(values, fill.binnings, strict=True):
        bins = binning.bins
        index = e.b.add(e.b.mul(index, I64(bins + 2)), bin_index(e, value.value, binning))
        nan = e.b.or_(nan, e.b.fcmp_unordered("uno", value.value, value.value))
    _increment(e, e.slot("counts", k), index)
    if fill.weights:
        weighing.add(e, ("sums", k), prod(b.bins + 2 for b in fill.binnings), index, fill.weights)
    with e.when(nan):
        _increment(e, e.slot("nans"), I64(k))


def _visit(e: Emitter, axis: Node, body: Body, uses: list[Node]) -> None:
    """Visit every position of `axis` in the event; of the event's own axis that is the event."""
    if axis is EVENT:
        body(NO_POSITIONS, e.b.block)
    else:
        over_positions(e, axis, NO_POSITIONS, body, uses)


# ---- dumps ---------------------------------------------------------------------------------------------------------


def _dump(unit: Unit, d: int, node: Node) -> ir.Function:
    """Write the value at every position of its axis, as far as the arrays reach; count all."""
    e = Emitter(unit, f"dump_{d}")
    dtype = node.type.dtype if node.type.target is None else DType.I64

    def once(env: Env, out: ir.Block) -> None:
        value = e.eval(node, env)
        total = e.load_element(e.slot("dump_total"), I64(d), DType.I64)
        with e.when(e.b.icmp_signed("<", total, e.slot("dump_capacity", number=True))):
            items = _dumped(e, node, env, value)
            for k, item in enumerate(items):
                at = e.b.add(e.b.mul(total, I64(len(items))), I64(k))
                e.store_element(e.slot("dump_values", d), at, item, dtype)
            e.store_element(e.slot("dump_valid", d), total, e.present(value), DType.BOOL)
        _increment(e, e.slot("dump_total"), I64(d))
        _increment(e, e.slot("dump_counts", d), e.entry)

    assert node.type.axis is not None
    _visit(e, node.type.axis, once, [node])
    e.finish()
    return e.function


def _dumped(e: Emitter, node: Node, env: Env, value: Val) -> list[ir.Value]:
    """Return what a dump holds of one position: the number, or the place in the event of every particle."""
    if node.type.target is None:
        return [e.canonical(value, node.type.dtype)]
    found = []
    for particle in particles_of(e, node, value, env):
        shown: ir.Value = I64(-1)
        for number, (collection, element, mine) in enumerate(split(e, particle)):
            local = e.b.sub(element, _first_of_event(e, collection))
            shown = e.b.select(mine, e.b.add(local, I64(number * SLOT)), shown)
        found.append(shown if value.present is None else e.b.select(value.present, shown, I64(-1)))
    return found


def _first_of_event(e: Emitter, collection: Node) -> ir.Value:
    """Return the number of a collection's first element in the event; of nested ones, of the first owner's first."""
    if collection.op == "row":
        return I64(0)
    chain = [collection]
    while parent(chain[-1]) is not EVENT:
        chain.append(parent(chain[-1]))
    first = e.entry
    for axis in reversed(chain):
        first = e.load_element(e.slot("offsets", axis.text("name")), first, DType.I64)
    return first
