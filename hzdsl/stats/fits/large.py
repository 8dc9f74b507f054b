"""Fits of thousands of parameters: scipy's trust-region Newton method, which asks for Hessian-vector products alone.

Parameters are measured in units of the step that changes the likelihood, and those with bounds by MINUIT's internal
variables (F. James, MINUIT manual §1.3.1: a sine between two bounds, a square root beyond one), so that the method,
which knows no bounds, cannot leave them.
"""

from __future__ import annotations

import numpy as np

from hzdsl.stats.fits.migrad import Verdict
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.parameters import Vector

#: No start is nearer to a bound than this part of the width: there MINUIT's variables have no slope.
NEAREST = 1e-3
MOST_ITERATIONS = 500


class Bounded:
    """Parameters by unbounded variables u, u = 0 at the start: x(u) with its first and second derivatives."""

    def __init__(self, objective: Objective, z: Vector) -> None:
        low, high = objective.low, objective.high
        self.low, self.high = low, high
        self.two = np.isfinite(low) & np.isfinite(high)
        self.below = np.isfinite(low) & ~np.isfinite(high)
        self.above = ~np.isfinite(low) & np.isfinite(high)
        with np.errstate(invalid="ignore"):  # infinite bounds, whose sums are not used
            self.middle = np.where(self.two, 0.5 * (low + high), 0.0)
            self.half = np.where(self.two, 0.5 * (high - low), 1.0)
        inset = NEAREST * np.where(self.two, self.half, objective.steps)
        inside = np.clip(z, low + inset, high - inset)
        self.origin = self._internal(inside)
        slope = self._mapped(self.origin)[1]
        self.scale = objective.steps / np.where(np.abs(slope) > 1e-3, np.abs(slope), 1.0)

    def _internal(self, x: Vector) -> Vector:
        with np.errstate(all="ignore"):
            sine = np.arcsin(np.clip((x - self.middle) / self.half, -1, 1))
            below = np.sqrt((x - self.low + 1) ** 2 - 1)
            above = np.sqrt((self.high - x + 1) ** 2 - 1)
        return np.select([self.two, self.below, self.above], [sine, below, above], x)

    def _mapped(self, u: Vector) -> tuple[Vector, Vector, Vector]:
        """Return x, dx/du and d²x/du²."""
        root = np.sqrt(u * u + 1)
        kinds = [self.two, self.below, self.above]
        with np.errstate(all="ignore"):
            x = np.select(kinds, [self.middle + self.half * np.sin(u), self.low - 1 + root, self.high + 1 - root], u)
        first = np.select(kinds, [self.half * np.cos(u), u / root, -u / root], 1.0)
        second = np.select(kinds, [-self.half * np.sin(u), root**-3, -(root**-3)], 0.0)
        return np.clip(x, self.low, self.high), first, second

    def at(self, u: Vector) -> tuple[Vector, Vector, Vector]:
        """Return x, dx/du and d²x/du² of the variables that start at 0 and change by about 1."""
        x, first, second = self._mapped(self.origin + self.scale * u)
        return x, first * self.scale, second * self.scale**2


def trust_region(objective: Objective, z: Vector, goal: float) -> Verdict:
    """Minimise with scipy's ``trust-ncg``.

    The verdict is of the gradient in units of the steps: whether the distance to the minimum is small enough can be
    told when the second derivatives are known, as they are for the covariance.
    """
    from scipy.optimize import minimize

    space = Bounded(objective, z)

    def value_and_gradient(u: Vector) -> tuple[float, Vector]:
        x, first, _ = space.at(u)
        value, gradient = objective(x)
        return value, first * gradient

    def product(u: Vector, v: Vector) -> Vector:
        x, first, second = space.at(u)
        bent: Vector = first * objective.hessian_vector(x, first * v) + second * objective(x)[1] * v
        return bent

    found = minimize(
        value_and_gradient,
        np.zeros(len(objective)),
        jac=True,
        hessp=product,
        method="trust-ncg",
        options={"gtol": np.sqrt(goal), "maxiter": MOST_ITERATIONS, "max_trust_radius": 1e4},
    )
    _, slope = value_and_gradient(found.x)
    near = float(0.5 * slope @ slope)
    ended = found.success or near < goal
    said = "" if ended else f"scipy's trust-ncg ended after {found.nit} iterations: {found.message}"
    return Verdict(space.at(found.x)[0], near, bool(ended), said)
