"""The graph evaluated with fifty digits: the operations of `tests.backends.slow`, on numbers of mpmath.

Differences of such values are derivatives to many more digits than f64 has, and share no code with the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath

from hzdsl.backends.base import Chunk
from hzdsl.ir.node import Node
from tests.backends.slow import STRICT, Event, Item

#: Digits of values, and the steps of first and second differences: their error is its square.
DIGITS, STEP, WIDE = 50, mpmath.mpf("1e-18"), mpmath.mpf("1e-12")
#: Something that can be moved: a parameter by its name, or an element of a column.
Place = str | tuple[str, int]
#: How fast each moves.
Rates = Mapping[Place, float]

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log10": mpmath.log10,
    "log1p": lambda x: mpmath.log(1 + x),
    "expm1": lambda x: mpmath.exp(x) - 1,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sign": mpmath.sign,
}


def faddeeva(part: str, x: Any, y: Any) -> Any:
    z = mpmath.mpc(x, y)
    return getattr(mpmath.exp(-z * z) * mpmath.erfc(-1j * z), part)


PRECISE: dict[str, Callable[..., Any]] = {
    **{op: STRICT[op] for op in ("add", "sub", "mul", "neg", "abs")},
    "div": lambda node, a, b: a / b,
    "mod": lambda node, a, b: a - b * mpmath.floor(a / b),
    "pow": lambda node, a, b: mpmath.power(a, b),
    "atan2": lambda node, a, b: mpmath.atan2(a, b),
    "hypot": lambda node, a, b: mpmath.hypot(a, b),
    "faddeeva": lambda node, x, y: faddeeva(node.text("part"), x, y),
    "math": lambda node, a: FUNCTIONS[node.text("name")](a),
    "cast": lambda node, a: mpmath.mpf(a),
}


class Precise(Event):
    """One event, some numbers of which are moved."""

    def __init__(self, chunk: Chunk, number: int, parameters: dict[str, Item], moved: Mapping[Place, Any]) -> None:
        super().__init__(chunk, number, parameters)
        self._moved = moved

    def _strict(self, node: Node) -> list[Item]:
        if not node.type.dtype.floating or node.op not in PRECISE:
            return super()._strict(node)
        rows = zip(*map(self.value, node.args), strict=True)
        return [None if None in row else PRECISE[node.op](node, *row) for row in rows]

    def v_const(self, node: Node) -> list[Item]:
        return self._wide(node, super().v_const(node))

    def v_param(self, node: Node) -> list[Item]:
        moved = self._moved.get(node.text("name"), 0)
        return [x + moved for x in self._wide(node, super().v_param(node))]

    def v_column(self, node: Node) -> list[Item]:
        first, _ = self._bounds(node.args[0])
        found = self._wide(node, super().v_column(node))
        return [x + self._moved.get((node.text("name"), first + i), 0) for i, x in enumerate(found)]

    @staticmethod
    def _wide(node: Node, items: list[Item]) -> list[Item]:
        return [mpmath.mpf(x) for x in items] if node.type.dtype.floating else items

    def _accumulate(self, node: Node, start: Item, step: Callable[[Item, Item], Item]) -> Iterable[Item]:
        if not node.type.dtype.floating:
            yield from super()._accumulate(node, start, step)
            return
        for one in self._present(node):
            total = mpmath.mpf(start)
            for x in one:
                total = step(total, x)
            yield total

    def v_collect(self, node: Node) -> list[Item]:
        values, objects = map(self.value, node.args)
        assert node.type.axis is not None
        found = [mpmath.mpf(0) for _ in self.positions(node.type.axis)]
        for x, at in zip(values, objects, strict=True):
            if x is not None and at is not None:
                found[at] += x
        return found


def value(node: Node, chunk: Chunk, event: int, parameters: dict[str, Item], moved: Mapping[Place, Any]) -> Any:
    """Return a value of the event, 0 where it is missing."""
    with mpmath.workdps(DIGITS):
        (found,) = Precise(chunk, event, parameters, moved).value(node)
    return mpmath.mpf(0) if found is None else found


def slope(node: Node, chunk: Chunk, event: int, parameters: dict[str, Item], rates: Rates) -> float:
    """Return how fast a value of the event changes when numbers change at some rates."""
    with mpmath.workdps(DIGITS):
        up, down = (value(node, chunk, event, parameters, _moved((sign * STEP, rates))) for sign in (1, -1))
        return float((up - down) / (2 * STEP))


def curvature(node: Node, chunk: Chunk, event: int, parameters: dict[str, Item], rates: Rates, others: Rates) -> float:
    """Return the second derivative of a value of the event along two directions."""
    with mpmath.workdps(DIGITS):
        found = mpmath.mpf(0)
        for a in (1, -1):
            for b in (1, -1):
                moved = _moved((a * WIDE, rates), (b * WIDE, others))
                found += a * b * value(node, chunk, event, parameters, moved)
        return float(found / (4 * WIDE * WIDE))


def _moved(*steps: tuple[Any, Rates]) -> dict[Place, Any]:
    found: dict[Place, Any] = {}
    for step, rates in steps:
        for place, rate in rates.items():
            found[place] = found.get(place, 0) + step * rate
    return found
