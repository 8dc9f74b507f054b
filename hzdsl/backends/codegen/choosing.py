"""Which values of a program are kept per event, and which of them are found together.

Kept is what would be evaluated again: what several functions of the kernel ask for, what is read through references
along the positions of a loop, what decides a selection; and only where it costs more than being written and read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.positions import axis_of
from hzdsl.backends.codegen.rows_reductions import REDUCTION_ROWS
from hzdsl.ir.axes import EVENT, stored
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.walk import values

Nodes = Sequence[Node]
#: What a call of the C library or a loop costs, in simple operations; from where on a value is worth to be kept; how
#: many references in one event make it one that is read again and again.
_CALL, _COSTLY, _OFTEN = 20, 20, 3


def groups(program: Program) -> list[Nodes]:
    """Return the values to be kept; those along one axis that are needed in the same places stand together."""
    order = topological(program.roots())
    cost, again = _costs(order, set()), _read_again(order)
    wanted: set[Node] = set()

    def is_wanted(node: Node, functions: int) -> bool:
        if cost[node] >= _COSTLY and (functions.bit_count() > 1 or node in again) and _is_listed(axis_of(node)):
            wanted.add(node)
        return node in wanted

    _places(program, order, is_wanted)
    still = _costs(order, wanted)  # what is made of kept values is costly by what is done to them only
    kept = {n for n in wanted if still[n] >= _COSTLY}
    places = _places(program, order, lambda node, _: node in kept)
    found: dict[tuple[Node | None, int], list[Node]] = {}
    for node in order:
        if node in kept:
            found.setdefault((node.type.axis, places[node]), []).append(node)
    return list(found.values())


def _costs(order: Nodes, kept: set[Node]) -> dict[Node, int]:
    """Return what each value costs where it is asked for; what is kept, or found before a loop, costs nothing."""
    cost: dict[Node, int] = {}
    for node in order:
        if not node.is_axis:
            cost[node] = _own_cost(node)
            if cost[node] < _COSTLY:
                operands = [v for v in dict.fromkeys(values(node)) if v not in kept and _here(v, node)]
                cost[node] = min(cost[node] + sum([cost[v] for v in operands]), _COSTLY)
    return cost


def _here(operand: Node, node: Node) -> bool:
    """Return whether an operand is evaluated wherever the value is: not if it belongs to what encloses its loop."""
    return OPS[node.op].elsewhere or stored(axis_of(operand)) is stored(axis_of(node))


def _own_cost(node: Node) -> int:
    if not values(node) and node.args and node.args[0].op == "collection":  # a place or the length of a stored list
        return 1
    return _CALL if OPS[node.op].costly or node.op in REDUCTION_ROWS else 1


def _places(program: Program, order: Nodes, kept: Callable[[Node, int], bool]) -> dict[Node, int]:
    """Return in which places each node is needed, as bits: one per cut, output, fill and weight, and per kept value.

    `kept` is asked of each value, what needs it first, with the functions that need it, as bits. A kept value is a
    place and a function of its own for what it needs.
    """
    places, functions = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    bits = count()
    for asked in _asked(program):
        function = 1 << next(bits)
        for root in asked:
            functions[root] |= function
            places[root] |= 1 << next(bits)
    for node in reversed(order):
        place, function = places[node], functions[node]
        if not node.is_axis and kept(node, function):
            place = function = 1 << next(bits)
        for below in node.args if node.type.axis is None else (*node.args, node.type.axis):
            places[below] |= place
            functions[below] |= function
    return places


def _asked(program: Program) -> list[list[Node]]:
    """Return what each function of the kernel evaluates, in order."""
    asked = [[*s.cuts, *s.outputs] for s in program.selections]
    for fill in program.fills:
        if fill.region is not None:
            asked[fill.region] += fill.values
        else:
            asked.append(list(fill.values))
    weights = dict.fromkeys([*(s.weights for s in program.selections), *(f.weights for f in program.fills)])
    gate = [] if program.gate is None else [[program.gate]]
    return [*asked, *map(list, weights), *([d] for d in program.dumps), *gate]


def _read_again(order: Nodes) -> set[Node]:
    """Return the values of elements that loops read through references, or test for a selection."""
    found = {n.args[1] for n in order if n.op == "filter"}
    often: dict[Node, int] = {}
    for node in order:
        if node.op == "take":
            value = node.args[0]
            often[value] = often.get(value, 0) + (1 if node.type.axis is EVENT else _OFTEN)
    found |= {value for value, n in often.items() if n >= _OFTEN}
    return {n for n in found if n.type.axis is not EVENT}


def _is_listed(axis: Node) -> bool:
    """Return whether the positions of an axis are elements of stored lists of the event, or the event."""
    base = stored(axis)
    if base is EVENT or base.type.axis is not EVENT:
        return base is EVENT
    return base.op == "collection" or (base.op == "union" and all(map(_is_listed, base.args)))
