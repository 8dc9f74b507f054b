"""Adjoints: what a result gains per unit of a value, and where they count.

Behind a branch of `where` an adjoint counts where the branch is taken; behind a sum of what may be missing, where it is
there. It is 0 elsewhere, whatever its value is there: the slope of a branch that is not taken may be infinite or NaN,
and 0·∞ is no 0. So conditions are carried beside the value, and it is put to 0 only once it leaves what it is of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import takewhile

from hzdsl.ir.algebra import apply, chosen, decided, number, of_dtype, opposite, plus, present, times
from hzdsl.ir.axes import sees
from hzdsl.ir.building.leaves import const_value
from hzdsl.ir.node import Node, make
from hzdsl.ir.walk import bare
from hzdsl.records import dataclass

#: Conditions, outermost first, each with whether it holds or does not: a branch of `where` in `where`.
Branch = tuple[tuple[Node, bool], ...]


@dataclass(frozen=True)
class Adjoint:
    """What the result gains per unit of a value; it counts in a branch, and is 0 elsewhere."""

    value: Node
    branch: Branch = ()

    def whole(self) -> Node:
        """Return it as 0 where it does not count."""
        value = self.value
        for condition, holds in reversed(self.branch):
            sure = decided(condition, missing=not holds)
            value = chosen(sure, value, number(0)) if holds else chosen(sure, number(0), value)
        return present(value)  # where it is missing, what it is of is missing, too: it counts nowhere

    def scaled(self, slope: Node) -> Adjoint:
        """Return it per unit of an operand."""
        return Adjoint(times(self.value, slope), self.branch)

    def within(self, condition: Node, holds: bool) -> Adjoint:
        """Return what of it counts where a condition does (not) hold, too."""
        return Adjoint(self.value, (*self.branch, (bare(condition), holds)))

    def leaving(self, axis: Node) -> Adjoint:
        """Return it as 0 where conditions say so that `axis` does not see; it still counts where the others hold."""
        kept = tuple((c, holds) for c, holds in self.branch if sees(axis, _axis(c)))
        left = tuple(x for x in self.branch if x not in kept)
        return Adjoint(Adjoint(self.value, left).whole() if left else self.value, kept)

    def of(self, operand: Node) -> Adjoint:
        """Return it in the floating type of what it is of."""
        return Adjoint(of_type(operand, self.value), self.branch)


def of_type(x: Node, slope: Node) -> Node:
    """Return a slope in the floating type of what it is of; a constant has none of its own."""
    return slope if const_value(slope) is not None else of_dtype(slope, x.type.dtype)


def where_there(x: Node, adjoint: Adjoint) -> Adjoint:
    """Return what of the adjoint of x counts: nothing follows a value that is missing."""
    return adjoint.within(make("exists", x), holds=True) if x.type.optional else adjoint


def _axis(x: Node) -> Node:
    assert x.type.axis is not None
    return x.type.axis


# ---- sums ----------------------------------------------------------------------------------------------------------


def added(adjoints: Sequence[Adjoint]) -> Adjoint:
    """Return the sum of adjoints; that of the two branches of one `where` is a `where`."""
    by_branch: dict[Branch, Node] = {}
    for a in adjoints:
        branch, value = a.branch, a.value
        while True:
            value = plus(by_branch.pop(branch), value) if branch in by_branch else value
            sibling = (*branch[:-1], (branch[-1][0], not branch[-1][1])) if branch else None
            if sibling is None or sibling not in by_branch:
                break
            (condition, holds), other = branch[-1], by_branch.pop(sibling)
            value = chosen(condition, value, other) if holds else chosen(condition, other, value)
            branch = branch[:-1]
        by_branch[branch] = value
    if len(by_branch) == 1:
        ((branch, value),) = by_branch.items()
        return Adjoint(value, branch)
    return _of_several(by_branch)


def _of_several(by_branch: Mapping[Branch, Node]) -> Adjoint:
    """Return the sum of adjoints that count in different branches: it counts where any of them does."""
    shared = _beginning(by_branch)
    rests = [Adjoint(value, branch[len(shared) :]) for branch, value in by_branch.items()]
    value = reduce(plus, [rest.whole() for rest in rests])
    if not all(rest.branch for rest in rests):
        return Adjoint(value, shared)
    anywhere = reduce(lambda a, b: apply("or", a, b), [_holds(rest.branch) for rest in rests])
    return Adjoint(value, shared).within(anywhere, holds=True)


def _beginning(branches: Iterable[Branch]) -> Branch:
    """Return the conditions that several branches begin with."""
    alike = takewhile(lambda found: len(set(found)) == 1, zip(*branches, strict=False))
    return tuple(first for first, *_ in alike)


def _holds(branch: Branch) -> Node:
    """Return where a branch is taken."""
    answers = [(decided(c, missing=not holds), holds) for c, holds in branch]
    return reduce(lambda a, b: apply("and", a, b), [c if holds else opposite(c) for c, holds in answers])
