"""What makes two programs the same to the compiler, and a layout as plain data: both speak of nodes by their place.

Whatever decides the code enters the key, so that it is known before anything is emitted.
"""

from __future__ import annotations

from typing import Any

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.layout import Layout, Scratch
from hzdsl.ir.node import Node, topological
from hzdsl.ir.numbers import Numbers
from hzdsl.native import object_key, source_files

#: Attributes that say what a thing is called, documented or converted to, and never reach the code.
_UNUSED = frozenset(
    {"attr", "doc", "low", "high", "schema", "lists", "unit", "default"}
    | {"constraint", "fixed", "interest", "step", "groups"}  # of the parameters of likelihoods
)
#: The folders below the package whose files decide what is emitted.
_DECIDING = ("backends/codegen", "native", "native/ir", "ir", "ir/ops", "ir/building", "backends")


class Order:
    """The nodes of a program, each at its place: the same for every process that builds the same program."""

    def __init__(self, program: Program) -> None:
        self.nodes = topological(program.roots())
        self.places = {node: i for i, node in enumerate(self.nodes)}

    def parameters(self) -> list[Node]:
        """Return the parameters that the kernel takes."""
        return [n for n in self.nodes if n.op == "param"]

    def numbers(self) -> dict[str, Numbers]:
        """Return the tables that nodes hold, by their digests."""
        return {v.digest: v for n in self.nodes for _, v in n.attrs if isinstance(v, Numbers)}


def program_key(program: Program, order: Order, level: int | None) -> str:
    """Return the key of a program's object code on this machine, with this code."""
    places = order.places

    def at(nodes: tuple[Node, ...]) -> list[int]:
        return [places[n] for n in nodes]

    selections = [(at(s.cuts), at(s.outputs), at(s.weights), s.listed) for s in program.selections]
    fills = [(at(f.values), f.binnings, f.region, at(f.weights)) for f in program.fills]
    gate = None if program.gate is None else places[program.gate]
    asked = (selections, fills, at(program.dumps), gate, program.apart, level)
    return object_key(source_files(_DECIDING), repr(([_told(n, places) for n in order.nodes], asked)))


def _told(node: Node, places: dict[Node, int]) -> tuple[object, ...]:
    """Return all that a node is; its type follows from it."""
    args = [places[a] for a in node.args]
    return (node.op, args, [x for x in node.attrs if x[0] not in _UNUSED]) if node.attrs else (node.op, args)


# ---- layouts -------------------------------------------------------------------------------------------------------


def layout_told(layout: Layout, order: Order) -> dict[str, Any]:
    """Return a layout as JSON holds it."""
    slots = [[k.digest if isinstance(k, Numbers) else k for k in slot] for slot in layout.slots]
    scratch = [[[order.places[a] for a in s.axes], s.size] for s in layout.scratch]
    return {"slots": slots, "scratch": scratch, "once": layout.once}


def layout_from(told: dict[str, Any], order: Order) -> Layout:
    """Return the layout of a program from what was told of it."""
    numbers = order.numbers()
    slots = [(kind, numbers[keys[0]]) if kind == "numbers" else (kind, *keys) for kind, *keys in told["slots"]]
    scratch = [Scratch(tuple(order.nodes[place] for place in places), size) for places, size in told["scratch"]]
    return Layout({slot: i for i, slot in enumerate(slots)}, scratch, once=told["once"])
