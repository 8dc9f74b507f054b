"""Densities are those of numba-stats and scipy.stats, point by point, normalised on a range by their own integrals."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

import hzdsl as hz
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator

LOW, HIGH = 100.0, 160.0
X = hz.observable("x", LOW, HIGH)
PLACES = np.linspace(LOW, HIGH, 121)


def value(density: Density) -> Any:
    return RowEvaluator([density.normalized()])({"x": PLACES})[0]


@pytest.fixture(scope="module")
def peers() -> Iterator[Callable[[str], Any]]:
    """Its modules, as Python: compiling each of its functions would take seconds, and change none of their numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_DISABLE_JIT", "1")
        yield lambda name: importlib.import_module(f"numba_stats.{name}")


NUMBA: dict[str, tuple[Callable[[], Density], str, tuple[float, ...]]] = {
    "normal": (lambda: hz.pdf.gaussian(X, 125, 2), "norm", (125, 2)),
    "Crystal Ball": (lambda: hz.pdf.crystal_ball(X, 125, 2, 1.5, 3), "crystalball", (1.5, 3, 125, 2)),
    "two tails": (
        lambda: hz.pdf.double_crystal_ball(X, 125, 2, sigma_high=3, alpha_low=1.5, n_low=3, alpha_high=2, n_high=5),
        "crystalball_ex",
        (1.5, 3, 2, 2, 5, 3, 125),
    ),
    "exponential": (lambda: hz.pdf.exponential(X, -0.05), "expon", (LOW, 20)),
    "lognormal": (lambda: hz.pdf.lognormal(X, 125, 0.1), "lognorm", (0.1, 0, 125)),
}


@pytest.mark.parametrize("name", NUMBA)
def test_of_numba_stats(name: str, peers: Callable[[str], Any]) -> None:
    build, module, arguments = NUMBA[name]
    peer = peers(module)
    shape = peer.pdf(PLACES, *map(float, arguments))
    if hasattr(peer, "cdf"):
        low, high = peer.cdf(np.array([LOW, HIGH]), *map(float, arguments))
        np.testing.assert_allclose(value(build()), shape / (high - low), rtol=1e-10)
    else:  # one shape to a factor
        ratio = value(build()) / shape
        np.testing.assert_allclose(ratio, ratio[60], rtol=1e-10)


SCIPY: dict[str, tuple[Callable[[], Density], Any]] = {
    "normal": (lambda: hz.pdf.gaussian(X, 125, 2), stats.norm(125, 2)),
    "truncated normal": (lambda: hz.pdf.gaussian(X, 95, 2), stats.truncnorm(2.5, 32.5, 95, 2)),
    "Crystal Ball": (lambda: hz.pdf.crystal_ball(X, 125, 2, 1.5, 3), stats.crystalball(1.5, 3, 125, 2)),
    "exponential": (lambda: hz.pdf.exponential(X, -0.05), stats.expon(LOW, 20)),
    "uniform": (lambda: hz.pdf.uniform(X), stats.uniform(LOW, HIGH - LOW)),
    "Cauchy": (lambda: hz.pdf.breit_wigner(X, 125, 4), stats.cauchy(125, 2)),
    "lognormal": (lambda: hz.pdf.lognormal(X, 125, 0.1), stats.lognorm(0.1, 0, 125)),
    "power law": (lambda: hz.pdf.power_law(X, -3.5), stats.pareto(2.5, scale=LOW)),
    "argus": (lambda: hz.pdf.argus(X, 170, -8), stats.argus(4.0, scale=170)),
    "histogram": (
        lambda: hz.pdf.step(X, [100, 110, 140, 160], [3, 7, 2]),
        stats.rv_histogram((np.array([3.0, 7, 2]), np.array([100.0, 110, 140, 160])), density=False),
    ),
}


@pytest.mark.parametrize("name", SCIPY)
def test_of_scipy(name: str) -> None:
    build, peer = SCIPY[name]
    places = slice(None, -1) if name == "histogram" else slice(None)  # its last edge belongs to no bin there
    expected = peer.pdf(PLACES) / (peer.cdf(HIGH) - peer.cdf(LOW))
    np.testing.assert_allclose(value(build())[places], expected[places], rtol=1e-9)
