"""Proofs that no event passes both of two lists of requirements.

Sound, not complete: a proof is a contradiction between what both lists say of one and the same node. It holds for
whatever value the node has, so that it holds under every variation, too. What is not proved is counted while running.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from hzdsl.ir.build import const_value
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.ir.walk import operands
from hzdsl.records import dataclass

#: Whole numbers below this are the same in every numeric type.
_EXACT = 2**24
#: A bound and whether it is itself excluded.
Bound = tuple[float, bool]


@dataclass
class _Range:
    """The numbers that requirements leave to a node; NaN passes none of these comparisons."""

    low: Bound = (float("-inf"), False)
    high: Bound = (float("inf"), False)

    @property
    def empty(self) -> bool:
        """True where nothing is left."""
        (a, a_open), (b, b_open) = self.low, self.high
        return a > b or (a == b and (a_open or b_open))


@dataclass
class _Facts:
    """What a list of requirements says: what is true, what is false, and the ranges of numbers."""

    true: set[Node] = field(default_factory=set)
    false: set[Node] = field(default_factory=set)
    ranges: dict[Node, _Range] = field(default_factory=dict)

    @property
    def contradictory(self) -> bool:
        """True where all this cannot hold at once."""
        below, below_or_equal, equal = self._of("lt"), self._of("le"), self._of("eq")
        ahead = {*below, *below_or_equal, *equal}
        circle = any((b, a) in ahead or (a, b) in equal for a, b in below)
        return bool(self.true & self.false) or circle or any(r.empty for r in self.ranges.values())

    def _of(self, op: str) -> set[tuple[Node, ...]]:
        """Return of what a comparison is known to hold."""
        return {n.args for n in self.true if n.op == op}


def apart(a: Iterable[Node], b: Iterable[Node]) -> bool:
    """Return True where no event can pass both lists of requirements.

    Examples
    --------
    >>> from hzdsl.ir import build
    >>> n = build.param("n", 3)
    >>> zero, many = build.compare("eq", n, build.const(0)), build.compare("le", build.const(1), n)
    >>> apart([zero], [many]), apart([zero], [build.compare("le", build.const(0), n)])
    (True, False)
    """
    facts, choices = _Facts(), []
    for requirement in (*a, *b):
        choices += _learn(facts, requirement)
    return facts.contradictory or any(_all_apart(facts, choice) for choice in choices)


def _all_apart(facts: _Facts, choice: list[Node]) -> bool:
    """Return whether each alternative of ``x or y or …`` contradicts the facts."""
    for alternative in choice:
        extended = _Facts(
            set(facts.true), set(facts.false), {n: _Range(r.low, r.high) for n, r in facts.ranges.items()}
        )
        _learn(extended, alternative)
        if not extended.contradictory:
            return False
    return True


def _learn(facts: _Facts, requirement: Node) -> list[list[Node]]:
    """Add what a requirement says, and return the choices it leaves."""
    choices: list[list[Node]] = []
    stack = [(requirement, True)]
    while stack:
        node, holds = stack.pop()
        (facts.true if holds else facts.false).add(node)
        if node.op == "not":
            stack.append((node.args[0], not holds))
        elif node.op == "and" and holds:
            stack += [(x, True) for x in node.args]
        elif node.op == "or" and holds:
            choices.append(operands(node, "or"))
        elif node.op == "or":
            stack += [(x, False) for x in node.args]
        elif node.op == "otherwise" and holds and const_value(node.args[1]) is False:
            stack.append((node.args[0], True))
        elif node.op == "eq" and holds and isinstance(const_value(node.args[1]), bool):
            stack.append((node.args[0], const_value(node.args[1]) is True))
        elif OPS[node.op].compares and (holds or node.args[0].type.dtype.integer):
            _bound(facts, node, holds)
    return choices


def _bound(facts: _Facts, node: Node, holds: bool) -> None:
    """Narrow the range of the node that a comparison puts beside a constant.

    The negation is used of integers alone: of a NaN every comparison is false.
    """
    a, b = node.args
    left, right = const_value(_inner(a)), const_value(_inner(b))
    if (left is None) == (right is None) or (node.op == "eq" and not holds):
        return
    number = left if right is None else right
    assert number is not None
    subject, x = (b if right is None else a), float(number)
    if isinstance(number, int) and int(x) != number:
        return  # an integer beyond f64
    known = facts.ranges.setdefault(subject, _Range())
    strict = (node.op == "lt") == holds
    step = 1 if strict and subject.type.dtype.integer and abs(x) < _EXACT else 0  # n > 1 is n >= 2
    above = (left is not None) == holds  # constant < subject, or not (subject < constant)
    if node.op == "eq" or above:
        known.low = max(known.low, (x, False) if node.op == "eq" else (x + step, strict and not step))
    if node.op == "eq" or not above:
        bound = (x, False) if node.op == "eq" else (x - step, strict and not step)
        known.high = min(known.high, bound, key=_tightness)


def _tightness(bound: Bound) -> tuple[float, bool]:
    return bound[0], not bound[1]


def _inner(node: Node) -> Node:
    """Return the constant behind a cast that leaves its value as it is."""
    if node.op != "cast" or (number := const_value(node.args[0])) is None:
        return node
    dtype = node.type.dtype
    exact = abs(number) < _EXACT and (number >= 0 or dtype.signed or dtype.floating)
    whole = isinstance(number, int) or float(number).is_integer()
    return node.args[0] if exact and (whole or dtype is DType.F64) else node
