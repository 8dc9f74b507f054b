"""Differences of azimuths that nobody brings back into (-π, π]: they run, and are wrong where the angles lie apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from hzdsl.ir.build import const_value
from hzdsl.ir.node import Node, topological
from hzdsl.ir.print import spell
from hzdsl.ir.spelling import plainest
from hzdsl.ir.walk import behind

#: Functions of an angle that turn by 2π alike.
_PERIODIC = ("sin", "cos", "tan")
#: How many operations further a difference may be brought into its range.
_NEAR = 4


def unwrapped(roots: Iterable[Node], names: Mapping[Node, str]) -> list[str]:
    """Return a remark per difference of two azimuths that is used as it is.

    Parameters
    ----------
    roots : nodes
        What an analysis computes.
    names : mapping of Node to str
        What parts of it are called.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> apart = abs(ev.MET.phi - ev.Muon.phi) > 2
    >>> unwrapped([apart.node, hz.cos(ev.MET.phi - ev.Jet.phi).node], {})
    ['MET.phi - Muon.phi is not brought into (-π, π]: write delta_phi(MET, Muon)']
    """
    listed = list(roots)
    nodes = topological(listed)
    differences = [n for n in nodes if n.op == "sub" and all(_is_azimuth(a) for a in n.args)]
    if not differences:
        return []
    users: dict[Node, list[Node]] = defaultdict(list)
    for n in nodes:
        for a in n.args:
            users[a].append(n)
    wrong = [d for d in differences if d in listed or any(not _turns(u, users, _NEAR) for u in users[d])]
    return [_remark(d, names) for d in wrong]


def _is_azimuth(node: Node) -> bool:
    node = behind(node, "lift", "take", "under", "stack", "cast")  # what moves a value along the axes
    if node.op == "column":
        return node.text("attr").rpartition(".")[2] == "phi"
    return node.op == "atan2" and spell(node, 200).endswith(".phi")


def _turns(node: Node, users: Mapping[Node, list[Node]], left: int) -> bool:
    """Return whether an operation, or one that soon follows, knows that angles come round: by π, or by itself."""
    if node.op == "mod" or (node.op == "math" and node.text("name") in _PERIODIC):
        return True
    if any(_is_turn(a) for a in node.args):
        return True
    return left > 0 and any(_turns(u, users, left - 1) for u in users.get(node, ()))


def _is_turn(node: Node) -> bool:
    number = const_value(node)
    return isinstance(number, float) and any(math.isclose(abs(number), k * math.pi, rel_tol=1e-2) for k in (1, 2))


def _remark(difference: Node, names: Mapping[Node, str]) -> str:
    a, b = (spell(plainest(x)[0][1], 80, names).removesuffix(".phi").removesuffix(".p4") for x in difference.args)
    return f"{spell(difference, 120, names)} is not brought into (-π, π]: write delta_phi({a}, {b})"
