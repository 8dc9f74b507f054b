"""What densities take: values per fit or per row, checked and in the unit of the observable."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.analysis import default_of
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value, to_node
from hzdsl.stats.observable import ROWS, observable_node
from hzdsl.stats.parameters import Vector


class Arguments:
    """The arguments of one density of an observable."""

    def __init__(self, density: str, x: Any) -> None:
        self._density = density
        self.observable = Value(observable_node(x))
        self.unit = self.observable.node.type.unit

    def place(self, name: str, given: Any, *, positive: bool = False) -> Value:
        """Return an argument in the observable's unit: a mean, a width."""
        return self._value(name, given, self.unit, positive)

    def number(self, name: str, given: Any, *, positive: bool = False) -> Value:
        """Return an argument without a unit: a power, a fraction."""
        return self._value(name, given, NONE, positive)

    def rate(self, name: str, given: Any, power: int = 1) -> Value:
        """Return an argument in one over the observable's unit, or that to a power."""
        return self._value(name, given, NONE / self.unit ** Fraction(power))

    def numbers(self, name: str, given: Sequence[Any], least: int = 1) -> tuple[Value, ...]:
        """Return several arguments without a unit."""
        return tuple(self.number(f"{name} {k}", c) for k, c in enumerate(self.several(name, given, least)))

    def several(self, name: str, given: Any, least: int = 1) -> Sequence[Any]:
        """Return a sequence of arguments that are not too few."""
        if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str | bytes) or len(given) < least:
            what = f"{self._density} takes {least} or more {name}s, not {given!r}"
            raise HzdslError("arguments", what, fix=f"{name}s=[…]")
        return tuple(given)

    def table(self, name: str, given: Any, unit: Unit = NONE) -> Vector:
        """Return a column of finite numbers: an array, or a sequence that may hold quantities."""
        try:
            items = [g.in_unit(unit) if isinstance(g, Quantity) else g for g in given]
            found = np.array(items, float)
        except (TypeError, ValueError):
            raise HzdslError("arguments", f"the {name} of {self._density} are {given!r:.60}", fix="numbers") from None
        if found.ndim != 1 or not len(found):
            raise HzdslError("arguments", f"the {name} of {self._density} are no row of numbers", fix="one dimension")
        bad = np.flatnonzero(~np.isfinite(found))
        if len(bad):
            what = f"the {name} of {self._density} hold {len(bad)} that are not finite, the first at {bad[0]}"
            raise HzdslError("arguments", what, fix="leave them out")
        return found

    def _value(self, name: str, given: Any, unit: Unit, positive: bool = False) -> Value:
        said = f"{name} of {self._density}"
        if isinstance(given, bool):
            raise HzdslError("arguments", f"the {said} is {given}", fix="a number, a parameter or an expression")
        node = to_node(given)
        if build.axis_of(node) not in (EVENT, ROWS):
            raise HzdslError("axis", f"the {said} varies along {build.axis_of(node)!r}", fix="a number per fit or row")
        if node.type.optional:
            raise HzdslError("missing-value", f"the {said} may be missing", fix="say what then: .otherwise(…)")
        node = build.in_slot(node, unit, f"the {said}")
        start = _start(node)
        node = build.to_unit(build.cast(node, DType.F64), unit)
        if start is not None and not np.isfinite(start):
            raise HzdslError("arguments", f"the {said} is {start}", fix="give a finite number")
        if positive and start is not None and not start > 0:
            starts = "starts at" if node.op != "const" else "is"
            raise HzdslError("arguments", f"the {said}, {spell(node, 60)}, {starts} {start:g}", fix="it is above 0")
        return Value(node)


def _start(node: Node) -> float | None:
    """Return the number of a constant, or that at which a parameter starts."""
    found = build.const_value(node)
    if found is None and node.op == "param":
        found = default_of(node)
    return None if found is None else float(found)
