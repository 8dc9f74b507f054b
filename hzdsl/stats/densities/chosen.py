"""Densities that an index chooses, for discrete profiling (P. Dauncey et al., JINST 10 (2015) P04015)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hzdsl.ir import build
from hzdsl.ir.node import Node
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.combined import Parted, Sum
from hzdsl.stats.densities.density import ALL, Density, Ranges, Term, summed
from hzdsl.stats.densities.functions import total, where
from hzdsl.stats.observable import constant


@dataclass(frozen=True, eq=False, repr=False)
class Chosen(Parted):
    """One of several densities: that whose place the index has. Whether the others are numbers there does not matter.

    Parameters
    ----------
    observable : Value
        Of all of them.
    index : Value
        The parameter that chooses: 0, 1, …
    parts : tuple of Density
        What there is to choose.
    penalties : tuple of float
        What each of them adds to -ln L.
    """

    observable: Value
    index: Value
    parts: tuple[Density, ...]
    penalties: tuple[float, ...]

    def cumulative(self, low: Value, x: Value, ranges: Ranges = ALL) -> tuple[Value, Value]:
        """Return the integral from `low` to x and the density at x, normalised on ranges."""
        masses, heights = [], []
        for k, p in enumerate(self.parts):
            whole = total([p.cumulative(a, b, ranges)[0] for a, b in p.limits(ranges)])
            mass, height = p.cumulative(low, x, ranges)
            masses.append(self._if(k, mass / whole))
            heights.append(self._if(k, height / whole))
        return total(masses), total(heights)

    def terms(self, ranges: Ranges = ALL) -> tuple[Term, ...]:
        """Return the summands of all parts: 0 of those that are not chosen."""
        found = ((k, t) for k, p in enumerate(self.parts) for t in p.terms(ranges))
        return tuple(Term(self._if(k, t.scale), self._if(k, t.shape)) for k, t in found)

    @property
    def penalty(self) -> Value:
        """What the choice adds to -ln L."""
        result: Value = total([self._if(k, Value(build.const(p))) for k, p in enumerate(self.penalties)])
        return result

    def _if(self, k: int, value: Any) -> Any:
        """Return a value where this part is chosen, else 0."""
        return where(self.index == float(k), value, constant(0.0, value.node.type.unit))


def chosen_in(density: Density) -> Iterator[Chosen]:
    """Yield what is chosen in a density: itself, or parts of a sum."""
    if isinstance(density, Chosen):
        yield density
    elif isinstance(density, Sum):
        for p in density.parts:
            yield from chosen_in(p)


def beside_choices(density: Density) -> Iterator[Node]:
    """Yield all that a density depends on whatever is chosen in it."""
    if isinstance(density, Sum):
        yield from (f.node for f in density.fractions if isinstance(f, Value))
        for p in density.parts:
            yield from beside_choices(p)
    elif not isinstance(density, Chosen):
        yield summed(density.terms()).node
