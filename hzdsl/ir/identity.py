"""Proofs that two objects share no particle (rule R5).

A proof rests on how the objects were built: they stem from different collections; they are different legs of one
candidate; different positions of one list of particles, or pass conditions that exclude each other; or one was taken
from a selection that excludes the other. What holds of two objects holds of their legs, and what holds of all legs
holds of the candidate; what holds at every element of a list holds at the one that both objects begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from hzdsl.ir.axes import EVENT, collections_of, leaf_axes, parent, sees, stored
from hzdsl.ir.exclusions import Exclusion, exclusions, made_of
from hzdsl.ir.exclusive import apart
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.paths import Path, at_home, common_ends, joined, parts, path, refers_into, same, selections, wholes
from hzdsl.ir.walk import bare, operands

#: Objects that exist wherever the question matters.
Known = frozenset[Path]


def disjoint(a: Node, b: Node, present: Iterable[Node] = ()) -> bool:
    """Return True where the references `a` and `b` provably share no particle.

    `present` are references known to exist wherever the question matters: the parts of the sum that is being built.
    """
    paths = [path(r) for r in (a, b, *present)]
    known = frozenset(p[k:] for p in paths for k in range(len(p)))  # what exists was taken at what exists
    return _disjoint(paths[0], paths[1], known)


def _disjoint(p: Path, q: Path, known: Known) -> bool:
    if not collections_of(refers_into(p)) & collections_of(refers_into(q)):
        return True
    around = [(a, b) for a in wholes(p) for b in wholes(q)]
    return any(_apart(a, b, _known_at(end, known)) for w, v in around for a, b, end in common_ends(w, v)) or any(
        all(_disjoint(a, b, known) for a, b in cases) for cases in _cases(p, q)
    )


def _known_at(end: Path, known: Known) -> Known:
    """Return what exists where paths that shared an end go on: at the element to which it leads."""
    if not end:
        return known
    further = {p[: -len(end)] for p in known if p[-len(end) :] == end and len(p) > len(end)}
    return frozenset({(make("self", refers_into(end)),), *further, *(p for p in known if p[-1].type.axis is EVENT)})


def _cases(p: Path, q: Path) -> Iterator[list[tuple[Path, Path]]]:
    """Yield lists of pairs of objects: if those of one list share nothing, p and q do not."""
    mine, theirs = _alternatives(p), _alternatives(q)
    if mine and theirs and p[0].args[0] is q[0].args[0] and p[1:] == q[1:]:
        yield list(zip(mine, theirs, strict=True))  # both chosen by one condition
    for found in (mine, parts(p)):
        if found:
            yield [(x, q) for x in found]
    for found in (theirs, parts(q)):
        if found:
            yield [(p, x) for x in found]


def _alternatives(p: Path) -> list[Path]:
    """Return the two objects between which `where` chooses."""
    return [joined(path(x), p[1:]) for x in p[0].args[1:]] if p[0].op == "where" else []


def _apart(p: Path, q: Path, known: Known) -> bool:
    return _different_legs(p, q) or _different_elements(p, q) or _excluded(p, q, known) or _excluded(q, p, known)


def _different_legs(p: Path, q: Path) -> bool:
    both = p[0].op == q[0].op == "leg" and p[0].args[0] is q[0].args[0] and p[1:] == q[1:]
    return both and p[0].number("k") != q[0].number("k")


# ---- one list --------------------------------------------------------------------------------------------------------


def _different_elements(p: Path, q: Path) -> bool:
    """Return True where the objects are different elements of one list of particles, by position or by conditions."""
    mine, theirs = _places(p), _places(q)
    base = stored(refers_into(p))
    if base is not stored(refers_into(q)) or not _distinct(base) or not _one_list(p, q, base):
        return False
    if any(_beside(mine[axis], theirs[axis]) for axis in mine if axis in theirs):
        return True
    return refers_into(p) is not refers_into(q) and apart(*(_conditions(refers_into(x), base) for x in (p, q)))


#: From the first of some positions of a list to before the last (None: to its end).
Range = tuple[int, int | None]


def _beside(a: Range, b: Range) -> bool:
    return any(end is not None and end <= start for end, start in ((a[1], b[0]), (b[1], a[0])))


def _places(p: Path) -> dict[Node, Range]:
    """Return, for every axis that the object is an element of, the positions there that it can have."""
    axis, first = refers_into(p), p[0].number("i") if p[0].op == "nth" else 0
    low, high = first, first + 1 if p[0].op == "nth" else None
    found: dict[Node, Range] = {}
    for at in selections(axis):
        found[at] = low, high
        if at.op == "slice":
            start, stop = at.number("start"), at.attr("stop")
            ends = [n for n in (None if high is None else start + high, stop) if isinstance(n, int)]
            low, high = start + low, min(ends, default=None)
        else:  # of what a filter keeps, each is as far on or farther in what it selects from
            low, high = low if at.op == "filter" else 0, None
    return found


def _distinct(axis: Node) -> bool:
    """Return True where each position of a list is a particle, and no two are the same one."""
    if len(leaf_axes(axis)) != 1:
        return False
    return axis.op != "legs" or all(disjoint(a, b, axis.args) for a, b in combinations(axis.args, 2))


def _one_list(p: Path, q: Path, base: Node) -> bool:
    """Return True where both objects are of the same of the lists that an axis has, or their particles tell which."""
    return base.op == "collection" or parent(base) is EVENT or (at_home(p) and at_home(q))


def _conditions(axis: Node, base: Node) -> list[Node]:
    """Return the conditions that elements of a selection pass, as conditions on those of what it selects from."""
    filters = (at for at in selections(axis) if at.op == "filter")
    return [_settled(c, base) for at in filters for c in operands(at.args[1], "and")]


def _settled(condition: Node, base: Node) -> Node:
    """Return a condition along a selection of `base` as the same one along `base`, as far as it is made there."""
    images: dict[Node, Node] = {}
    for n in topological([condition]):
        along = n.type.axis
        if n.is_axis or along is None or stored(along) is not base:
            continue
        if n.op == "lift":
            inner = bare(n)
            if inner in images:
                images[n] = images[inner]
            elif inner.type.axis is not None and sees(base, inner.type.axis):  # else: of the selection, not settled
                images[n] = make("lift", inner, base)
        elif along is base:
            images[n] = n
        elif n.op == "take":
            if n.args[1] in images:
                images[n] = make("take", n.args[0], images[n.args[1]])
        elif n.op == "leg":
            images[n] = make("leg", base, **dict(n.attrs))
        elif n.args and all(a in images for a in n.args) and not OPS[n.op].elsewhere:
            images[n] = make(n.op, *(images[a] for a in n.args), **dict(n.attrs))
    return images.get(condition, condition)


# ---- exclusions ------------------------------------------------------------------------------------------------------


def _excluded(p: Path, q: Path, known: Known) -> bool:
    """Return True where `p` comes from a selection that drops what shares a particle with `q`."""
    for x, exclusion in exclusions(refers_into(p)).items():
        if exclusion.needed <= known:
            if isinstance(x, Node):
                if x in made_of(refers_into(q)):
                    return True
            elif same(x, q) and _in_place(p, x, exclusion):
                return True
    return False


def _in_place(p: Path, x: Path, exclusion: Exclusion) -> bool:
    """Return True where the list that p is of excludes the x of the very position that p is asked for at.

    Either all of the list excludes one x; or each element excludes one of its own, and p is that element.
    """
    along = x[-1].type.axis
    assert along is not None
    if along is EVENT:
        return True
    if not at_home(p):
        return False
    itself = len(p) == 1 and p[0].op == "self" and exclusion.lists <= set(selections(refers_into(p)))
    return itself or all(sees(parent(at), along) for at in exclusion.lists)
