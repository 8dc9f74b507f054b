"""Newton steps: what brings a fit near its minimum with fewest calls, before MIGRAD judges it.

The exact second derivatives are at hand, so a step is a linear system. It is no minimiser: where the matrix is not
positive definite or a step does not go down it gives up, and MIGRAD does the work.
"""

from __future__ import annotations

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

#: Steps end when the expected distance to the minimum (½ gᵀH⁻¹g, as MIGRAD's) is less than this.
FINEST = 1e-13
#: A factorised matrix is used again while a step reduces that distance by this factor: a gradient costs less than a
#: new matrix, of few parameters not so much less.
WORTH, WORTH_OF_FEW, FEW = 0.2, 0.02, 16
MOST_STEPS, MOST_HALVINGS = 60, 8


@dataclass(frozen=True, eq=False)
class Curvature:
    """The second derivatives by parameters that are not held, as their Cholesky factor (lower, LAPACK's).

    `damped`: of a matrix to which a multiple of the unit matrix was added, which says where down is and not how far.
    """

    factor: Matrix
    held: Mask
    damped: bool = False

    def step(self, gradient: Vector) -> Vector:
        """Return the Newton step of all free parameters, zero for those that are held."""
        from scipy.linalg.lapack import dpotrs

        step = np.zeros_like(gradient)
        if not len(self.factor):
            return step
        solved, _ = dpotrs(self.factor, gradient[~self.held], lower=1)
        step[~self.held] = -solved
        return step


@dataclass(frozen=True, eq=False)
class Descent:
    """Where Newton steps ended: the point, the expected distance to the minimum there, and whether that is all."""

    z: Vector
    edm: float
    converged: bool
    curvature: Curvature | None


def factorised(matrix: Matrix, held: Mask) -> Curvature | None:
    """Return the Cholesky factor of a matrix without the rows that are held; None where it is not positive definite."""
    from scipy.linalg.lapack import dpotrf

    if not np.isfinite(matrix).all():
        return None
    part = matrix[np.ix_(~held, ~held)] if held.any() else matrix
    if part.size == 0:
        return Curvature(np.zeros((0, 0)), held)
    factor, failed = dpotrf(part, lower=1)
    return None if failed else Curvature(factor, held)


def pushed(objective: Objective, z: Vector, gradient: Vector) -> Mask:
    """Return which parameters stand at a bound and are pushed against it."""
    return ((z <= objective.low) & (gradient > 0)) | ((z >= objective.high) & (gradient < 0))


def descend(
    objective: Objective, z: Vector, goal: float, curvature: Curvature | None = None, finest: float = FINEST
) -> Descent:
    """Go down by Newton steps within the bounds.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    z : array
        Where to start.
    goal : float
        The expected distance to the minimum that must be reached.
    curvature : Curvature, optional
        The factor to begin with, of a point near by.
    finest : float
        Below this distance no further step is made.

    Returns
    -------
    Descent
        Not converged where Newton's method is of no use.
    """
    worth = WORTH if len(z) > FEW else WORTH_OF_FEW
    gradient, before = objective.gradient(z), np.inf
    fresh = False
    best = Descent(z, np.inf, False, curvature)
    for _ in range(MOST_STEPS):
        held = pushed(objective, z, gradient)
        if curvature is None or (held != curvature.held).any():
            curvature, fresh = _curvature(objective, z, held), True
            if curvature is None:
                return Descent(z, np.inf, False, None)
        step = curvature.step(gradient)
        edm = float(-0.5 * gradient @ step)
        if not np.isfinite(edm):
            return best
        certain = not curvature.damped or bool(held.all())
        best = Descent(z, edm, certain and edm < goal, curvature)
        if edm < FINEST or (certain and edm < finest) or (certain and edm < goal and fresh and edm > 0.5 * before):
            return best
        if edm > worth * before and not fresh:
            curvature, before = None, edm
            continue
        moved = _moved(objective, z, step)
        if moved is None:
            if fresh:
                return best
            curvature, before = None, edm
            continue
        (z, _, gradient), before, fresh = moved, edm, False
        if curvature.damped:
            curvature = None
    return best


def _curvature(objective: Objective, z: Vector, held: Mask) -> Curvature | None:
    """Return the curvature at a point; where it is not positive definite a damped one, if that is."""
    matrix = objective.hessian(z)
    found = factorised(matrix, held)
    if found is not None:
        return found
    damped = factorised(matrix + np.diag(objective.steps**-2.0), held)
    return None if damped is None else Curvature(damped.factor, held, damped=True)


def _noise(value: float) -> float:
    """Return by how much a value of -ln L may be wrong: it is a sum of many terms."""
    return 64 * float(np.finfo(float).eps) * max(1.0, abs(value))


def _moved(objective: Objective, z: Vector, step: Vector) -> tuple[Vector, float, Vector] | None:
    """Return the next point with value and gradient: as much of the step as goes down; None where none does."""
    value, gradient = objective(z)
    noise, part = _noise(value), 1.0
    for _ in range(MOST_HALVINGS):
        there = np.clip(z + part * step, objective.low, objective.high)
        new, slope = objective(there)
        if new <= value + 1e-4 * float(gradient @ (there - z)) + noise:
            return there, new, slope
        part *= 0.35
    return None
