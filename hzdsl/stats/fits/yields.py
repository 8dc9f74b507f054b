"""What is expected after a fit, and how uncertain that is: √(J C Jᵀ), J by differences along the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
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


@dataclass(frozen=True, eq=False)
class Yield:
    """Contents of bins with their uncertainties, and the sum over the bins with its own."""

    values: Vector
    errors: Vector
    sum: float
    sum_error: float


@dataclass(frozen=True, eq=False)
class Yields(Record):
    """What is expected per channel and process, ``total`` being the sum of all processes.

    `simulated` is in how many bins of a channel limited simulation has a parameter that is profiled by itself: what it
    adds, and its uncertainty, is in the total alone.
    """

    title: str
    channels: Mapping[str, Mapping[str, Yield]]
    simulated: Mapping[str, int] = field(default_factory=dict)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the sums over bins: a table per channel."""
        return tuple(
            TextTable(
                f"{self.title}: {name}",
                ("process", "events", "±"),
                tuple(_row(p, y) for p, y in of.items()),
                note=_note(self.simulated.get(name, 0)),
            )
            for name, of in self.channels.items()
        )


def _note(bins: int) -> str:
    """Return what is said of limited simulation in so many bins."""
    if not bins:
        return ""
    return f"limited simulation (autoMCStats) is profiled in {bins} bin{'s' * (bins != 1)}, and is in the total alone"


def _row(process: str, y: Yield) -> tuple[str, ...]:
    return (process, *value_and_error(y.sum, y.sum_error))


def yields(
    likelihood: Likelihood, x: Vector, covariance: Matrix, title: str = "expected events", *, fitted: bool = False
) -> Yields:
    """Return what is expected at a point, with the uncertainties that follow from a covariance.

    Parameters of limited simulation that are profiled bin by bin belong to no process: the total has what they add, and
    their variance.

    Parameters
    ----------
    likelihood : Likelihood
        Of which `expected` is asked, twice per uncertain parameter.
    x : array of shape (n,)
        All parameters.
    covariance : array of shape (n, n)
        Of all parameters; rows of those that are fixed are zero.
    fitted : bool
        Whether `x` was fitted to the likelihood's own observation, and what is profiled bin by bin with it.
    """
    sigma = np.sqrt(np.diag(covariance))
    moving = np.flatnonzero(sigma > 0)
    simulated = likelihood.simulated(x, fitted)
    whole = contents(likelihood, x, fitted)
    slopes = [_slopes(likelihood, x, int(k), float(sigma[k]), fitted) for k in moving]
    rho = covariance[np.ix_(moving, moving)] / np.outer(sigma[moving], sigma[moving])
    channels = {
        channel: {p: _yield(v, [s[channel][p] for s in slopes], rho) for p, v in of.items()}
        for channel, of in whole.items()
    }
    for channel, more in simulated.items():
        channels[channel][TOTAL] = _wider(channels[channel][TOTAL], more.variance)
    bins = {c: int(np.sum(flags)) for c, flags in likelihood.profiled.items()}
    return Yields(title, channels, bins)


def prefit(likelihood: Likelihood) -> Yields:
    """Return what is expected before any fit: nominal values, and the uncertainties of constraints alone."""
    x = likelihood.parameters.values
    sigma = np.array([0.0 if p.fixed else constraint_error(p) or 0.0 for p in likelihood.parameters])
    return yields(likelihood, x, np.diag(sigma**2), "before the fit")


def postfit(likelihood: Likelihood, result: FitResult) -> Yields:
    """Return what is expected after a fit."""
    return yields(likelihood, result.values, result.known_covariance, "after the fit", fitted=True)


def constraint_error(p: Parameter) -> float | None:
    """Return the error of the measurement that constrains a parameter; None where nothing does.

    Examples
    --------
    >>> constraint_error(Parameter("a", constraint=Counted(25, scale=5.0))), constraint_error(Parameter("b"))
    (1.0, None)
    """
    if isinstance(p.constraint, Normal):
        return 0.5 * (p.constraint.sigma + p.constraint.below)
    if isinstance(p.constraint, Counted):
        return p.constraint.error
    return None


def contents(likelihood: Likelihood, x: Vector, fitted: bool) -> dict[str, dict[str, Vector]]:
    """Return what is expected per channel and process, and ``total``, in which is what is profiled bin by bin."""
    added = {c: s.added for c, s in likelihood.simulated(x).items()} if fitted else {}
    found = {}
    for c, of in likelihood.expected(x).items():
        each = {p: np.atleast_1d(np.asarray(v, float)) for p, v in of.items()}
        found[c] = {**each, TOTAL: np.sum([*each.values()], axis=0) + added.get(c, 0.0)}
    return found


def _slopes(likelihood: Likelihood, x: Vector, k: int, sigma: float, fitted: bool) -> dict[str, dict[str, Vector]]:
    """Return by how much everything changes with one error of a parameter; one-sided at its bounds."""
    p = likelihood.parameters[k]
    ends = np.clip([x[k] - STEP * sigma, x[k] + STEP * sigma], min(p.low, x[k]), max(p.high, x[k]))
    found: list[Any] = []
    for end in ends:
        at = x.copy()
        at[k] = end
        found.append(contents(likelihood, at, fitted))
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


def _wider(y: Yield, variance: Vector) -> Yield:
    """Return a yield with a variance more in each bin, of bins that do not know of each other."""
    return Yield(
        y.values, np.hypot(y.errors, np.sqrt(variance)), y.sum, float(np.hypot(y.sum_error, np.sqrt(variance.sum())))
    )
