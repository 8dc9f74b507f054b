"""Derivatives as graphs: reverse mode, forward mode, and one over the other; reductions stay reductions.

Each operation declares how its result follows its operands (`hzdsl.ir.ops.declare.Derivative`); here these rules are
joined. Nothing is stored at run time for the way back: what an adjoint needs of a value is the node of that value.
Adjoints, and what is 0 at the seams of choices, are in `hzdsl.ir.adjoints`.

Griewank & Walther, *Evaluating Derivatives* (2nd ed., 2008), chapter 3 (forward and reverse mode), chapter 5 (second
derivatives).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from hzdsl.errors import HzdslError
from hzdsl.ir.adjoints import Adjoint, added, of_type, where_there
from hzdsl.ir.algebra import along, chosen, number, of_dtype, plus, times, total, where_present
from hzdsl.ir.axes import EVENT, sees
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import MATH, OPS
from hzdsl.ir.ops.declare import Derivative, Shares
from hzdsl.ir.print import spell


def gradient(result: Node, by: Sequence[Node]) -> list[Node]:
    """Return the derivatives of a value per event with respect to some nodes, in one pass backwards.

    Parameters
    ----------
    result : Node
        Along the event axis.
    by : sequence of Node
        Floating numbers that vary independently: parameters, or columns along any axis; the derivative varies as they
        do. One that is computed from others is held as if it were not.

    Returns
    -------
    list of Node
        For each of `by` a value along its axis, in the unit of the result per its unit; 0 where the result does not
        follow it, or is missing.

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
    assert result.type.axis is EVENT, "sum over the rows first"
    order, fixed = topological([result]), set(by)
    moving = _moving(order, fixed)
    found: dict[Node, list[Adjoint]] = {result: [where_there(result, Adjoint(number(1)))]}
    for node in reversed(order):
        if node in moving and node in found and node not in fixed:
            for operand, share in zip(node.args, _shares(node, added(found.pop(node)), moving), strict=True):
                if share is not None:
                    found.setdefault(operand, []).append(share)
    return [_on_axis(added(found[x]).whole() if x in found else number(0), x) for x in by]


def tangents(results: Sequence[Node], rates: Mapping[Node, Node]) -> list[Node]:
    """Return how results change when nodes change at given rates, in one pass forwards.

    Parameters
    ----------
    results : sequence of Node
        Along any axes.
    rates : mapping of Node to Node
        For each node that moves its rate, along the same axis (or a coarser one).

    Returns
    -------
    list of Node
        For each result a value along its axis; arbitrary where the result is missing.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, const, param
    >>> a = param("a", 2.0)
    >>> tangents([arithmetic("mul", a, a)], {a: const(1.0)})
    [<add a + a : f64 @ event>]
    """
    order = topological(results)
    moving = _moving(order, rates)
    found: dict[Node, Node] = {}
    for node in order:
        if node in rates:
            found[node] = rates[node]
        elif node in moving:
            found[node] = _forward(node, tuple(found.get(a) for a in node.args))
    return [_on_axis(found.get(x, number(0)), x) for x in results]


def hessian_vector(result: Node, by: Mapping[Node, Node]) -> list[Node]:
    """Return the product of the second derivatives with a vector: for each node of `by`, given the rate of each.

    Forward over reverse: the tangents of the gradient. Its cost is a small multiple of the value's, whatever the
    number of parameters.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, param
    >>> a, v = param("a", 2.0), param("v", 1.0)
    >>> hessian_vector(arithmetic("mul", a, a), {a: v})
    [<add v + v : f64 @ event>]
    """
    return tangents(gradient(result, list(by)), by)


def second(result: Node, by: Sequence[Node]) -> list[list[Node]]:
    """Return all second derivatives of a value with respect to values per event, the lower triangle by rows.

    Each row is a gradient of one first derivative; equal parts are one node, so that rows share what they have.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, param
    >>> a, b = param("a", 2.0), param("b", 3.0)
    >>> second(arithmetic("mul", a, b), [a, b])
    [[<const 0.0 : f64 @ event>], [<const 1.0 : f64 @ event>, <const 0.0 : f64 @ event>]]
    """
    first = gradient(result, by)
    return [gradient(g, by[: k + 1]) for k, g in enumerate(first)]


# ---- what moves ----------------------------------------------------------------------------------------------------


def _moving(order: Iterable[Node], by: Iterable[Node]) -> set[Node]:
    """Return the nodes that move with some nodes, found before anything is differentiated.

    A staircase is refused wherever it stands, for what is looked up by it or decided by it would not show it any more.
    """
    moving = set(by)
    for x in moving:
        if not x.type.dtype.floating:
            what = f"{spell(x, 80)} is {x.type.dtype.value}, and derivatives are taken by floating numbers"
            raise HzdslError("derivative", what, fix="make it a decimal number, or keep it fixed")
    for node in order:
        if node in moving or not any(a in moving for a in node.args):
            continue
        why = _refused(node)
        if why:
            raise HzdslError(
                "derivative",
                f"{spell(node, 120)} follows parameters that are differentiated, and has no derivative: {why}",
                fix="use a smooth expression, or keep fixed what it depends on",
            )
        if OPS[node.op].derivative.moves:
            moving.add(node)
    return moving


def _refused(node: Node) -> str:
    """Return why a node has no derivative, nothing where it has one."""
    if node.op == "math":
        return MATH[node.text("name")].refused
    if node.op == "cast" and not node.type.dtype.floating:
        return "a whole number moves in steps"
    return OPS[node.op].derivative.refused


# ---- backwards -----------------------------------------------------------------------------------------------------


def _shares(node: Node, adjoint: Adjoint, moving: set[Node]) -> list[Adjoint | None]:
    """Return the adjoints that a node hands to its operands, those that move."""
    rule = OPS[node.op].derivative
    if rule.partials is not None:
        slopes = zip(node.args, rule.partials(node), strict=True)
        found = [adjoint.scaled(slope) if slope is not None and a in moving else None for a, slope in slopes]
    else:
        found = _moved_back(node, rule, adjoint)
    return [
        share.of(a) if share is not None and a in moving else None for a, share in zip(node.args, found, strict=True)
    ]


def _moved_back(node: Node, rule: Derivative, adjoint: Adjoint) -> list[Adjoint | None]:
    """Return the adjoints that operands have of what chooses, reduces or moves them."""
    if rule.choice is not None:
        condition, others = rule.choice(node), len(node.args) - 2
        return [*[None] * others, adjoint.within(condition, holds=True), adjoint.within(condition, holds=False)]
    if rule.weights is not None:
        (x,) = node.args
        return [where_there(x, adjoint.scaled(rule.weights(node)))]
    assert rule.transpose is not None
    # Along the lineage a condition holds for all positions below its own; elsewhere one of the event for all of it.
    below = node.args[0].type.axis if node.op == "lift" else EVENT
    assert below is not None
    left = adjoint.leaving(below)
    given = rule.transpose(node, left.value)
    return [
        None if g is None else where_there(a, Adjoint(g, left.branch)) for a, g in zip(node.args, given, strict=True)
    ]


# ---- forwards ------------------------------------------------------------------------------------------------------


def _forward(node: Node, moved: Shares) -> Node:
    """Return the tangent of a node, given those of its operands (None: it stays)."""
    found = _tangent(node, OPS[node.op].derivative, moved)
    return of_type(node, found)


def _tangent(node: Node, rule: Derivative, moved: Shares) -> Node:
    if rule.partials is not None:
        both = zip(rule.partials(node), moved, strict=True)
        return reduce(plus, [times(s, t) for s, t in both if s is not None and t is not None], number(0))
    if rule.choice is not None:
        a, b = (x or number(0) for x in moved[-2:])
        return chosen(rule.choice(node), a, b)
    if rule.weights is not None:
        ((x,), (moves,)) = node.args, moved
        assert moves is not None
        assert x.type.axis is not None
        return total(where_present(x, times(rule.weights(node), moves)), x.type.axis)
    assert rule.forward is not None
    return rule.forward(node, moved)


def _on_axis(x: Node, like: Node) -> Node:
    """Return a derivative along the axis of what it is of, in its dtype."""
    axis, own = like.type.axis, x.type.axis
    assert axis is not None
    assert own is not None
    assert sees(axis, own), "a derivative varies at most as what it belongs to"
    return along(of_dtype(x, like.type.dtype), axis)
