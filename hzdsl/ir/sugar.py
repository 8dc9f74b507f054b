"""Recognising what the surface expands: `all`, chained comparisons, masses, ΔR, opposite charge.

The core has few operations, and its plain spelling of a mass is half a page. A recogniser takes a node and the texts of
its operands and returns the surface's spelling, or None. Only printing uses it.
"""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.ir.axes import stored
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType

#: Text and precedence by node, as `hzdsl.ir.print` fills it: operands before what uses them.
Known = dict[Node, tuple[str, int]]
ATOM, COMPARISON = 13, 4


def bare(node: Node) -> Node:
    """Return the node without lifts and the casts that the graph adds by itself: widening, and of literals."""
    while node.op == "lift" or (node.op == "cast" and (node.type.dtype is not DType.F32 or node.args[0].op == "const")):
        node = node.args[0]
    return node


def recognise(node: Node, known: Known) -> tuple[str, int] | None:
    """Return the surface's spelling of an expansion, or None."""
    for recogniser in _BY_OP.get(node.op, ()):
        found = recogniser(node, known)
        if found is not None:
            return found
    return None


def _all(node: Node, known: Known) -> tuple[str, int] | None:
    """``not any(not x)``, where x may have been given a meaning for missing."""
    inner = node.args[0]
    if inner.op != "any" or inner.args[0].op != "not":
        return None
    x = inner.args[0].args[0]
    if x.op == "otherwise" and bare(x.args[1]).op == "const" and not bare(x.args[1]).number("bits"):
        x = x.args[0]
    return f"all({known[x][0]})", ATOM


def _chain(node: Node, known: Known) -> tuple[str, int] | None:
    """``a < x and x < b``."""
    left, right = node.args
    ordered = {"lt", "le"}
    if left.op not in ordered or right.op not in ordered or bare(left.args[1]) is not bare(right.args[0]):
        return None
    symbols = {"lt": "<", "le": "<="}
    low, middle, high = (known[n][0] for n in (left.args[0], left.args[1], right.args[1]))
    return f"{low} {symbols[left.op]} {middle} {symbols[right.op]} {high}", COMPARISON


def _not_equal(node: Node, known: Known) -> tuple[str, int] | None:
    """``(a == b) == false``, which is how a comparison that may be missing is turned round."""
    inner, false = node.args
    if inner.op != "eq" or bare(false).op != "const" or bare(false).type.dtype is not DType.BOOL:
        return None
    if bare(false).number("bits"):
        return None
    a, b = (known[x][0] if known[x][1] > COMPARISON else f"({known[x][0]})" for x in inner.args)
    return f"{a} != {b}", COMPARISON


def _flipped(node: Node, known: Known) -> tuple[str, int] | None:
    """A constant or parameter on the left reads better on the right."""
    left, right = node.args
    if bare(left).op not in ("const", "param") or bare(right).op in ("const", "param"):
        return None
    return f"{known[right][0]} {'>' if node.op == 'lt' else '>='} {known[left][0]}", COMPARISON


def _mass(node: Node, known: Known) -> tuple[str, int] | None:
    """``where(m2 >= 0, sqrt(m2), -sqrt(-m2))`` with m2 = E² - …: the mass of what the energy belongs to."""
    root = node.args[1]
    if root.op != "math" or root.text("name") != "sqrt" or node.args[2].op != "neg":
        return None
    at, terms = root.args[0], 0
    while at.op == "sub":
        at, terms = at.args[0], terms + 1
    if terms != 3 or at.op != "mul" or at.args[0] is not at.args[1] or node.type.axis is None:
        return None
    axis = node.type.axis
    if stored(axis).op in ("choose", "product"):
        return f"{known[axis][0]}.mass", ATOM
    owners = _owners(at.args[0], known)
    if not owners:
        return None
    return (f"({' + '.join(owners)}).mass" if len(owners) > 1 else f"{owners[0]}.mass"), ATOM


def _nearer(node: Node, known: Known) -> tuple[str, int] | None:
    """``where(abs(a - m) < abs(b - m), a, b)``, or with a and b exchanged: `nearer` and `farther`."""
    condition = node.args[0]
    if condition.op != "lt" or any(x.op != "abs" or x.args[0].op != "sub" for x in condition.args):
        return None
    (a, m), (b, n) = (x.args[0].args for x in condition.args)
    chosen = [bare(x) for x in node.args[1:]]
    if m is not n or sorted(map(id, chosen)) != sorted(map(id, (bare(a), bare(b)))):
        return None
    name = "nearer" if chosen[0] is bare(a) else "farther"
    return f"{name}({known[a][0]}, {known[b][0]}, {known[m][0]})", ATOM


def _owners(energy: Node, known: Known) -> list[str]:
    """Return the objects whose energies are added, in order."""
    found, stack = [], [energy]
    while stack:
        at = bare(stack.pop())
        if at.op == "add":
            stack += reversed(at.args)
        elif at.op == "take":
            found.append(known[at.args[1]][0])
        else:
            return []
    return found


def _delta_r(node: Node, known: Known) -> tuple[str, int] | None:
    """``sqrt(Δη² + Δφ²)``, recognised by its Δη."""
    if node.text("name") != "sqrt" or node.args[0].op != "add":
        return None
    square = node.args[0].args[0]
    if square.op != "mul" or square.args[0] is not square.args[1] or square.args[0].op != "sub":
        return None
    ends = [known[n][0] for n in square.args[0].args]
    if not all(e.endswith(".eta") for e in ends):
        return None
    return f"delta_r({ends[0][:-4]}, {ends[1][:-4]})", ATOM


def _opposite_charge(node: Node, known: Known) -> tuple[str, int] | None:
    """``pair[leg1.charge*leg2.charge < 0]``."""
    axis, condition = node.args
    if condition.op != "lt" or bare(condition.args[0]).op != "mul":
        return None
    product, zero = bare(condition.args[0]), bare(condition.args[1])
    if zero.op != "const" or zero.number("bits") != 0:
        return None
    base, a, b = known[axis][0], *(known[n][0] for n in product.args)
    pair = known[stored(axis)][0]
    if (a, b) in ((f"{pair}.leg1.charge", f"{pair}.leg2.charge"), (f"{base}.leg1.charge", f"{base}.leg2.charge")):
        return f"{base}.opposite_charge()", ATOM
    return None


def _exclusion(node: Node, known: Known) -> tuple[str, int] | None:
    """``A[not shares(A, x)]``."""
    axis, condition = node.args
    if condition.op != "not" or condition.args[0].op != "shares":
        return None
    return f"({known[axis][0]} - {known[condition.args[0].args[1]][0]})", ATOM


def _nearest(node: Node, known: Known) -> tuple[str, int] | None:
    """``argmin(abs(mass - m))``."""
    if len(node.args) != 2 or node.text("direction") != "argmin" or node.args[1].op != "abs":
        return None
    difference = node.args[1].args[0]
    if difference.op != "sub" or not known[difference.args[0]][0].endswith(".mass"):
        return None
    return f"{known[node.args[0]][0]}.nearest({known[difference.args[1]][0]})", ATOM


_BY_OP: dict[str, tuple[Callable[[Node, Known], tuple[str, int] | None], ...]] = {
    "not": (_all,),
    "and": (_chain,),
    "eq": (_not_equal,),
    "lt": (_flipped,),
    "le": (_flipped,),
    "where": (_nearer, _mass),
    "math": (_delta_r,),
    "filter": (_opposite_charge, _exclusion),
    "pick": (_nearest,),
}
