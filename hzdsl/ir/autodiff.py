"""Derivatives as graphs: reverse mode, forward mode, and one over the other; reductions stay reductions.

Each operation declares how its result follows its operands (`hzdsl.ir.ops.declare.Derivative`); here these rules are
joined. Nothing is stored at run time for the way back: what an adjoint needs of a value is the node of that value.

Griewank & Walther, *Evaluating Derivatives* (2008), chapters 3 and 5; for `where` the rule that an adjoint that comes
from one branch is carried with the condition of that branch, and is put to 0 where it does not hold only once it leaves
arithmetic at one position, so that the slope of a branch that is not taken may be infinite or NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import takewhile

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import along, apply, chosen, number, opposite, plus, times, total
from hzdsl.ir.axes import sees
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import MATH, OPS
from hzdsl.ir.ops.declare import Derivative, Shares
from hzdsl.ir.types import DType
from hzdsl.records import dataclass

#: Conditions, outermost first, each with whether it holds or does not: a branch of `where` in `where`.
_Branch = tuple[tuple[Node, bool], ...]


@dataclass(frozen=True)
class _Adjoint:
    """What the result gains per unit of a value; it counts in a branch, and is 0 elsewhere."""

    value: Node
    branch: _Branch = ()

    def whole(self) -> Node:
        """Return it as 0 where it does not count."""
        value = self.value
        for condition, holds in reversed(self.branch):
            value = chosen(condition, value, number(0)) if holds else chosen(condition, number(0), value)
        return value

    def scaled(self, slope: Node) -> _Adjoint:
        """Return it per unit of an operand."""
        return _Adjoint(times(self.value, slope), self.branch)


def gradient(result: Node, by: Sequence[Node]) -> list[Node]:
    """Return the derivatives of a value per event with respect to some nodes, in one pass backwards.

    Parameters
    ----------
    result : Node
        Along the event axis.
    by : sequence of Node
        Parameters, or columns along any axis: the derivative varies as they do.

    Returns
    -------
    list of Node
        For each of `by` a value along its axis; the constant 0 where the result does not follow it.

    Raises
    ------
    HzdslError
        ``derivative`` where an operation on the way has none.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, param
    >>> a, b = param("a", 2.0), param("b", 3.0)
    >>> gradient(arithmetic("mul", a, a), [a, b])
    [<add a + a : f64 @ event>, <const 0.0 : f64 @ event>]
    """
    order = topological([result])
    moving = _moving(order, by)
    found: dict[Node, list[_Adjoint]] = {result: [_Adjoint(number(1))]}
    for node in reversed(order):
        if node in moving and node in found and node not in by:
            adjoint = _sum(found.pop(node))
            for operand, share in zip(node.args, _shares(node, adjoint, moving), strict=True):
                if share is not None and operand in moving:
                    found.setdefault(operand, []).append(share)
    return [_on_axis(_sum(found[x]).whole(), x) if x in found else _on_axis(number(0), x) for x in by]


def tangents(results: Sequence[Node], along_: Mapping[Node, Node]) -> list[Node]:
    """Return how results change when nodes change at given rates, in one pass forwards.

    Parameters
    ----------
    results : sequence of Node
        Along any axes.
    along_ : mapping of Node to Node
        For each node that moves its rate, along the same axis.
    """
    order = topological(results)
    moving = _moving(order, along_)
    found: dict[Node, Node] = {}
    for node in order:
        if node in along_:
            found[node] = along_[node]
        elif node in moving:
            found[node] = _forward(node, tuple(found.get(a) for a in node.args))
    return [_on_axis(found.get(x, number(0)), x) for x in results]


def hessian_vector(result: Node, by: Mapping[Node, Node]) -> list[Node]:
    """Return the product of the second derivatives with a vector: for each node of `by`, given the rate of each.

    Forward over reverse: the tangents of the gradient.
    """
    return tangents(gradient(result, list(by)), by)


def _moving(order: Iterable[Node], by: Iterable[Node]) -> set[Node]:
    """Return the nodes that move with some nodes, found before anything is differentiated."""
    moving = set(by)
    for node in order:
        operands = [a for a in node.args if a in moving]
        if node in moving or not operands:
            continue
        rule = OPS[node.op].derivative
        why = rule.refused or (MATH[node.text("name")].refused if node.op == "math" else "")
        if node.op == "cast" and not node.type.dtype.floating:
            why = "a whole number moves in steps"
        if why:
            raise HzdslError(
                "derivative",
                f"{node!r} depends on parameters that are differentiated, and has no derivative: {why}",
                fix="use a smooth expression, or keep what it depends on fixed",
            )
        if rule.partials or rule.weights or rule.transpose:
            moving.add(node)
    return moving


def _shares(node: Node, adjoint: _Adjoint, moving: set[Node]) -> list[_Adjoint | None]:
    """Return the adjoints that a node hands to its operands."""
    rule = OPS[node.op].derivative
    if rule.partials is not None:
        slopes = _partials(rule, node)
        return [
            None if s is None or a not in moving else adjoint.scaled(s) for a, s in zip(node.args, slopes, strict=True)
        ]
    if rule.weights is not None:
        return [_Adjoint(times(adjoint.whole(), rule.weights(node)))]
    assert rule.transpose is not None
    if rule.guards is None:
        return [None if x is None else _Adjoint(x) for x in rule.transpose(node, adjoint.whole())]
    given, guards = rule.transpose(node, adjoint.value), rule.guards(node)
    return [
        None if x is None or g is None else _Adjoint(x, (*adjoint.branch, _literal(g)))
        for x, g in zip(given, guards, strict=True)
    ]


def _literal(condition: Node) -> tuple[Node, bool]:
    return (condition.args[0], False) if condition.op == "not" else (condition, True)


def _partials(rule: Derivative, node: Node) -> Shares:
    assert rule.partials is not None
    return rule.partials(node)


def _forward(node: Node, moved: Shares) -> Node:
    """Return the tangent of a node, given those of its operands (None: it stays)."""
    rule = OPS[node.op].derivative
    if rule.partials is not None:
        slopes = _partials(rule, node)
        parts = [times(s, t) for s, t in zip(slopes, moved, strict=True) if s is not None and t is not None]
        found = parts[0] if parts else number(0)
        for part in parts[1:]:
            found = plus(found, part)
        return found
    if rule.weights is not None:
        (moves,) = moved
        assert moves is not None
        axis = node.args[0].type.axis
        assert axis is not None
        return total(times(rule.weights(node), moves), axis)
    assert rule.forward is not None
    return rule.forward(node, moved)


def _sum(adjoints: Sequence[_Adjoint]) -> _Adjoint:
    """Return the sum of adjoints; that of the two branches of one `where` is a `where`."""
    by_branch: dict[_Branch, Node] = {}
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
        return _Adjoint(value, branch)
    return _of_several(by_branch)


def _of_several(by_branch: Mapping[_Branch, Node]) -> _Adjoint:
    """Return the sum of adjoints that count in different branches: it counts where any of them does."""
    shared = _beginning(by_branch)
    rests = [_Adjoint(value, branch[len(shared) :]) for branch, value in by_branch.items()]
    value = rests[0].whole()
    for rest in rests[1:]:
        value = plus(value, rest.whole())
    if not all(rest.branch for rest in rests):
        return _Adjoint(value, shared)
    anywhere = reduce(lambda a, b: apply("or", a, b), [_holds(rest.branch) for rest in rests])
    return _Adjoint(value, (*shared, (anywhere, True)))


def _beginning(branches: Iterable[_Branch]) -> _Branch:
    """Return the conditions that several branches begin with."""
    alike = takewhile(lambda found: len(set(found)) == 1, zip(*branches, strict=False))
    return tuple(first for first, *_ in alike)


def _holds(branch: _Branch) -> Node:
    conditions = [condition if holds else opposite(condition) for condition, holds in branch]
    return reduce(lambda a, b: apply("and", a, b), conditions)


def _on_axis(x: Node, like: Node) -> Node:
    """Return a derivative along the axis of what it is taken by, in its dtype."""
    axis = like.type.axis
    assert axis is not None
    if x.type.dtype is not like.type.dtype and like.type.dtype is not DType.BOOL:
        x = apply("cast", x, dtype=like.type.dtype)
    own = x.type.axis
    assert own is not None
    assert sees(axis, own), "an adjoint varies at most as what it belongs to"
    return along(x, axis)


def second(result: Node, by: Sequence[Node]) -> list[list[Node]]:
    """Return all second derivatives of a value with respect to values per event, the lower triangle by rows.

    Each row is a gradient of one first derivative; equal parts are one node, so that rows share what they have.
    """
    first = gradient(result, by)
    return [gradient(g, by[: k + 1]) for k, g in enumerate(first)]
