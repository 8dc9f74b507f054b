"""What a probability density is: a shape along an observable, and its integral over any range."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node, topological
from hzdsl.lang.places import located
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.functions import clip, exp, maximum, total
from hzdsl.stats.observable import ROWS, Range, constant, intervals, number_in, range_of

#: The ranges that densities are normalised on, by observable; where one is not named it is its whole range.
Ranges = Mapping[str, tuple[Range, ...]]
ALL: Ranges = {}


@dataclass(frozen=True, eq=False)
class Term:
    """One summand of a density: what is found once per fit, times what is found for each row."""

    scale: Any
    shape: Value


class Density(ABC):
    """A probability density of one observable.

    `expression` and `integral` are in one normalisation, which may depend on parameters; a fit uses `normalized`.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x = hz.observable("x", 0, 10)
    >>> bump = hz.pdf.gaussian(x, 4, 1)
    >>> bump
    <gaussian of x>
    >>> bump.integral(0, 10)
    <... : f64 @ event>
    """

    observable: Value

    @abstractmethod
    def at(self, x: Value) -> Value:
        """Return the shape at a value along any axis, in any normalisation that does not depend on it."""

    @abstractmethod
    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral of the shape from low to high."""

    @property
    def expression(self) -> Value:
        """The shape along the rows."""
        return self.cumulative(self.limits(ALL)[0][0], self.observable)[1]

    @located
    def integral(self, low: Any, high: Any) -> Value:
        """Return the integral of `expression` over a range, which may lie outside that of the observable.

        Raises
        ------
        HzdslError
            ``arguments`` where the range runs the wrong way round, ``unit`` where it does not fit.
        """
        unit = self.observable.node.type.unit
        a, b = (number_in(x, unit, f"a limit of '{self.names[0]}'") for x in (low, high))
        if not a <= b:
            raise HzdslError("arguments", f"the integral runs from {low} to {high}", fix="write the lower limit first")
        return self.cumulative(constant(a, unit), constant(b, unit))[0]

    def terms(self, ranges: Ranges = ALL) -> tuple[Term, ...]:
        """Return the summands of the density, normalised on ranges."""
        return (Term(1.0 / self.mass_in(ranges), self.at(self.observable)),)

    def mass_in(self, ranges: Ranges = ALL) -> Value:
        """Return the integral of the shape over all ranges."""
        result: Value = total([self.mass(a, b) for a, b in self.limits(ranges)])
        return result

    @located
    def normalized(self, ranges: Sequence[tuple[Any, Any]] | None = None) -> Value:
        """Return the density along the rows, normalised on the observable's range, or on some ranges within it."""
        result: Value = summed(self.terms({self.names[0]: intervals(ranges, self.observable.node)}))
        return result

    def limits(self, ranges: Ranges) -> list[tuple[Value, Value]]:
        """Return the ends of the ranges of the observable as values."""
        node = self.observable.node
        given = ranges.get(node.text("name"), (range_of(node),))
        return [(constant(a, node.type.unit), constant(b, node.type.unit)) for a, b in given]

    @property
    def observables(self) -> tuple[Node, ...]:
        """What it is a density of."""
        return (self.observable.node,)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its observables."""
        return tuple(n.text("name") for n in self.observables)

    @property
    def conditional(self) -> tuple[Node, ...]:
        """Observables that it depends on without being a density of them: what is measured for each row."""
        columns = (n for n in topological([self.at(self.observable).node]) if n.op == "column" and n.type.axis is ROWS)
        return tuple(n for n in columns if n not in self.observables)

    @property
    def any_observable(self) -> Value:
        """The first of its observables."""
        return Value(self.observables[0])

    def cumulative(self, low: Value, x: Value, ranges: Ranges = ALL) -> tuple[Value, Value]:
        """Return the integral from `low` to x and the shape at x, in one normalisation."""
        return self.mass(low, x), self.at(x)

    def __repr__(self) -> str:
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(self).__name__).strip()
        return f"<{words} of {', '.join(self.names)}>"


def summed(terms: tuple[Term, ...]) -> Any:
    """Return the sum of terms along the rows."""
    return total([t.scale * t.shape for t in terms])


class Peak(Density):
    """A density exp(exponent), the exponent greatest at one place and falling to both sides.

    It is found relative to its greatest value within the fit range, so that it is a number wherever the peak is, be it
    hundreds of widths away: neither exp nor the integral underflows together.
    """

    @property
    @abstractmethod
    def mode(self) -> Value:
        """Where the exponent is greatest."""

    @abstractmethod
    def exponent(self, x: Value) -> Value:
        """Return the exponent at a value along any axis."""

    @abstractmethod
    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral of exp(exponent - shift)."""

    def scaled(self, x: Value, shift: Any) -> Value:
        """Return exp(exponent - shift)."""
        result: Value = exp(self.exponent(x) - shift)
        return result

    def at(self, x: Value) -> Value:
        """Return exp(exponent)."""
        return self.scaled(x, 0.0)

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral of exp(exponent)."""
        return self.scaled_mass(low, high, 0.0)

    def terms(self, ranges: Ranges = ALL) -> tuple[Term, ...]:
        """Return the one summand, relative to its greatest value."""
        shift = self._greatest(ranges)
        whole = total([self.scaled_mass(a, b, shift) for a, b in self.limits(ranges)])
        return (Term(1.0 / whole, self.scaled(self.observable, shift)),)

    def cumulative(self, low: Value, x: Value, ranges: Ranges = ALL) -> tuple[Value, Value]:
        """Return the integral from `low` to x and the shape at x, relative to its greatest value."""
        shift = self._greatest(ranges)
        return self.scaled_mass(low, x, shift), self.scaled(x, shift)

    def _greatest(self, ranges: Ranges) -> Any:
        """Return the greatest exponent within ranges."""
        result: Any = None
        for a, b in self.limits(ranges):
            here = self.exponent(clip(self.mode, a, b))
            result = here if result is None else maximum(result, here)
        return result
