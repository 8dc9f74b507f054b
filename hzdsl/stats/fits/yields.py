"""What is expected after a fit, and how uncertain that is: √(J C Jᵀ), J by differences along the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Counted, Normal, Parameter, Vector
from hzdsl.stats.record import Record

#: Steps of the differences, in errors of the parameters: expectations are smooth, and known to 1e-15.
STEP = 1e-3
TOTAL = "total"
Expected = Mapping[str, Mapping[str, Vector]]


@dataclass(frozen=True, eq=False)
class Yield:
    """Contents of bins with their uncertainties, and the sum over the bins with its own."""

    values: Vector
    errors: Vector
    sum: float
    sum_error: float


@dataclass(frozen=True, eq=False)
class Yields(Record):
    """What is expected per channel and process, ``total`` being the sum of all processes."""

    title: str
    channels: Mapping[str, Mapping[str, Yield]]

    def tables(self) -> tuple[TextTable, ...]:
        """Return the sums over bins: a table per channel."""
        return tuple(
            TextTable(f"{self.title}: {name}", ("process", "events", "±"), tuple(_row(p, y) for p, y in of.items()))
            for name, of in self.channels.items()
        )


def _row(process: str, y: Yield) -> tuple[str, ...]:
    return (process, *value_and_error(y.sum, y.sum_error))


def yields(likelihood: Likelihood, x: Vector, covariance: Matrix, title: str = "expected events") -> Yields:
    """Return what is expected at a point, with the uncertainties that follow from a covariance.

    Parameters
    ----------
    likelihood : Likelihood
        Of which `expected` is asked, twice per uncertain parameter.
    x : array of shape (n,)
        All parameters.
    covariance : array of shape (n, n)
        Of all parameters; rows of those that are fixed are zero.
    """
    sigma = np.sqrt(np.diag(covariance))
    moving = np.flatnonzero(sigma > 0)
    whole = _with_totals(likelihood.expected(x))
    slopes = [_slopes(likelihood, x, int(k), float(sigma[k])) for k in moving]
    rho = covariance[np.ix_(moving, moving)] / np.outer(sigma[moving], sigma[moving])
    channels = {
        channel: {p: _yield(v, [s[channel][p] for s in slopes], rho) for p, v in of.items()}
        for channel, of in whole.items()
    }
    return Yields(title, channels)


def prefit(likelihood: Likelihood) -> Yields:
    """Return what is expected before any fit: nominal values, and the uncertainties of constraints alone."""
    x = likelihood.parameters.values
    sigma = np.array([0.0 if p.fixed else constraint_error(p) or 0.0 for p in likelihood.parameters])
    return yields(likelihood, x, np.diag(sigma**2), "before the fit")


def postfit(likelihood: Likelihood, result: FitResult) -> Yields:
    """Return what is expected after a fit."""
    assert result.covariance is not None, "the covariance was not asked for"
    return yields(likelihood, result.values, result.covariance, "after the fit")


def constraint_error(p: Parameter) -> float | None:
    """Return the error of the measurement that constrains a parameter; None where nothing does.

    Examples
    --------
    >>> constraint_error(Parameter("a", constraint=Counted(25, scale=5.0))), constraint_error(Parameter("b"))
    (1.0, None)
    """
    if isinstance(p.constraint, Normal):
        low = p.constraint.sigma_low
        return p.constraint.sigma if low is None else 0.5 * (p.constraint.sigma + low)
    if isinstance(p.constraint, Counted):
        return float(np.sqrt(max(p.constraint.count, 1.0)) / p.constraint.scale)
    return None


def _with_totals(expected: Expected) -> dict[str, dict[str, Vector]]:
    found = {c: {p: np.atleast_1d(np.asarray(v, float)) for p, v in of.items()} for c, of in expected.items()}
    return {c: {**of, TOTAL: np.sum([*of.values()], axis=0)} for c, of in found.items()}


def _slopes(likelihood: Likelihood, x: Vector, k: int, sigma: float) -> dict[str, dict[str, Vector]]:
    """Return by how much everything changes with one error of a parameter; one-sided at its bounds."""
    p = likelihood.parameters[k]
    ends = np.clip([x[k] - STEP * sigma, x[k] + STEP * sigma], min(p.low, x[k]), max(p.high, x[k]))
    found: list[Any] = []
    for end in ends:
        at = x.copy()
        at[k] = end
        found.append(_with_totals(likelihood.expected(at)))
    width = (ends[1] - ends[0]) / sigma
    low, high = found
    return {c: {q: (high[c][q] - v) / width for q, v in of.items()} for c, of in low.items()}


def _yield(values: Vector, slopes: list[Vector], rho: Matrix) -> Yield:
    if not slopes:
        return Yield(values, np.zeros_like(values), float(values.sum()), 0.0)
    columns = np.array(slopes)
    variances = np.einsum("kb,kl,lb->b", columns, rho, columns, optimize=True)
    sums = columns.sum(axis=1)
    errors = np.sqrt(np.maximum(variances, 0.0))
    return Yield(values, errors, float(values.sum()), float(np.sqrt(max(sums @ rho @ sums, 0.0))))
