"""How an object is reached: the steps from where a value can be asked for to the element that it refers to.

A path ends with its root, a reference that is asked for at a position of a loop (or of the event); every step before
it is asked for at the element to which what follows it leads. ``mm[0].partner.leg1`` is (leg1, partner, mm[0]).
Equal paths, at one position, lead to one object, however the graph wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hzdsl.ir.axes import CHOICES, EVENT, STANDING, leg_axes, stored, superset, target
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.walk import bare

Path = tuple[Node, ...]


def path(reference: Node) -> Path:
    """Return how an object is reached."""
    at, found = bare(reference), Path()
    while at.op == "take" and not _at_event(found):
        found = joined(found, path(at.args[0]))
        at = bare(at.args[1])
    return joined(found, (at,))


def joined(steps: Path, onward: Path) -> Path:
    """Return the path of `steps`, taken at the element to which `onward` leads, or at what that is an element of."""
    if _at_event(steps):
        return steps
    along = steps[-1].type.axis if steps and onward else None
    if along is None or along in selections(refers_into(onward)):
        return _plain((*steps, *onward))
    return _plain((*steps, make("self", along), *onward))  # up, from a track to its jet


def _at_event(steps: Path) -> bool:
    """Return True where steps lead to one and the same object wherever in the event they begin."""
    return bool(steps) and steps[-1].type.axis is EVENT


def _plain(steps: Path) -> Path:
    """Leave away steps that lead nowhere; legs are those of the axis whose selections share them."""
    onward = (*steps[1:], None)
    moving = tuple(s for s, to in zip(steps, onward, strict=True) if s.op != "self" or _up(s, to)) or steps[-1:]
    return tuple(make("leg", stored(s.args[0]), **dict(s.attrs)) if s.op == "leg" else s for s in moving)


def _up(step: Node, onward: Node | None) -> bool:
    """Return True where a step leads from an element to the position of the coarser axis that it belongs to."""
    return onward is not None and step.args[0] not in selections(target(onward))


def refers_into(steps: Path) -> Node:
    """Return the axis that an object refers into."""
    return target(steps[0])


def wholes(steps: Path) -> Iterator[Path]:
    """Yield the object, what it is a leg of (or stands for), and so on up: each holds the particles of the one before.

    Examples
    --------
    >>> import hzdsl as hz
    >>> z = hz.pair(hz.events("nanoaod").Muon)[0]
    >>> [len(whole) for whole in wholes(path(z.leg1.reference))]
    [2, 1]
    """
    yield steps
    while OPS[steps[0].op].within:
        steps = steps[1:] or (make("self", steps[0].args[0]),)
        yield steps


def parts(steps: Path) -> list[Path]:
    """Return the objects that together hold the particles of an object: its legs, or what it stands for."""
    base = stored(refers_into(steps))
    if base.op in STANDING:
        return [_plain((make("under", base), *steps))]
    if base.op in CHOICES:
        return [_plain((make("leg", base, k=k), *steps)) for k in range(len(leg_axes(base)))]
    return []


def same(a: Path, b: Path) -> bool:
    """Return True where two paths, begun at one position, lead to one object."""
    alone = len(a) == len(b) == 1 and a[0].op == b[0].op == "self"
    return a == b or (alone and (_selects(a[0].args[0], b[0].args[0]) or _selects(b[0].args[0], a[0].args[0])))


def selections(axis: Node) -> Iterator[Node]:
    """Yield the axis, what it is a selection of, and so on up."""
    at: Node | None = axis
    while at is not None:
        yield at
        at = superset(at)


def _selects(part: Node, whole: Node) -> bool:
    return whole in selections(part)


def at_home(steps: Path) -> bool:
    """Return True where the object is an element of the list of the very position that it is asked for at.

    Not so where a stored reference points, nor where it was taken at another element.
    """
    while len(steps) > 1 and OPS[steps[0].op].within:
        steps = steps[1:]
    return len(steps) == 1 and OPS[steps[0].op].in_place


def common_ends(a: Path, b: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Yield both paths and no end; then, for each end that they share, what is left of both, and that end.

    What is left is asked for at one and the same element. Nothing left is that element.
    """
    yield a, b, ()
    for n in range(1, min(len(a), len(b)) + 1):
        end = a[-n:]
        if end != b[-n:]:
            return
        here = (make("self", refers_into(end)),)
        yield a[:-n] or here, b[:-n] or here, end
