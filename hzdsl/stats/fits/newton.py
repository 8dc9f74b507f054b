"""Newton steps: what brings a fit to its minimum with fewest calls.

The exact second derivatives are at hand, so a step is a linear system: damped where the matrix is not positive definite
(Levenberg's way), shortened where it does not go down. On the way their inverse is brought up to date by what gradients
and products teach (BFGS: Nocedal & Wright 2006, eq. 6.17), as MIGRAD does, and found anew where that is of no use. Of
few parameters it begins with the second derivatives at the start, of many, where these cost as much as a hundred
gradients, with the steps that parameters are expected to be determined to. A fit is judged by MIGRAD afterwards, and
done by it where these steps fail; profiles and toys of tests, which start next to their minimum, are not judged where
the steps converge.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from hzdsl.records import dataclass
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

Places = npt.NDArray[np.int64]

#: Steps end when the expected distance to the minimum (½ gᵀH⁻¹g, as MIGRAD's) is less than this.
FINEST = 1e-12
#: A matrix is found anew after so many steps that did not reduce that distance by this factor.
WORTH, MOST_DOUBTS = 0.5, 12
#: Up to so many parameters second derivatives cost little, and products with them save nothing.
FEW = 16
#: What is added to the diagonal, in units of 1/step², until a matrix is positive definite (Levenberg's way): of 10¹⁰
#: events, and far from the minimum, much.
DAMPING = (1e-4, 1e-2, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, *(4.0**k for k in range(7, 30, 2)))
#: Along a valley that many events make narrow and exponentials bend, steps are short and many.
MOST_STEPS, MOST_HALVINGS = 400, 8
#: Steps of many parameters are corrected by so many products with the true matrix at most, until what is left of the
#: system is this part of it: a product costs about two gradients.
MOST_PRODUCTS, LEFT = 6, 0.1


@dataclass(frozen=True, eq=False)
class Curvature:
    """The second derivatives, and the inverse that steps are made with, of which the lower triangle counts (LAPACK's).

    `damped`: of a matrix to which a multiple of the unit matrix was added, which says where down is and not how far.
    """

    inverse: Matrix
    matrix: Matrix
    damped: bool = False

    def step(self, gradient: Vector, held: Mask) -> Vector:
        """Return the Newton step of all parameters, zero for those that are held.

        Forces on these are chosen so that they stay: with the others' part of the inverse that is its Schur complement.
        """
        if not held.any():
            return -self._times(gradient)
        found = self._times(np.where(held, 0.0, gradient))
        columns = self._columns(np.flatnonzero(held))
        found -= columns @ solved(columns[held], found[held])
        return np.where(held, 0.0, -found)

    def _times(self, x: Vector) -> Vector:
        from scipy.linalg.blas import dsymv

        return np.asarray(dsymv(1.0, self.inverse, x, lower=1)) if len(x) else np.zeros(0)

    def _columns(self, places: Places) -> Matrix:
        lower = self.inverse
        return np.stack([np.concatenate([lower[k, :k], lower[k:, k]]) for k in places], axis=1)

    def solved(
        self, gradient: Vector, held: Mask, product: Callable[[Vector], Vector]
    ) -> tuple[Vector, bool, Curvature]:
        """Return the Newton step of a matrix that is known by its products, whether it is one, and what was learnt.

        Conjugate gradients, preconditioned by this matrix, which each product brings up to date (Morales & Nocedal,
        SIAM J. Optim. 10 (2000) 1079); where the other is not positive definite, or not near, the step so far, which
        goes down, too (Steihaug's way: Nocedal & Wright 2006, algorithms 5.3 and 7.2).
        """
        known, step, left = self, np.zeros_like(gradient), np.where(held, 0.0, -gradient)
        direction = -self.step(left, held)
        size = first = float(left @ direction)
        for k in range(MOST_PRODUCTS):
            image = product(direction)
            curvature = float(direction @ image)
            if not curvature > 0:
                return (step if k else direction), False, known
            known = known.taught(direction, image)
            step += size / curvature * direction
            left -= size / curvature * np.where(held, 0.0, image)
            better = -self.step(left, held)
            size, before = float(left @ better), size
            if size <= LEFT**2 * first:
                return step, True, known
            direction = better + size / before * direction
        return step, False, known

    def taught(self, step: Vector, change: Vector) -> Curvature:
        """Return what is known after a step along which the gradient has changed so; the same where that says nothing.

        BFGS's inverse is positive definite where the gradient grows along the step.
        """
        from scipy.linalg.blas import dsyr2

        bent = float(step @ change)
        if not bent > 0:
            return self
        image = self._times(change)
        towards = (0.5 * (1 + float(change @ image) / bent) * step - image) / bent
        return Curvature(dsyr2(1.0, step, towards, a=self.inverse, lower=1), self.matrix, self.damped)


@dataclass(frozen=True, eq=False)
class Descent:
    """Where Newton steps ended: the point, the expected distance to the minimum there, and whether that is all."""

    z: Vector
    edm: float
    converged: bool
    curvature: Curvature | None


def solved(matrix: Matrix, given: Matrix) -> Matrix:
    """Return the solution of a small system; of a singular one the least of all."""
    try:
        return np.asarray(np.linalg.solve(matrix, given))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, given, rcond=None)[0])


def inverse_of(matrix: Matrix) -> Matrix | None:
    """Return the lower triangle of the inverse, by Cholesky; None where a matrix is not positive definite."""
    from scipy.linalg.lapack import dpotrf, dpotri

    if not len(matrix):
        return np.zeros((0, 0))
    factor, failed = dpotrf(matrix, lower=1, clean=0)
    if failed:
        return None
    found, failed = dpotri(factor, lower=1, overwrite_c=1)
    return None if failed else np.asarray(found)


def factorised(objective: Objective, matrix: Matrix, held: Mask) -> Curvature | None:
    """Return second derivatives with their inverse; None where they are not positive definite.

    Parameters that are held, or idle, are apart from the others, and as well determined as expected.
    """
    if not np.isfinite(matrix).all():
        return None
    apart, alone = matrix, held | idle(matrix, held)
    if alone.any():
        apart = np.where(alone | alone[:, None], 0.0, matrix)
        apart[alone, alone] = objective.steps[alone] ** -2.0
    found = inverse_of(apart)
    return None if found is None else Curvature(found, matrix)


def idle(matrix: Matrix, held: Mask) -> Mask:
    """Return which parameters have no second derivatives while others are held: those of a signal that is at 0."""
    return np.asarray(~held & ~matrix[:, ~held].any(axis=1))


def informed(objective: Objective, information: Matrix | None) -> Curvature | None:
    """Return the curvature of an objective from second derivatives by all parameters of its likelihood."""
    if information is None:
        return None
    part = information[np.ix_(objective.free, objective.free)]
    return factorised(objective, part, np.zeros(len(part), bool))


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
    if curvature is None and len(z) > FEW:
        curvature = Curvature(np.diag(objective.steps**2), np.diag(objective.steps**-2.0))
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
        self.edm = self.before = np.inf
        self.fresh = False  # whether the matrix is that of this point
        self.certain = False  # whether the expected distance to the minimum means what it says
        self.doubts = 0  # how many steps were of little use since the matrix was found
        self.gradient, self.step = np.zeros_like(z), np.zeros_like(z)
        self.held = np.zeros(len(z), bool)

    def looked(self) -> bool:
        """Find the step from here, with a new matrix where the old one is of no more use; False where there is none."""
        self.gradient = self.objective.gradient(self.z)
        self.held = pushed(self.objective, self.z, self.gradient)
        if self.curvature is None:
            self._renew()
        self._aim()
        if not self.fresh and (not self.certain or self.edm > WORTH * self.before):
            self.doubts += 1
            if self.doubts > MOST_DOUBTS:
                self._renew()
                self._aim()
            elif len(self.z) > FEW:
                self._correct()
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
        if self.curvature is not None:
            self.curvature = self.curvature.taught(there - self.z, self.objective.gradient(there) - self.gradient)
        self.z, self.before, self.fresh = there, self.edm, False
        return True

    def _aim(self) -> None:
        if self.curvature is not None:
            self.step = self.curvature.step(self.gradient, self.held)
            self.edm = float(-0.5 * self.gradient @ self.step)
            self.certain = not self.curvature.damped or bool(self.held.all())

    def _correct(self) -> None:
        """Find the step of the true matrix from that of the old one."""
        if self.curvature is not None:
            product = partial(self.objective.hessian_vector, self.z)
            self.step, self.certain, self.curvature = self.curvature.solved(self.gradient, self.held, product)
            self.edm = float(-0.5 * self.gradient @ self.step)

    def _renew(self) -> None:
        """Take the matrix of this point, where it is not positive definite a damped one."""
        matrix = self.objective.hessian(self.z)
        self.curvature = factorised(self.objective, matrix, self.held) or self._damped(matrix)
        self.fresh, self.doubts = True, 0

    def _damped(self, matrix: Matrix) -> Curvature | None:
        for amount in DAMPING:
            more = matrix + np.diag(amount * self.objective.steps**-2.0)
            found = factorised(self.objective, more, self.held)
            if found is not None:
                return Curvature(found.inverse, matrix, damped=True)
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
