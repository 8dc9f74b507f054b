"""In which order a program's nodes are needed: what all events need first, then what those need that pass the cuts.

The first stage is asked for the gate and the dumps; the stage after it for the first cuts of all regions and the fills
of every event; the next for second cuts, and for the fills and tables of regions that have no second cut; and so on.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from hzdsl.backends.base import Program, is_stored
from hzdsl.backends.interpret.evaluation import Row
from hzdsl.ir.node import Node, dependencies, topological


@dataclass(frozen=True)
class Step:
    """One node to evaluate, and the values that nothing needs afterwards."""

    node: Node
    row: Row
    released: tuple[Node, ...]


@dataclass(frozen=True)
class Stage:
    """What is asked of the events that a number of cuts have left.

    Parameters
    ----------
    cuts : tuple of int
        The regions that have one more cut.
    ends : tuple of int
        Those that have none.
    fills : tuple of int
        The histograms of those; of every event, at first.
    roots : tuple of Node
        All that is to be evaluated.
    later : frozenset of Node
        What later stages are made of: not to be forgotten in this one.
    """

    cuts: tuple[int, ...]
    ends: tuple[int, ...]
    fills: tuple[int, ...]
    roots: tuple[Node, ...]
    later: frozenset[Node]

    @cached_property
    def inputs(self) -> list[Node]:
        """The columns and collections that later stages need, each after the collection that it is of."""
        stored = [n for n in self.later if is_stored(n)]
        return [n for n in topological(stored) if is_stored(n)]


def stages(program: Program, tables: bool) -> tuple[Stage, ...]:
    """Return the stages: the opening, and one more than the longest list of cuts has.

    Examples
    --------
    >>> from hzdsl.backends.base import Selection
    >>> from hzdsl.ir.build import const
    >>> [(s.cuts, s.ends) for s in stages(Program((Selection((const(True),)), Selection(()))), tables=False)]
    [((), ()), ((0,), (1,)), ((), (0,))]
    """
    found: list[Stage] = []
    later: frozenset[Node] = frozenset()
    for number in reversed(range(-1, 1 + max((len(s.cuts) for s in program.selections), default=0))):
        found.append(_stage(program, number, tables, later))
        later |= set(topological(found[-1].roots))
    return tuple(reversed(found))


def _stage(program: Program, number: int, tables: bool, later: frozenset[Node]) -> Stage:
    """Return the stage after a number of cuts; -1: the opening, which selects nothing."""
    cuts = tuple(i for i, s in enumerate(program.selections) if len(s.cuts) > number >= 0)
    ends = tuple(i for i, s in enumerate(program.selections) if len(s.cuts) == number)
    fills = tuple(k for k, f in enumerate(program.fills) if (number == 0 if f.region is None else f.region in ends))
    roots = [] if number >= 0 else [*program.dumps, *(() if program.gate is None else (program.gate,))]
    for selection in (program.selections[i] for i in cuts):
        roots += selection.cuts[number], *selection.weights
    for selection in (program.selections[i] for i in ends):
        roots += *selection.weights, *(selection.outputs if tables else ())
    for fill in (program.fills[k] for k in fills):
        roots += *fill.values, *fill.weights
    return Stage(cuts, ends, fills, tuple(roots), later)


def steps(
    roots: Iterable[Node], later: Container[Node], known: Container[Node], rows: Mapping[str, Row]
) -> Iterable[Step]:
    """Return what evaluates `roots` where the `known` nodes have been evaluated, in its order."""

    def unknown(node: Node) -> list[Node]:
        return [n for n in dependencies(node) if n not in known]

    wanted = list(roots)
    order, needed = topological([n for n in wanted if n not in known], unknown), set(wanted)
    found: list[Step] = []
    for node in reversed(order):
        last_used = [a for a in dict.fromkeys(node.args) if not (a.is_axis or a in needed or a in later)]
        needed.update(last_used)
        found.append(Step(node, rows[node.op], tuple(last_used)))
    return reversed(found)
