"""The covariance of a fit of weighted rows.

The inverse of the second derivatives is right where every row counts once. With weights the estimate is still good, and
its covariance is H⁻¹ J H⁻¹, J being that of the slopes of -ln L (the sandwich of P. Huber, 5th Berkeley Symposium
(1967) 221; for weighted fits C. Langenbruch, Eur. Phys. J. C 82 (2022) 393).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector


class Weighted(Likelihood, Protocol):
    """A likelihood that knows how much its slopes vary."""

    def score_covariance(self, x: Vector) -> Matrix:
        """Return the covariance of the slopes of -ln L over repetitions of the measurement, shape (n, n)."""


def of_weighted(likelihood: Weighted, result: FitResult) -> FitResult:
    """Return a fit with the covariance that it has where rows are weighted; intervals of the profile are left out.

    Parameters
    ----------
    likelihood : Weighted
        What was fitted.
    result : FitResult
        Its fit, with a covariance.

    Raises
    ------
    HzdslError
        ``fit`` where the fit has no covariance.

    Examples
    --------
    A yield is the sum of weights, its error the root of the sum of their squares:

    >>> import hzdsl as hz
    >>> n = hz.parameter("n", 5.0, bounds=(0, None))
    >>> density = hz.pdf.extended(rows=(n, hz.pdf.uniform(hz.observable("x", 0, 1))))
    >>> model = hz.stats.UnbinnedModel((hz.stats.UnbinnedChannel("only", density),))
    >>> rows = hz.stats.Rows({"x": np.array([0.2, 0.7])}, weights=np.array([3.0, 4.0]))
    >>> likelihood = hz.stats.UnbinnedLikelihood(model, {"only": rows})
    >>> result = hz.stats.of_weighted(likelihood, hz.stats.fit(likelihood))
    >>> round(result.value("n"), 3), round(result.error("n"), 3)
    (7.0, 5.0)
    """
    plain = result.known_covariance
    covariance = plain @ likelihood.score_covariance(result.values) @ plain
    covariance = 0.5 * (covariance + covariance.T)
    errors = np.where(np.isnan(result.errors), np.nan, np.sqrt(np.diag(covariance)))
    return replace(result, covariance=covariance, errors=errors, minos={})


def shrinkage(plain: FitResult, weighted: FitResult, name: str) -> float:
    """Return by what part a rise of the profile of -ln L counts: the ratio of both variances of its parameter.

    The profile of weighted rows is too steep by that (J. Kent, Biometrika 69 (1982) 19; R. Royall and T.-S. Tsou,
    J. R. Stat. Soc. B 65 (2003) 391).
    """
    return (plain.error(name) / weighted.error(name)) ** 2
