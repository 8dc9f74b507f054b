"""Inverses of large matrices that are blocks but for some rows: of combinations, whose channels share few parameters.

With the blocks eliminated first what is left is a matrix of the shared parameters alone, the Schur complement S of the
blocks A with the border B: V = Y Yᵀ + A⁻¹, where Y = (-A⁻¹B, 1) L⁻ᵀ and S = L Lᵀ. Of 10⁴ parameters, a hundred of them
shared, that takes a second, and their Cholesky factor a minute.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hzdsl.records import dataclass
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.likelihood import Matrix

Places = npt.NDArray[np.int64]
#: Smaller matrices are inverted whole: looking for blocks would take as long.
LARGE = 500
#: Rows with more elements than one of these parts of all are tried as the shared ones.
_PARTS = (2, 4, 8, 16, 32)
#: Blocks are worth their trouble where they save this part of the work.
_WORTH = 0.3


@dataclass(frozen=True, eq=False)
class Blocks:
    """Rows that all others may meet, those that meet only these, and blocks of such that meet each other, too."""

    shared: Places
    alone: Places
    blocks: tuple[Places, ...]


@dataclass(frozen=True, eq=False)
class BlockInverse:
    """An inverse, and the least pivot of its Cholesky factor."""

    matrix: Matrix
    pivot: float


def blocks_of(matrix: Matrix) -> Blocks | None:
    """Return the blocks of a symmetric matrix; None where it has none that are worth it.

    Examples
    --------
    >>> matrix = np.eye(600)
    >>> matrix[0, 1:] = matrix[1:, 0] = 0.01
    >>> blocks_of(matrix).shared, len(blocks_of(matrix).alone)
    (array([0]), 599)
    """
    from scipy.sparse import csr_array

    n = len(matrix)
    if n < LARGE:
        return None
    there = csr_array(matrix != 0)
    counts = np.diff(there.indptr)
    found = min((_split(there, counts > n / part) for part in _PARTS), key=_work)
    return found if _work(found) < _WORTH * n**3 else None


def _split(there: object, shared: npt.NDArray[np.bool_]) -> Blocks:
    from scipy.sparse.csgraph import connected_components

    rest = np.flatnonzero(~shared)
    _, labels = connected_components(there[rest][:, rest], directed=False)  # type: ignore[index]
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels)) if len(rest) else np.zeros(0, int)
    groups = [rest[g] for g in np.split(order, ends[:-1])] if len(rest) else []
    alone = [g for g in groups if len(g) == 1]
    return Blocks(
        np.flatnonzero(shared),
        np.concatenate([np.zeros(0, np.int64), *alone]),
        tuple(g for g in groups if len(g) > 1),
    )


def _work(found: Blocks) -> float:
    """Return about how many products an inverse by these blocks takes, that of a whole matrix being n³."""
    s, sizes = len(found.shared), np.array([len(b) for b in found.blocks], float)
    n = s + len(found.alone) + sizes.sum()
    return float(n * n * (s + 1) + s**3 + (sizes**3).sum() + s * (sizes**2).sum())


def inverse_by_blocks(matrix: Matrix, blocks: Blocks) -> BlockInverse | None:
    """Return the inverse of a symmetric matrix; None where it is not positive definite."""
    with one_thread():  # blocks are small
        eliminated = _eliminated(matrix, blocks)
    factor = None if eliminated is None else _factor(eliminated.left)
    if eliminated is None or factor is None:
        return None
    pivot = min([eliminated.pivot, *np.diag(factor) ** 2])
    found = _spread(eliminated.way, factor)
    for places, inverse in eliminated.inverses:
        if inverse.ndim == 2:
            found[np.ix_(places, places)] += inverse
        else:
            found[places, places] += inverse
    return BlockInverse(found, float(pivot))


@dataclass(frozen=True, eq=False)
class _Eliminated:
    """What is left of a matrix for the shared rows, how all follow these, the inverses of blocks, their least pivot."""

    left: Matrix
    way: Matrix
    inverses: list[tuple[Places, Matrix]]
    pivot: float


def _eliminated(matrix: Matrix, blocks: Blocks) -> _Eliminated | None:
    shared = blocks.shared
    way: Matrix = np.zeros((len(matrix), len(shared)))
    way[shared, np.arange(len(shared))] = 1.0
    left, least = matrix[np.ix_(shared, shared)].copy(), np.inf
    inverses: list[tuple[Places, Matrix]] = []
    for places, inverse, pivot in _inverses(matrix, blocks):
        if inverse is None:
            return None
        border = matrix[np.ix_(places, shared)]
        way[places] = -inverse @ border if inverse.ndim == 2 else -inverse[:, None] * border
        left += border.T @ way[places]
        least = min(least, pivot)
        inverses.append((places, inverse))
    return _Eliminated(left, way, inverses, least)


def _inverses(matrix: Matrix, blocks: Blocks) -> Iterator[tuple[Places, Matrix | None, float]]:
    """Yield the places of each block, its inverse (of those alone its diagonal), and its least pivot."""
    from scipy.linalg.lapack import dpotri

    if len(blocks.alone):
        diagonal = matrix[blocks.alone, blocks.alone]
        yield blocks.alone, (1 / diagonal if (diagonal > 0).all() else None), float(diagonal.min())
    for places in blocks.blocks:
        factor = _factor(matrix[np.ix_(places, places)])
        if factor is None:
            yield places, None, 0.0
            continue
        inverse, _ = dpotri(factor, lower=1)
        yield places, np.tril(inverse) + np.tril(inverse, -1).T, float(np.diag(factor).min()) ** 2


def _factor(matrix: Matrix) -> Matrix | None:
    from scipy.linalg.lapack import dpotrf

    if not len(matrix):
        return matrix
    factor, failed = dpotrf(matrix, lower=1)
    return None if failed else np.asarray(factor)


def _spread(way: Matrix, factor: Matrix) -> Matrix:
    """Return the covariance of all by that of the shared ones, of which the inverse's Cholesky factor is given."""
    from scipy.linalg.lapack import dtrtri

    if not len(factor):
        return np.zeros((len(way), len(way)))
    inverse, _ = dtrtri(factor, lower=1)
    far = way @ np.tril(inverse).T
    return np.asarray(far @ far.T)
