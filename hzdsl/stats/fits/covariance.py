"""The covariance of free parameters: the inverse of the exact second derivatives at the minimum."""

from __future__ import annotations

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.blocks import blocks_of, inverse_by_blocks
from hzdsl.stats.fits.objective import Mask
from hzdsl.stats.likelihood import Matrix

#: Eigenvalues of the matrix, scaled to ones on its diagonal, that are less than this part of the largest are raised.
LEAST_EIGENVALUE = 1e-10
#: Rows of a matrix that are copied at once when it is made symmetric.
ROWS = 512


@dataclass(frozen=True, eq=False)
class Inverse:
    """The inverse of a matrix, the least eigenvalue where some had to be raised for it, and whether it exists."""

    matrix: Matrix
    forced: float | None = None
    exists: bool = True


def inverted(hessian: Matrix, held: Mask) -> Inverse:
    """Return the covariance of second derivatives: rows and columns of held parameters are zero.

    By LAPACK's Cholesky factor (potrf, potri), in place, or those of its blocks: of 10⁴ parameters there are two
    matrices, not more. Where they are not positive definite, eigenvalues are raised until they are, and the least is
    told.
    """
    if not np.isfinite(hessian).all():
        return Inverse(np.full_like(hessian, np.nan), exists=False)
    part = hessian[np.ix_(~held, ~held)] if held.any() else hessian.copy()
    if not part.size:
        return Inverse(np.zeros_like(hessian))
    scale = _scale(part)
    part *= scale[:, None]
    part *= scale
    found, forced = _inverse(part), None
    if found is None:
        again = (hessian[np.ix_(~held, ~held)] * scale[:, None]) * scale
        found, forced = _forced(0.5 * (again + again.T))
    inverse = found
    inverse *= scale[:, None]
    inverse *= scale
    if not held.any():
        return Inverse(inverse, forced)
    whole = np.zeros_like(hessian)
    whole[np.ix_(~held, ~held)] = inverse
    return Inverse(whole, forced)


def _scale(matrix: Matrix) -> Matrix:
    """Return what scales a matrix to ones on its diagonal: parameters have many sizes."""
    diagonal = np.abs(np.diag(matrix))
    return np.asarray(1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)))


def _inverse(part: Matrix) -> Matrix | None:
    """Return the inverse of a scaled matrix; None where it is not positive definite, or has flat directions."""
    from scipy.linalg.lapack import dpotrf, dpotri

    blocks = blocks_of(part)
    if blocks is not None:
        by_blocks = inverse_by_blocks(part, blocks)
        return by_blocks.matrix if by_blocks is not None and by_blocks.pivot > LEAST_EIGENVALUE else None
    factor, failed = dpotrf(part.T, lower=1, overwrite_a=0 if len(part) < ROWS else 1)
    if failed or not np.diag(factor).min() ** 2 > LEAST_EIGENVALUE:
        return None
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    _mirror(inverse)
    return np.asarray(inverse)


def _forced(matrix: Matrix) -> tuple[Matrix, float]:
    values, vectors = np.linalg.eigh(matrix)
    raised = np.maximum(values, LEAST_EIGENVALUE * max(values[-1], 1.0))
    return (vectors / raised) @ vectors.T, float(values[0])


def _mirror(matrix: Matrix) -> None:
    """Make a matrix of which the lower triangle is known symmetric, in place and in pieces."""
    n = len(matrix)
    for start in range(0, n, ROWS):
        end = min(n, start + ROWS)
        matrix[start:end, end:] = matrix[end:, start:end].T
        block = np.tril(matrix[start:end, start:end])
        matrix[start:end, start:end] = block + np.tril(block, -1).T
