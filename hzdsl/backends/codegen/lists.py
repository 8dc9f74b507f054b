"""Lists of positions in scratch memory: how they are laid out, found and gone through."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import I64
from hzdsl.backends.codegen.positions import Env, Position, width
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir

#: Called at each position with the environment that binds it and the block to branch to for leaving the loop.
Body = Callable[[Env, ir.Block], None]
#: The address of a list and how many positions it holds.
Listed = tuple[ir.Value, ir.Value]


def list_of(e: Emitter, axis: Node, env: Env) -> Listed | None:
    """Return the list of an axis' positions, where a scope has written it."""
    found: Listed | None = e.find(("list", axis, env.outer_key(axis)))
    return found


def over_list(e: Emitter, axis: Node, found: Listed, env: Env, body: Body) -> None:
    pointer, count = found
    with e.loop(I64(0), count) as (i, out):
        body(env.bind(axis, read_position(e, pointer, i, width(axis))), out)


def scratch(e: Emitter, axis: Node, size: int) -> ir.Value:
    """Return the address of new scratch memory: `size` bytes for each position of `axis`."""
    return e.slot("scratch", e.layout.new_scratch((axis,), size))


def write_position(e: Emitter, pointer: ir.Value, index: ir.Value, position: Position) -> None:
    start = e.b.mul(index, I64(len(position)))
    for k, part in enumerate(position):
        e.store_element(pointer, e.b.add(start, I64(k)), part, DType.I64)


def read_position(e: Emitter, pointer: ir.Value, index: ir.Value, size: int) -> Position:
    start = e.b.mul(index, I64(size))
    return tuple(e.load_element(pointer, e.b.add(start, I64(k)), DType.I64) for k in range(size))
