"""Densities whose integral is a Gauss-Legendre rule, and how far it may be off."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import ALL, Density
from hzdsl.stats.densities.evaluate import RowEvaluator

#: A numeric normalisation that is further off than this, relative to its value, is refused where a density is made.
TOLERANCE = 1e-8


class Numeric(Density):
    """A density whose integral is a Gauss-Legendre rule, with an error that is found where it is made."""

    nodes: int

    @abstractmethod
    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral by a rule of so many nodes."""

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral."""
        return self.by_rule(self.nodes, low, high)

    @property
    def error(self) -> Value:
        """The relative error of the integral over the observable's range: how far a rule of twice the nodes is."""
        (limits,) = self.limits(ALL)
        fine = self.by_rule(2 * self.nodes, *limits)
        result: Value = abs(self.mass(*limits) / fine - 1.0)
        return result


class Accuracy:
    """How accurate the numeric integrals of densities are where parameters have some values.

    Parameters
    ----------
    densities : iterable of Density
        What they are made of is looked at, too. (Integrals that differ from row to row are not.)

    Examples
    --------
    >>> import hzdsl as hz
    >>> x, width = hz.observable("x", 0, 10), hz.parameter("width", 1.0, bounds=(0.001, 5))
    >>> accuracy = Accuracy([hz.pdf.from_function(hz.exp(-((x - 5) / width)**2), x, nodes=64)])
    >>> accuracy.remarks({"width": 0.5}), accuracy.remarks({"width": 0.1})
    ((), ('the integral of <from expression of x> by 64 nodes is off by 0.4 of its value there: use more nodes',))
    """

    def __init__(self, densities: Iterable[Density]) -> None:
        every = dict.fromkeys(found for density in densities for found in _numeric(density))
        self._densities = [d for d in every if not d.conditional]

    @cached_property
    def _errors(self) -> RowEvaluator:
        return RowEvaluator([d.error for d in self._densities])

    @cached_property
    def _promised(self) -> list[float]:
        """What was found where parameters start, and never less than what is asked of densities that are checked."""
        return [max(TOLERANCE, 2 * error) for error in self._errors.scalars()]

    def remarks(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Return a remark on each density whose integral is less accurate than where its parameters start."""
        if not self._densities:
            return ()
        found = zip(self._densities, self._errors.scalars(values), self._promised, strict=True)
        return tuple(
            f"the integral of {d!r} by {d.nodes} nodes is off by {error:.1g} of its value there: use more nodes"
            for d, error, promised in found
            if not error <= promised
        )


def _numeric(density: Density) -> Iterator[Numeric]:
    """Yield the densities of which one is made, and itself, that are integrated by a rule."""
    if isinstance(density, Numeric):
        yield density
    for part in vars(density).values():
        for inner in part if isinstance(part, tuple) else (part,):
            if isinstance(inner, Density):
                yield from _numeric(inner)


def checked(density: Numeric) -> Numeric:
    """Return a density whose integral is a number, and accurate where its parameters start.

    Raises
    ------
    HzdslError
        ``arguments`` where the rule is too coarse, or the density is no number or not above 0.
    """
    (limits,) = density.limits(ALL)
    if density.conditional:  # its integral is one number per row
        return density
    error, whole = RowEvaluator([density.error, density.mass(*limits)]).scalars()
    if not (np.isfinite(whole) and whole > 0):
        what = f"the integral of {density!r} over its range, by {density.nodes} nodes, is {whole:g}"
        raise HzdslError("arguments", what, fix="a density is 0 or more everywhere, and nodes must meet its peaks")
    if not error < TOLERANCE:
        raise HzdslError(
            "arguments",
            f"the integral of {density!r} by {density.nodes} nodes is off by {error:.1g} of its value",
            fix=f"use more: nodes={4 * density.nodes}; or split it into densities that are smooth",
        )
    return density
