"""One of many contents by an index, compactly: contents of one shape become one, with tables for their constants."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.corrections.numbers import Along
from hzdsl.ir import tables
from hzdsl.ir.build import const_value
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers, concatenated
from hzdsl.ir.ops import OPS
from hzdsl.ir.ops.tables import surely_within
from hzdsl.ir.types import DType
from hzdsl.ir.walk import reached


def chosen(index: Node, contents: Sequence[Node | None], along: Along) -> Node:
    """Return ``contents[index]``, missing where the index is, lies outside, or chooses None.

    Parameters
    ----------
    index : Node
        i64.
    contents : sequence of Node or None
        f64, along the same axis.
    """
    found = _between(index, tuple(contents), 0, len(contents), along)
    sure = surely_within(index, len(contents)) and not index.type.optional
    if sure or _needs(found, index):
        return found
    inside = make("and", make("le", along.integer(0), index), make("lt", index, along.integer(len(contents))))
    return make("where", inside, found, along.missing())


def number_at(index: Node, values: Sequence[float]) -> Node:
    """Return ``values[index]``, missing where the index is or lies outside."""
    return tables.entry(index, Numbers.of(values, DType.F64))


def _between(index: Node, contents: tuple[Node | None, ...], low: int, high: int, along: Along) -> Node:
    """Halve the range until the contents of a part are of one shape."""
    part = contents[low:high]
    present = [c for c in part if c is not None]
    if not present:
        return along.missing()
    if len(present) == len(part):
        merged = _merged(index, (None,) * low + part, low)
        if merged is not None:
            return merged
    middle = (low + high) // 2
    left, right = (_between(index, contents, *ends, along) for ends in ((low, middle), (middle, high)))
    return make("where", make("lt", index, along.integer(middle)), left, right)


def _merged(index: Node, contents: tuple[Node | None, ...], low: int) -> Node | None:
    """Return one node for contents of one shape, or None where their shapes differ. Never recursive.

    `contents` has None below `low`: the tables are filled up from the front.
    """
    row = tuple(c for c in contents if c is not None)
    stack, known = [row], dict[tuple[Node, ...], Node]()
    while stack:
        at = stack[-1]
        first = at[0]
        if at in known:
            stack.pop()
            continue
        leaf = first if all(n is first for n in at) else _table(index, at, low)
        if leaf is not None:
            known[at] = leaf
            continue
        if any(n.op != first.op or n.attrs != first.attrs or len(n.args) != len(first.args) for n in at):
            return None
        if not first.args or first.is_axis:
            return None
        children = [tuple(n.args[k] for n in at) for k in range(len(first.args))]
        waiting = [c for c in children if c not in known]
        if waiting:
            stack += waiting
        else:
            known[at] = make(first.op, *(known[c] for c in children), **dict(first.attrs))
    return known[row]


def _table(index: Node, row: tuple[Node, ...], low: int) -> Node | None:
    """Return constants, or look-ups of one place in tables of one length, as one look-up; else None."""
    constants = [const_value(n) for n in row]
    dtype = row[0].type.dtype
    if all(c is not None and n.type == row[0].type for c, n in zip(constants, row, strict=True)):
        if dtype not in (DType.F64, DType.I64):
            return None
        values = [c for c in constants if c is not None]
        return tables.entry(index, Numbers.of([values[0]] * low + values, dtype), row[0].type.unit)
    if any(n.op != "entry" or n.args[0] is not row[0].args[0] or n.type != row[0].type for n in row):
        return None
    rows = [n.attr("values") for n in row]
    if len({len(r) for r in rows if isinstance(r, Numbers)}) != 1:
        return None
    return _two_levels(index, row[0].args[0], [r for r in rows if isinstance(r, Numbers)], low, row[0])


def _two_levels(index: Node, inner: Node, rows: list[Numbers], low: int, like: Node) -> Node:
    """Return ``rows[index][inner]`` as one table, a row after the other."""
    n, axis = len(rows[0]), like.type.axis
    assert axis is not None
    along = Along(axis)
    at = make("add", make("mul", index, along.integer(n)), inner)
    if not surely_within(inner, n):
        inside = make("and", make("le", along.integer(0), inner), make("lt", inner, along.integer(n)))
        at = make("where", inside, at, along.integer(-1))
    return tables.entry(at, concatenated([rows[0]] * low + rows), like.type.unit)


def _row_of(at: Node) -> Node | None:
    """Return the index of the row in an index of `_two_levels`: outside the rows, that is outside the table."""
    if at.op == "where":
        at = at.args[1]
    return at.args[0].args[0] if at.op == "add" and at.args[0].op == "mul" else None


def _needs(node: Node, index: Node) -> bool:
    """Return True where a node is missing whenever the index is missing or outside: it looks its own table up by it."""

    def decisive(n: Node) -> tuple[Node, ...]:
        return n.args if OPS[n.op].strict else n.args[:1] if n.op == "where" else ()

    looked_up = (n.args[0] for n in reached([node], decisive) if n.op == "entry")
    return any(at is index or _row_of(at) is index for at in looked_up)
