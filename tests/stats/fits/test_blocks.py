"""Inverses by blocks are inverses: of matrices with shared rows, blocks and rows that are alone, in any order."""

import numpy as np
import pytest

from hzdsl.stats.fits.blocks import LARGE, blocks_of, inverse_by_blocks
from hzdsl.stats.fits.covariance import inverted


def arrow(shared: int, sizes: list[int], seed: int) -> np.ndarray:
    """A positive definite matrix of blocks of these sizes and rows that all meet, shuffled."""
    rng = np.random.default_rng(seed)
    n = shared + sum(sizes)
    there = np.zeros((n, n))
    begin = shared
    for size in sizes:
        rows = rng.normal(0, 1, (size, size))
        there[begin : begin + size, begin : begin + size] = rows @ rows.T / size + np.eye(size)
        begin += size
    border = rng.normal(0, 0.5 / np.sqrt(n), (n, shared))
    there[:, :shared] += border
    there[:shared, :] += border.T
    there[:shared, :shared] = np.eye(shared) * 3
    order = rng.permutation(n)
    return there[np.ix_(order, order)]


CASES = {
    "channels": (20, [30] * 20),
    "bins alone": (10, [1] * 550),
    "both": (30, [1] * 100 + [40] * 12),
    "no shared rows": (0, [50] * 12),
    "one block alone is large": (5, [200] + [1] * 400),
}


@pytest.mark.parametrize("name", CASES)
def test_is_the_inverse(name: str) -> None:
    shared, sizes = CASES[name]
    matrix = arrow(shared, sizes, seed=3)
    assert len(matrix) >= LARGE
    blocks = blocks_of(matrix)
    assert blocks is not None
    assert sorted([*blocks.shared, *blocks.alone, *(k for b in blocks.blocks for k in b)]) == list(range(len(matrix)))
    found = inverse_by_blocks(matrix, blocks)
    assert found is not None
    np.testing.assert_allclose(found.matrix, np.linalg.inv(matrix), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found.matrix, found.matrix.T)


def test_matrices_without_blocks_and_small_ones_are_inverted_whole() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (LARGE, LARGE))
    assert blocks_of(rows @ rows.T) is None
    assert blocks_of(np.eye(LARGE - 1)) is None


@pytest.mark.parametrize("where", ["shared", "block", "alone"])
def test_what_is_not_positive_definite_is_noticed(where: str) -> None:
    """In blocks, alone and in what is left of the shared rows; the covariance says by how much it was forced."""
    matrix = arrow(30, [1] * 100 + [40] * 12, seed=5)
    blocks = blocks_of(matrix)
    assert blocks is not None
    k = {"shared": blocks.shared, "block": blocks.blocks[0], "alone": blocks.alone}[where][0]
    matrix[k, k] = -0.5
    assert inverse_by_blocks(matrix, blocks) is None
    forced = inverted(matrix, np.zeros(len(matrix), bool)).forced
    assert forced is not None
    assert forced < 0


def test_a_flat_direction_is_not_taken_for_a_large_error() -> None:
    matrix = arrow(0, [2] * 300, seed=7)
    matrix[:2, :] = matrix[:, :2] = 0.0
    matrix[:2, :2] = 1.0  # the sum of two parameters alone is known
    found = inverted(matrix, np.zeros(len(matrix), bool))
    assert found.forced is not None
    assert abs(found.forced) < 1e-12
