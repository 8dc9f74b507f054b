"""Positions of axes: what enclosing loops bind, and what a reference carries.

A position of an axis, within its parent, is a tuple of numbers: of a stored collection the element's; of a combination
those of its legs; of a union the number of the member and then the position in it; of legs that of the leg.
Selections share the positions of what they select from.

An environment binds axes to positions. A reference carries its target's whole position: that of the target's parent
first, and so on, for a position of `B.per(A)` means nothing without its A.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from hzdsl.ir.axes import CHOICES, EVENT, STANDING, leg_axes, parent, stands_for, stored
from hzdsl.ir.node import Node
from hzdsl.native import ir
from hzdsl.records import dataclass

Position = tuple[ir.Value, ...]


@dataclass(frozen=True)
class Val:
    """An emitted value: one register (or the leaves of a position), and whether it is present (None: always)."""

    parts: Position
    present: ir.Value | None = None

    @property
    def value(self) -> ir.Value:
        """The register of a number or condition."""
        return self.parts[0]


@dataclass(frozen=True)
class Env:
    """Positions bound by the enclosing loops, by axis (selections by what they select from).

    `certain` is False where a position came through a reference that may be missing: it is then safe to read columns
    at, but need not be one that a loop has visited.
    """

    bound: Mapping[Node, Position]
    certain: bool = True
    _keys: dict[Node, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def bind(self, axis: Node, position: Position, certain: bool = True) -> Env:
        """Return the environment with one more axis bound."""
        return Env({**self.bound, stored(axis): position}, self.certain and certain)

    def at(self, axis: Node) -> Position:
        """Return the position bound for an axis, within its parent."""
        return self.bound[stored(axis)]

    def whole(self, axis: Node) -> Position:
        """Return the position bound for an axis with those of its parents before it: what a reference carries."""
        return tuple(part for base in reversed(list(bases(axis))) for part in self.bound[base])

    def enter(self, axis: Node, position: Position, certain: bool) -> Env:
        """Return the environment at the whole position that a reference into `axis` carries."""
        bound, end = dict(self.bound), len(position)
        for base in bases(axis):
            start = end - width(base)
            bound[base], end = position[start:end], start
        assert end == 0
        return Env(bound, self.certain and certain)

    def sees(self, axis: Node) -> bool:
        """Return True where a value along `axis` can be evaluated."""
        return all(base in self.bound for base in bases(axis))

    def key(self, axis: Node) -> tuple[int, ...]:
        """Return what identifies the positions that a value along `axis` depends on."""
        found = self._keys.get(axis)
        if found is None:
            found = self._keys[axis] = tuple(id(part) for base in bases(axis) for part in self.bound[base])
        return found

    def outer_key(self, axis: Node) -> tuple[int, ...]:
        """Return what identifies the positions that the list of an axis' positions depends on."""
        outer = stored(axis).type.axis
        return () if outer is None else self.key(outer)


#: What is bound outside of all loops: the event alone.
NO_POSITIONS = Env({})


def axis_of(value: Node) -> Node:
    """Return the axis that a value is along."""
    assert value.type.axis is not None
    return value.type.axis


def bases(axis: Node) -> Iterator[Node]:
    """Yield the axes that must be bound to evaluate along `axis`: its own and those of its parents."""
    at: Node | None = axis
    while at is not None and at is not EVENT:
        base = stored(at)
        yield base
        at = base.type.axis


def width(axis: Node) -> int:
    """Return of how many numbers a position of `axis` consists, within its parent."""
    base = stored(axis)
    if base.op == "union":
        return 1 + max(width(a) for a in base.args)
    if base.op in CHOICES:
        return sum(width(leg) for leg in leg_axes(base))
    if base.op in STANDING:
        return width(stands_for(base))
    return 0 if base is EVENT else 1


def whole_width(axis: Node) -> int:
    """Return of how many numbers a whole position consists, those of the parents included."""
    total, at = 0, stored(axis)
    while at is not EVENT:
        total, at = total + width(at), stored(parent(at))
    return total
