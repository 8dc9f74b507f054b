"""Newton steps: what brings a fit to its minimum with fewest calls.

The exact second derivatives are at hand, so a step is a linear system: damped where the matrix is not positive definite
(Levenberg's way), shortened where it does not go down. A fit is judged by MIGRAD afterwards, and done by it where these
steps fail; profiles and toys, which start next to their minimum, are not judged where the steps converge.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

#: Steps end when the expected distance to the minimum (½ gᵀH⁻¹g, as MIGRAD's) is less than this.
FINEST = 1e-12
#: A factorised matrix is used again while a step reduces that distance by this factor: a gradient costs less than a
#: new matrix, of few parameters not so much less.
WORTH, WORTH_OF_FEW, FEW = 0.35, 0.1, 16
#: What is added to the diagonal, in units of 1/step², until a matrix is positive definite (Levenberg's way).
DAMPING = (1e-4, 1e-2, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)
MOST_STEPS, MOST_HALVINGS = 60, 8
#: Steps with an old matrix are corrected by so many products with the true one at most, until what is left of the
#: system is this part of it: a product costs about two gradients, a new matrix one product for each parameter.
MOST_PRODUCTS, LEFT = 12, 0.02
#: After so many steps that were none of Newton's the matrix is found again.
MOST_DOUBTS = 4


@dataclass(frozen=True, eq=False)
class Curvature:
    """The second derivatives by parameters that are not held, as their Cholesky factor (lower, LAPACK's).

    `damped`: of a matrix to which a multiple of the unit matrix was added, which says where down is and not how far.
    `matrix` is that of all parameters, held or not.
    """

    factor: Matrix
    held: Mask
    matrix: Matrix
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

    def solved(self, gradient: Vector, product: Callable[[Vector], Vector]) -> tuple[Vector, bool]:
        """Return the Newton step of a matrix that is known by its products, and whether it is one.

        Conjugate gradients, preconditioned by this matrix; where the other is not positive definite, or not near, the
        step so far, which goes down, too (Steihaug's way: Nocedal & Wright 2006, algorithms 5.3 and 7.2).
        """
        step, left = np.zeros_like(gradient), np.where(self.held, 0.0, -gradient)
        direction = -self.step(left)
        size = first = float(left @ direction)
        for k in range(MOST_PRODUCTS):
            bent = np.where(self.held, 0.0, product(direction))
            curvature = float(direction @ bent)
            if not curvature > 0:
                return (step if k else direction), False
            step += size / curvature * direction
            left -= size / curvature * bent
            better = -self.step(left)
            size, before = float(left @ better), size
            if size <= LEFT**2 * first:
                return step, True
            direction = better + size / before * direction
        return step, False


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
        return Curvature(np.zeros((0, 0)), held, matrix)
    factor, failed = dpotrf(part, lower=1)
    return None if failed else Curvature(factor, held, matrix)


def informed(objective: Objective, information: Matrix | None) -> Curvature | None:
    """Return the curvature of an objective from second derivatives by all parameters of its likelihood."""
    if information is None:
        return None
    part = information[np.ix_(objective.free, objective.free)]
    return factorised(part, np.zeros(len(part), bool))


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
        The factor to begin with, of a point near by, or of the expected information.
    finest : float
        Below this distance no further step is made.

    Returns
    -------
    Descent
        Not converged where Newton's method is of no use.
    """
    steps = _Steps(objective, z, curvature)
    for _ in range(MOST_STEPS):
        if not steps.looked():
            return Descent(steps.z, np.inf, False, None)
        if steps.ended(goal, finest) or not steps.moved():
            break
    return Descent(steps.z, steps.edm, steps.certain and steps.edm < goal, steps.curvature)


class _Steps:
    """The point where Newton steps are, the matrix that the next is made with, and how far the minimum may be."""

    def __init__(self, objective: Objective, z: Vector, curvature: Curvature | None) -> None:
        self.objective, self.z, self.curvature = objective, z, curvature
        self.worth = WORTH if len(z) > FEW else WORTH_OF_FEW
        self.edm = self.before = np.inf
        self.fresh = False  # whether the matrix is that of this point
        self.certain = False  # whether the expected distance to the minimum means what it says
        self.doubts = 0  # how many steps in a row were no Newton steps
        self.step = np.zeros_like(z)

    def looked(self) -> bool:
        """Find the step from here, with a new matrix where the old one is of no more use; False where there is none."""
        gradient = self.objective.gradient(self.z)
        held = pushed(self.objective, self.z, gradient)
        if self.curvature is not None and (held != self.curvature.held).any():
            known = self.curvature.matrix  # others are held now: the same matrix without other rows
            self.curvature = factorised(known, held) or _damped(self.objective, known, held)
        if self.curvature is None:
            self._renew(held)
        self._aim(gradient)
        if not self.fresh and (not self.certain or self.edm > self.worth * self.before):
            if self.doubts < MOST_DOUBTS and len(gradient) > FEW:
                self._correct(gradient)
            else:
                self._renew(held)
                self._aim(gradient)
        self.doubts = 0 if self.certain else self.doubts + 1
        return self.curvature is not None and bool(np.isfinite(self.edm))

    def ended(self, goal: float, finest: float) -> bool:
        """Return whether nothing is left to be done."""
        stuck = self.fresh and self.edm < goal and self.edm > 0.5 * self.before
        return self.edm < FINEST or (self.certain and (self.edm < finest or stuck))

    def moved(self) -> bool:
        """Make the step, or as much of it as goes down; False where nothing of one with a new matrix does."""
        there = _lower(self.objective, self.z, self.step)
        if there is None:
            if self.fresh:
                return False
            self.curvature = None
            return True
        self.z, self.before, self.fresh = there, self.edm, False
        return True

    def _aim(self, gradient: Vector) -> None:
        if self.curvature is not None:
            self.step = self.curvature.step(gradient)
            self.edm = float(-0.5 * gradient @ self.step)
            self.certain = not self.curvature.damped or bool(self.curvature.held.all())

    def _correct(self, gradient: Vector) -> None:
        """Find the step of the true matrix from that of the old one."""
        if self.curvature is not None:
            step, self.certain = self.curvature.solved(gradient, lambda v: self.objective.hessian_vector(self.z, v))
            self.step, self.edm = step, float(-0.5 * gradient @ step)

    def _renew(self, held: Mask) -> None:
        """Take the matrix of this point, where it is not positive definite a damped one."""
        matrix = self.objective.hessian(self.z)
        self.curvature = factorised(matrix, held) or _damped(self.objective, matrix, held)
        self.fresh = True


def _damped(objective: Objective, matrix: Matrix, held: Mask) -> Curvature | None:
    for amount in DAMPING:
        found = factorised(matrix + np.diag(amount * objective.steps**-2.0), held)
        if found is not None:
            return Curvature(found.factor, held, matrix, damped=True)
    return None


def _noise(value: float) -> float:
    """Return by how much a value of -ln L may be wrong: it is a sum of many terms."""
    return 64 * float(np.finfo(float).eps) * max(1.0, abs(value))


def _lower(objective: Objective, z: Vector, step: Vector) -> Vector | None:
    """Return the next point: as much of the step as goes down; None where nothing does."""
    value, gradient = objective(z)
    noise, part = _noise(value), 1.0
    for _ in range(MOST_HALVINGS):
        there = np.clip(z + part * step, objective.low, objective.high)
        if objective.value(there) <= value + 1e-4 * float(gradient @ (there - z)) + noise:
            return np.asarray(there)
        part *= 0.35
    return None
