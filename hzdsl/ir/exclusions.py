"""What selections exclude: the particles that no element of a list can share, by how the list was selected.

An exclusion of an x that varies (``near - muon`` for each muon) holds between an element and the x of *its own*
position. `Exclusion.lists` are the filters that say so: whoever uses it must know where it asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from hzdsl.ir.axes import CHOICES, EVENT, STANDING, parent, stands_for, stored
from hzdsl.ir.node import Node
from hzdsl.ir.paths import Path, path, selections
from hzdsl.ir.walk import bare, operands
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Exclusion:
    """What must exist for an exclusion to hold, and the filters that state it."""

    needed: frozenset[Path]
    lists: frozenset[Node]


#: By what is excluded: an object, or every element of an axis of the event.
Exclusions = dict[Path | Node, Exclusion]


def exclusions(axis: Node) -> Exclusions:
    """Return what no position of `axis` can share a particle with."""
    found: Exclusions = {}
    for selection in selections(axis):
        if selection.op == "filter":
            found |= dict(_excluded_by(selection))
    base = stored(axis)
    if base.op in STANDING:
        found |= exclusions(stands_for(base))
    elif base.op in CHOICES or base.op == "union":
        found |= _of_all([exclusions(part) for part in dict.fromkeys(base.args)])
    return found


def _of_all(members: list[Exclusions]) -> Exclusions:
    """Return what every leg or member excludes on the same conditions."""
    found: Exclusions = {}
    for x, first in members[0].items():
        others = [m[x] for m in members if x in m]
        if len(others) == len(members) and all(o.needed == first.needed for o in others):
            found[x] = Exclusion(first.needed, frozenset().union(*(o.lists for o in others)))
    return found


def _excluded_by(selection: Node) -> Iterator[tuple[Path | Node, Exclusion]]:
    """Yield the exclusions that are conjuncts of a filter's condition."""
    for conjunct in operands(selection.args[1], "and"):
        if conjunct.op == "not":
            yield from _denied(conjunct.args[0], selection)


def _denied(clash: Node, selection: Node) -> Iterator[tuple[Path | Node, Exclusion]]:
    """Yield what ``not clash`` excludes, for ``shares or shares …``, under the conditions ``exists and …``."""
    factors = operands(clash, "and")
    needed = frozenset(path(f.args[0]) for f in factors if f.op == "exists")
    others = [f for f in factors if f.op != "exists"]
    if len(others) != 1:
        return
    for at in operands(others[0], "or"):
        x: Path | Node | None = None
        if at.op == "shares" and _is_element(at.args[0], selection):
            x = path(at.args[1])
        elif at.op == "any":
            x = _every_element(at.args[0], selection)
        if x is not None:
            yield x, Exclusion(needed, frozenset({selection}))


def _is_element(reference: Node, selection: Node) -> bool:
    """Return True where a reference is the element itself that a filter tests, not one of another list it sees."""
    own = bare(reference)
    return own.op == "self" and own.args[0] in selections(selection)


def _every_element(clash: Node, selection: Node) -> Node | None:
    """Return X where `clash` is ``shares(self, each element of X)``, for all of a list X of the event."""
    along = clash.type.axis
    if clash.op != "shares" or along is None or along.op != "per" or not _is_element(clash.args[0], selection):
        return None
    every = along.args[0]
    theirs = path(clash.args[1])
    plain = len(theirs) == 1 and theirs[0].op == "under" and theirs[0].args[0] is along
    return every if plain and parent(every) is EVENT else None


def made_of(axis: Node) -> Iterator[Node]:
    """Yield the axes that every position of `axis` is a position of: what it selects from, or stands for."""
    at: Node | None = axis
    while at is not None:
        yield from selections(at)
        base = stored(at)
        at = stands_for(base) if base.op in STANDING else None
