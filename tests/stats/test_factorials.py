"""ln n! without its large terms, and what it is for: -ln L that resolves what large counts tell."""

from math import lgamma, log

import numpy as np
import pytest

from hzdsl.stats.factorials import stirlings_rest
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel


@pytest.mark.parametrize("n", [0.5, 1.0, 3.7, 42.0, 99.9, 100.1, 1e3, 54321.0])
def test_is_the_rest_of_the_factorial(n: float) -> None:
    large = n * log(n) - n
    assert stirlings_rest(np.array([n]))[0] == pytest.approx(lgamma(n + 1) - large, abs=1e-14 * max(1.0, large))


def test_is_smooth_where_the_series_begins() -> None:
    below, above = stirlings_rest(np.array([100.0, np.nextafter(100.0, 200.0)]))
    assert above == pytest.approx(below, rel=1e-13)


@pytest.mark.parametrize("size", [1e3, 1e7, 1e10, 1e12])
def test_fits_of_large_counts(size: float) -> None:
    """Bins of 1e12 are fitted as bins of 1000 are: no term of -ln L is large where the model describes the data."""
    shape, flat = np.array([1.0, 5.0, 2.0]), np.array([4.0, 4.0, 4.0])
    counts = np.round(size * (0.7 * shape + 1.1 * flat))
    processes = (
        Process("signal", size * shape, factors=(Factor("mu"),)),
        Process("background", size * flat, factors=(Factor("k"),)),
    )
    parameters = Parameters([Parameter("mu", 1.0, 0.0, 10.0, interest=True), Parameter("k", 1.0, 0.0, 10.0)])
    result = fit(TemplateLikelihood(TemplateModel((Channel("c", processes, counts),), parameters)))
    assert result.converged, result.status
    assert result.value("mu") == pytest.approx(0.7, abs=max(1e-9, 0.01 * result.error("mu")))
    jacobian = size * np.stack([shape, flat])
    information = (jacobian / counts) @ jacobian.T
    assert result.error("mu") == pytest.approx(np.sqrt(np.linalg.inv(information)[0, 0]), rel=1e-6)


@pytest.mark.parametrize(
    ("count", "mean"), [(1e3, 1e-9), (1e5, 1e-9), (1e8, 1e-9), (50.0, 1e-3), (3.0, 4.0), (3.0, 1e9)]
)
def test_far_from_the_data(count: float, mean: float) -> None:
    """Where the mean is tiny, as at the floor of a bin, or huge: -ln L and its slopes keep their digits."""
    parameters = Parameters([Parameter("mu", mean, 0.0, 1e12)])
    process = Process("signal", np.array([1.0]), factors=(Factor("mu"),))
    likelihood = TemplateLikelihood(TemplateModel((Channel("c", (process,), np.array([count])),), parameters))
    x = np.array([mean])
    value, slopes = likelihood.value_and_gradient(x)
    assert value == pytest.approx(mean - count * log(mean) + lgamma(count + 1), rel=1e-12)
    assert slopes[0] == pytest.approx(1 - count / mean, rel=1e-12)
    assert likelihood.hessian(x)[0, 0] == pytest.approx(count / mean**2, rel=1e-12)
