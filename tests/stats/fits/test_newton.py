"""Newton's steps on quadratics, held parameters among them, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.stats.fits.newton import LEFT, MOST_PRODUCTS, Curvature, inverse_of

HELD = [(), (2,), (0, 3), (0, 1, 2, 3, 4)]


def positive(seed: int, n: int = 5) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(n, n))
    return root @ root.T + 0.5 * np.eye(n)


def curvature(matrix) -> Curvature:
    """Return one of whose inverse there is the lower triangle alone."""
    lower = inverse_of(matrix)
    return Curvature(np.where(np.tri(len(matrix), dtype=bool), lower, np.nan), matrix)


def whole(found: Curvature) -> np.ndarray:
    lower = np.where(np.tri(len(found.matrix), dtype=bool), found.inverse, 0.0)
    return lower + np.tril(lower, -1).T


def mask(places, n: int = 5) -> np.ndarray:
    return np.isin(np.arange(n), places)


def exact(matrix, gradient, held) -> np.ndarray:
    """Return the step to the minimum of a quadratic in all parameters that are not held."""
    step = np.zeros(len(gradient))
    step[~held] = -np.linalg.solve(matrix[np.ix_(~held, ~held)], gradient[~held])
    return step


@pytest.mark.parametrize("places", HELD)
@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_that_of_what_is_not_held(seed, places) -> None:
    matrix, held = positive(seed), mask(places)
    gradient = np.random.default_rng(seed + 50).normal(size=5)
    step = curvature(matrix).step(gradient, held)
    np.testing.assert_allclose(step, exact(matrix, gradient, held), rtol=1e-10, atol=1e-12)
    assert not step[held].any()


def test_a_step_of_nothing() -> None:
    empty = np.zeros((0, 0))
    assert Curvature(empty, empty).step(np.zeros(0), np.zeros(0, bool)).shape == (0,)


@pytest.mark.parametrize("places", HELD[:3])
def test_a_matrix_that_is_known_is_solved_by_one_product(places) -> None:
    matrix, held, asked = positive(1), mask(places), []
    gradient = np.random.default_rng(51).normal(size=5)

    def product(v):
        asked.append(v.copy())
        return matrix @ v

    step, certain, known = curvature(matrix).solved(gradient, held, product)
    assert certain
    assert len(asked) == 1
    np.testing.assert_allclose(step, exact(matrix, gradient, held), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(whole(known), np.linalg.inv(matrix), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("places", HELD[:3])
@pytest.mark.parametrize("seed", range(4))
def test_another_matrix_is_solved_by_its_products(seed, places) -> None:
    """What is left of the system, as the first matrix measures it, is the part of it that is promised."""
    start, matrix, held, asked = positive(seed), positive(seed + 10), mask(places), []
    matrix = start + 0.3 * matrix
    gradient = np.random.default_rng(seed + 50).normal(size=5)

    def product(v):
        asked.append(v.copy())
        return matrix @ v

    before = curvature(start)
    step, certain, known = before.solved(gradient, held, product)
    assert certain
    assert len(asked) <= MOST_PRODUCTS
    assert not step[held].any()

    def size(rest):
        return -rest @ exact(start, rest, held)

    left = np.where(held, 0.0, gradient + matrix @ step)
    assert size(left) <= (1 + 1e-9) * LEFT**2 * size(np.where(held, 0.0, gradient))
    last = asked[-1]
    np.testing.assert_allclose(whole(known) @ (matrix @ last), last, rtol=1e-8, atol=1e-10)


def test_as_many_products_as_parameters_find_the_step() -> None:
    """Conjugate gradients: what is left after one product of two parameters is nothing after the second."""
    matrix, gradient, held = np.array([[4.0, 1.0], [1.0, 0.1 + 1 / 4]]), np.array([1.0, -2.0]), np.zeros(2, bool)
    asked = []

    def product(v):
        asked.append(v.copy())
        return matrix @ v

    step, certain, _ = curvature(np.eye(2)).solved(gradient, held, product)
    assert certain
    assert len(asked) == 2
    np.testing.assert_allclose(step, np.linalg.solve(matrix, -gradient), rtol=1e-9)


def test_a_matrix_that_is_not_positive_has_no_step_that_is_certain() -> None:
    """The first direction goes down, and nothing is learnt."""
    before, gradient = curvature(positive(2)), np.random.default_rng(8).normal(size=5)
    step, certain, known = before.solved(gradient, mask((1,)), lambda v: -v)
    assert not certain
    assert known is before
    assert gradient @ step < 0
    np.testing.assert_allclose(step, exact(positive(2), gradient, mask((1,))), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_step_teaches_is_bfgs(seed) -> None:
    """(1 - s yᵀ/ρ) H (1 - y sᵀ/ρ) + s sᵀ/ρ with ρ = sᵀy, which takes y to s."""
    rng = np.random.default_rng(seed)
    before, s = curvature(positive(seed)), rng.normal(size=5)
    y = positive(seed + 20) @ s
    rho, one = s @ y, np.eye(5)
    wanted = (one - np.outer(s, y) / rho) @ whole(before) @ (one - np.outer(y, s) / rho) + np.outer(s, s) / rho
    found = before.taught(s, y)
    np.testing.assert_allclose(whole(found), wanted, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(whole(found) @ y, s, rtol=1e-9, atol=1e-12)
    assert np.linalg.eigvalsh(whole(found)).min() > 0
    np.testing.assert_array_equal(found.matrix, before.matrix)


def test_a_step_along_which_the_slope_falls_teaches_nothing() -> None:
    before, s = curvature(positive(3)), np.ones(5)
    assert before.taught(s, -s) is before
    assert before.taught(s, np.zeros(5)) is before
