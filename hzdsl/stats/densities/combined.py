"""Densities made of densities: sums, products, convolutions; and of any expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.node import Node, topological
from hzdsl.ir.substitute import substituted
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.density import ALL, Density, Ranges, Term, summed
from hzdsl.stats.densities.functions import total
from hzdsl.stats.densities.numeric import Numeric
from hzdsl.stats.densities.quadrature import integral
from hzdsl.stats.observable import ROWS, constant


class Parted(Density):
    """Made of normalised densities: what lies below a value, and the density there, are found together."""

    def at(self, x: Value) -> Value:
        """Return the density, each part normalised on the observable's whole range."""
        return self.cumulative(self.limits(ALL)[0][0], x)[1]

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral."""
        return self.cumulative(low, high)[0]


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Parted):
    """Σ f_i p_i of normalised densities p_i; the fractions f_i are those of the fit range."""

    observable: Value
    parts: tuple[Density, ...]
    fractions: tuple[Any, ...]

    def cumulative(self, low: Value, x: Value, ranges: Ranges = ALL) -> tuple[Value, Value]:
        """Return the integral from `low` to x and the sum at x, each part normalised on ranges."""
        masses, heights = [], []
        for f, p in zip(self.fractions, self.parts, strict=True):
            scale = f / total([p.cumulative(a, b, ranges)[0] for a, b in p.limits(ranges)])
            mass, height = p.cumulative(low, x, ranges)
            masses.append(scale * mass)
            heights.append(scale * height)
        return total(masses), total(heights)

    def terms(self, ranges: Ranges = ALL) -> tuple[Term, ...]:
        """Return the summands of all parts."""
        pairs = zip(self.fractions, self.parts, strict=True)
        return tuple(Term(f * t.scale, t.shape) for f, p in pairs for t in p.terms(ranges))


@dataclass(frozen=True, eq=False, repr=False)
class Product(Numeric):
    """Π p_i of one observable, normalised again, by a rule of `nodes` points."""

    observable: Value
    factors: tuple[Density, ...]
    nodes: int

    def at(self, x: Value) -> Value:
        """Return the product, each factor over its integral, so that none is too great or small."""
        result: Any = None
        for p in self.factors:
            (term, *more) = p.terms()
            here = p.at(x) / p.mass_in() if more else self._moved(term, x)
            here = here * constant(1.0, self.observable.node.type.unit)
            result = here if result is None else result * here
        value: Value = result
        return value

    def _moved(self, term: Term, x: Value) -> Any:
        return term.scale * _with(term.shape, self.observable, x)

    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral."""
        return integral(self.at, low, high, nodes, *map(Value, self.conditional))


@dataclass(frozen=True, eq=False, repr=False)
class FromExpression(Numeric):
    """An expression of an observable, normalised by a rule of `nodes` points."""

    observable: Value
    formula: Value
    nodes: int

    def at(self, x: Value) -> Value:
        """Return the expression, with x in the place of the observable."""
        return _with(self.formula, self.observable, x)

    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral."""
        return integral(self.at, low, high, nodes, *map(Value, self.conditional))


def _with(expression: Value, observable: Value, x: Value) -> Value:
    """Return an expression with another value in the place of an observable: along that value's axis.

    What else is measured for each row stays what it is.
    """
    axis = build.axis_of(x.node)
    if x.node is observable.node:
        return expression
    columns = (n for n in topological([expression.node]) if n.op == "column" and n.type.axis is ROWS)
    others = {n: build.lift(n, axis) for n in columns if n is not observable.node}
    return Value(substituted(expression.node, {**others, observable.node: x.node, ROWS: axis}))


@dataclass(frozen=True, eq=False, repr=False)
class Convolution(Density):
    """∫ p(x - y) k(y) dy over a window, by a rule of `nodes` points at every x.

    The sum is a loop over rows and nodes, differentiated as any other: no grid to interpolate on, no period that the
    ends run into, and a kernel whose parameters are fitted. Its integral is exact in x, that of p moved by each y.
    """

    observable: Value
    density: Density
    kernel: Density
    window: tuple[Value, Value]
    nodes: int

    def at(self, x: Value) -> Value:
        """Return the smeared shape."""
        return self._smeared(lambda y: self.density.at(x - y), x)

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral."""
        return self._smeared(lambda y: self.density.mass(low - y, high - y), low, high)

    def _smeared(self, of: Callable[[Value], Value], *along: Value) -> Value:
        def weighted(y: Value) -> Value:
            result: Value = self.kernel.at(y) * of(y)
            return result

        return integral(weighted, *self.window, self.nodes, *along, *map(Value, self._measured))

    @property
    def _measured(self) -> tuple[Node, ...]:
        return tuple(dict.fromkeys((*self.density.conditional, *self.kernel.conditional)))


@dataclass(frozen=True, eq=False, repr=False)
class Joint(Density):
    """Π p_i of different observables: each is normalised in its own, whatever others it depends on."""

    factors: tuple[Density, ...]

    @property
    def observable(self) -> Value:  # type: ignore[override]
        """There is not one alone."""
        raise HzdslError("arguments", f"{self!r} is of several observables", fix="integrate its factors")

    @property
    def observables(self) -> tuple[Node, ...]:
        """Those of all factors."""
        return tuple(n for p in self.factors for n in p.observables)

    def at(self, x: Value) -> Value:
        """Refuse: it is of several observables."""
        return self.observable

    def mass(self, low: Value, high: Value) -> Value:
        """Refuse: it is of several observables."""
        return self.observable

    @property
    def conditional(self) -> tuple[Node, ...]:
        """What factors depend on and none is a density of."""
        found = dict.fromkeys(n for p in self.factors for n in p.conditional)
        return tuple(n for n in found if n not in self.observables)

    def terms(self, ranges: Ranges = ALL) -> tuple[Term, ...]:
        """Return the products of one summand of each factor."""
        first, *rest = self.factors
        found = first.terms(ranges)
        for p in rest:
            found = tuple(Term(a.scale * b.scale, a.shape * b.shape) for a in found for b in p.terms(ranges))
        return found

    def normalized(self, ranges: Any = None) -> Value:
        """Return the density along the rows, normalised on the ranges of all observables."""
        if ranges is not None:
            raise HzdslError("arguments", f"{self!r} has several observables", fix="give ranges to the channel")
        result: Value = summed(self.terms())
        return result
