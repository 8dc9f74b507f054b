"""Minima at kinks: where -ln L has two slopes, as where the content of a bin meets the floor of its yield.

No gradient vanishes there, so that neither Newton's steps nor MIGRAD's see a minimum. A bundle method does: -ln L is
the highest of several smooth functions, known by values and slopes found on both sides of the kinks, all with the same
second derivatives. The step to the minimum of that model is a small quadratic program, and where its expected gain is
below the goal a combination of slopes vanishes: that is a minimum. (Bonnans, Gilbert, Lemaréchal & Sagastizábal,
Numerical Optimization, 2006, chapter 10; second derivatives as in Lukšan & Vlček, Math. Program. 83 (1998) 373.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.newton import Curvature, factorised, pushed
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

MOST_TRIALS, MOST_PIECES = 60, 24
#: An edge is looked for so many steps aside, where the slope is so many units of -ln L per step: nothing that is smooth
#: has such slopes there.
ASIDE, STEEP = 1e-6, 1e-2
#: A step that gains this part of what was expected is made.
GAINED = 0.1
#: By so much a trial is nearer than the one before it where that had taught nothing.
NEARER = 0.35


@dataclass(frozen=True, eq=False)
class _Piece:
    """A smooth function that -ln L follows around a point: its value and slopes there."""

    at: Vector
    value: float
    gradient: Vector


@dataclass(frozen=True, eq=False)
class _Step:
    """The way to the minimum of the model, and by how much -ln L would be less there."""

    way: Vector
    gain: float


def descend_kinked(objective: Objective, z: Vector, matrix: Matrix, goal: float) -> tuple[Vector, float]:
    """Return the minimum near a start, and the expected distance to it: a minimum where this is less than the goal.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    z : array
        Where to start, within the bounds: where other methods came to a stand.
    matrix : array of shape (n, n)
        The second derivatives there.
    goal : float
        The expected distance to the minimum, in units of -ln L, that must be reached.
    """
    value, gradient = objective(z)
    pieces, edm, part = [_Piece(z, value, gradient)], np.inf, 1.0
    for _ in range(MOST_TRIALS):
        step = _step(objective, z, value, pieces, matrix)
        if step is None:
            break
        edm = step.gain
        if edm < goal:
            break
        there = np.clip(z + part * step.way, objective.low, objective.high)
        found, slopes = objective(there)
        if not np.isfinite(found) or not objective.finite(there):
            part *= NEARER
            continue
        new = _Piece(there, found, slopes)
        pieces = [*pieces[-(MOST_PIECES - 1) :], new]
        if found <= value - GAINED * part * step.gain:
            z, value, part = there, found, 1.0
            matrix = _renewed(objective, z, matrix)
        else:
            cut_off = _model(new, z + step.way, matrix) > value - (1 - GAINED) * step.gain
            part = 1.0 if cut_off else part * NEARER
    return z, edm


def off_the_edge(objective: Objective, z: Vector) -> Vector | None:
    """Return a point next to a minimum from which -ln L goes down; None where it goes up around.

    Where a bin is at the floor of its yield the slope vanishes on one side, and an edge may be next to it: a shape that
    begins to fill the bin at the very value where its parameter starts.
    """
    found = z.copy()
    for side in (1.0, -1.0):
        there = np.clip(z + side * ASIDE * objective.steps, objective.low, objective.high)
        slope = objective.gradient(there) * objective.steps * side
        down = (slope < -STEEP) & (there != z)
        found[down] = there[down]
    return found if (found != z).any() and objective.value(found) < objective.value(z) else None


def _step(objective: Objective, z: Vector, value: float, pieces: Sequence[_Piece], matrix: Matrix) -> _Step | None:
    """Return the step to the minimum of the model; None where the second derivatives are not positive definite."""
    slopes = np.stack([p.gradient + matrix @ (z - p.at) for p in pieces])
    below = np.array([max(0.0, value - _model(p, z, matrix)) for p in pieces])
    held = np.zeros(len(z), bool)
    while (curvature := factorised(objective, matrix, held)) is not None:
        weights = _weights(slopes, below, curvature, held)
        mean = weights @ slopes
        pushing = pushed(objective, z, mean)
        if (pushing <= held).all():
            way = curvature.step(mean, held)
            return _Step(way, float(-0.5 * mean @ way + weights @ below))
        held = held | pushing
    return None


def _weights(slopes: Matrix, below: Vector, curvature: Curvature, held: Mask) -> Vector:
    """Return the weights of pieces, which sum to one, of the least ½ |Σ w g|² + Σ w e, in the metric of H⁻¹.

    On the simplex that is half the square of one symmetric matrix, and the point of a simplex nearest to the origin is
    a problem of non-negative least squares (Lawson & Hanson 1974, chapter 23).
    """
    from scipy.optimize import nnls

    steps = np.stack([-curvature.step(g, held) for g in slopes])
    square = slopes @ steps.T + below[:, None] + below[None, :]
    scale = max(float(np.trace(square)) / len(square), np.finfo(float).tiny)
    values, vectors = np.linalg.eigh(0.5 * (square + square.T) / scale)
    # Of e's outer sum one eigenvalue may be negative; any multiple of 11ᵀ moves nothing but the constant.
    shift = max(0.0, -float(values[0])) * len(square)
    if shift:
        values, vectors = np.linalg.eigh(0.5 * (square + square.T) / scale + shift)
    root = np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T
    found, _ = nnls(np.vstack([root, np.ones(len(square))]), np.append(np.zeros(len(square)), 1.0))
    total = float(found.sum())
    return np.asarray(found / total if total > 0 else np.full(len(square), 1 / len(square)))


def _model(piece: _Piece, z: Vector, matrix: Matrix) -> float:
    """Return a piece's value at a point."""
    away = z - piece.at
    return float(piece.value + piece.gradient @ away + 0.5 * away @ matrix @ away)


def _renewed(objective: Objective, z: Vector, matrix: Matrix) -> Matrix:
    """Return the second derivatives of a point, the old ones where these are not positive definite."""
    found = objective.hessian(z)
    return found if factorised(objective, found, np.zeros(len(z), bool)) is not None else matrix
