"""Densities whose integral is a Gauss-Legendre rule, and how far it may be off."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import ALL, Density
from hzdsl.stats.densities.evaluate import Evaluator

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
    error, whole = Evaluator([density.error, density.mass(*limits)]).scalars()
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
