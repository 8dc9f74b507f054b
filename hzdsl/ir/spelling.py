"""How one node is written: a template over other nodes, found by trial.

The graph holds casts, restrictions along the lineage and rescaled constants that `hzdsl.ir.build` adds by itself. To
write a node, a spelling with stripped operands is proposed and *rebuilt by the function that reading it would call*;
it is used where the result is the very node, and a less stripped one is proposed otherwise. At last stands the core
spelling, which leaves nothing to be added. So a text reads back by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import product

from hzdsl.errors import HzdslError
from hzdsl.ir.axes import superset
from hzdsl.ir.literals import ATOM
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.walk import bare

COMPARISON, PRODUCT, UNARY = 4, 9, 10
#: Names of a branch of the event are written after this mark, which becomes ``ev.`` where an attribute could hide them.
INPUT = "\0"
#: Parameters are written after this mark, for an attribute of the same name hides them.
PARAMETER = "\1"
#: True while a spelling is tried: a refusal's message is not composed then, for it would be spelled itself.
TRYING: ContextVar[bool] = ContextVar("TRYING", default=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """A node's place in a template.

    Parameters
    ----------
    node : Node
        What is written there.
    outer : int
        The precedence of the operator it is an operand of; 0 between brackets, `ATOM` before a dot or bracket.
    right : bool
        Whether it is not the operator's first operand.
    scoped : bool
        Whether bare names mean attributes of a collection there.
    as_value : bool
        Whether a plain number must be a value of the graph, for arithmetic of plain numbers happens at once.
    """

    node: Node
    outer: int = 0
    right: bool = False
    scoped: bool = False
    as_value: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """The template of a node.

    Parameters
    ----------
    pieces : tuple of str and Slot
        Text, and the nodes in between.
    precedence : int
        Of the whole, by the table in LANGUAGE §6.
    owner, attribute : Node and str
        For ``owner.attribute``: an axis, and the name after the dot.
    moves : bool
        Whether selections and nestings of the axis have the same attribute by moving this very node.
    """

    pieces: tuple[str | Slot, ...]
    precedence: int = ATOM
    owner: Node | None = None
    attribute: str = ""
    moves: bool = False


def spelling(node: Node) -> Spelling:
    """Return how a node is written, in terms of nodes below it; found once per node."""
    found: Spelling | None = getattr(node, "spelling", None)
    if found is None:
        token = TRYING.set(True)
        try:
            found = _found(node)
        finally:
            TRYING.reset(token)
        object.__setattr__(node, "spelling", found)
    return found


def _found(node: Node) -> Spelling:
    from hzdsl.ir.declared import core
    from hzdsl.ir.sugar import recognised
    from hzdsl.ir.templates import SPECIAL

    special = SPECIAL.get(node.op)
    proposed = special(node) if special is not None else None
    return proposed or recognised(node) or core(node)


# ---- trial ---------------------------------------------------------------------------------------------------------


def same(build: Callable[..., Node], args: tuple[Node, ...], node: Node) -> bool:
    """Return whether a function of the graph gives the very node."""
    try:
        return build(*args) is node
    except (HzdslError, AssertionError):
        return False


def stripped(node: Node) -> list[Node]:
    """Return the node without what the graph may have added around it, barest first, itself last."""
    found = [node]
    while True:
        at = found[0]
        if OPS[at.op].implied or scales(at):
            found.insert(0, at.args[0])
        else:
            return found


def scales(node: Node) -> bool:
    """Return whether a product or quotient brings a value to another unit of its dimension."""
    if not OPS[node.op].multiplies:
        return False
    factor = bare(node.args[1])
    unit = factor.type.unit
    return factor.op == "const" and unit.dimensionless and unit.pow10 != 0


def tried(build: Callable[..., Node], args: tuple[Node, ...], node: Node) -> tuple[Node, ...] | None:
    """Return the barest operands of which `build` makes the node, or None where even the full ones do not."""
    levels = [[(0, a)] if a.is_axis else plainest(a) for a in args]
    choices = product(*(list(enumerate(found)) for found in levels))
    ranked = sorted(choices, key=lambda choice: (sum(cost for _, (cost, _) in choice), sum(i for i, _ in choice)))
    for choice in ranked:
        operands = tuple(operand for _, (_, operand) in choice)
        if same(build, operands, node):
            return operands
    return None


def plainest(node: Node) -> list[tuple[int, Node]]:
    """Return what `stripped` does, each with the number of verbs that it would be written with, fewest first.

    A restriction is no verb where it is an attribute of the selection (``good_mu.pt``): then it stays.
    """
    found: list[tuple[int, Node]] = []
    cost = 0
    for at in stripped(node):
        if found and (at.op != "lift" or spelling(at).owner is None):
            cost += 2 if at.args[0].op == "const" else 1  # rather f64 of the other operand
        found.append((cost, at))
    found.reverse()
    return sorted(found, key=lambda x: x[0])


def is_literal(node: Node) -> bool:
    """Return whether a node is written as a plain number, quantity or truth value."""
    return node.op == "const"


# ---- templates -----------------------------------------------------------------------------------------------------


def call(name: str, *args: Node | str) -> tuple[str | Slot, ...]:
    """Return the template ``name(a, b, …)``."""
    return (f"{name}(", *listed([Slot(a) if isinstance(a, Node) else a for a in args]), ")")


def listed(items: list[Slot] | list[Slot | str]) -> Iterator[Slot | str]:
    """Return items with commas in between."""
    for i, item in enumerate(items):
        if i:
            yield ", "
        yield item


def owner(node: Node) -> Slot:
    """Return the slot before a dot or bracket."""
    return Slot(node, ATOM, as_value=is_literal(node))


def infix(symbol: str, precedence: int, a: Node, b: Node, first_as_value: bool = False) -> Spelling:
    """Return ``a symbol b``; of two plain numbers the first is made a value, for their arithmetic happens at once."""
    plain = is_literal(a) and (is_literal(b) or first_as_value)
    return Spelling((Slot(a, precedence, as_value=plain), symbol, Slot(b, precedence, right=True)), precedence)


def attribute(of: Node, name: str) -> Spelling:
    """Return ``of.name``, which selections and nestings of an axis have by moving it; without a name `of` itself."""
    pieces = (owner(of), f".{name}") if name else (Slot(of, ATOM),)
    return Spelling(pieces, ATOM, of, name, moves=True)


def supersets(axis: Node) -> list[Node]:
    """Return the axes of which an axis is a selection."""
    found = []
    while (above := superset(axis)) is not None:
        found.append(axis := above)
    return found
