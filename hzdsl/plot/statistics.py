"""Error bars and comparisons: Garwood intervals, pulls, ratios."""

from __future__ import annotations

import math

import numpy as np

from hzdsl.results.result import Floats

EXACT_BELOW = 1000.0  # from here on the approximation of Wilson and Hilferty is good to 1e-4 of the error bar
NEWTON_STEPS = 8


def poisson_errors(values: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Return the lengths of the error bars (down, up) of data.

    Counts (whole numbers whose variance is themselves) get the central interval of 68.27 % of Garwood
    (Biometrika 28 (1936) 437), anything else the square root of the variance.

    Examples
    --------
    >>> down, up = poisson_errors(np.array([0.0, 4.0]), np.array([0.0, 4.0]))
    >>> down.round(3).tolist(), up.round(3).tolist()
    ([0.0, 1.914], [1.841, 3.163])
    """
    if are_counts(values, variances):
        low, high = garwood(values)
        return values - low, high - values
    error = np.sqrt(np.maximum(variances, 0.0))
    return error, error


def are_counts(values: Floats, variances: Floats) -> bool:
    """Return True for numbers of events of weight 1."""
    return bool(np.array_equal(values, variances) and np.all(values >= 0) and np.all(values == np.round(values)))


def garwood(counts: Floats) -> tuple[Floats, Floats]:
    """Return the lower and upper limits on the mean of Poisson counts, 15.87 % beyond each (0 for none seen)."""
    different, place = np.unique(counts, return_inverse=True)
    low = np.array([_mean_of(n - 1, n, -1.0) if n else 0.0 for n in different.tolist()])
    high = np.array([_mean_of(n, n + 1, +1.0) for n in different.tolist()])
    return low[place], high[place]


def _mean_of(n: float, shape: float, sigmas: float) -> float:
    """Return the mean for which a Poisson count is at most n with the probability of the normal tail beyond."""
    mean = shape * (1 - 1 / (9 * shape) + sigmas / (3 * math.sqrt(shape))) ** 3  # Wilson and Hilferty (1931)
    if shape > EXACT_BELOW:
        return mean
    tail = math.erfc(sigmas / math.sqrt(2)) / 2
    k = np.arange(int(n) + 1)
    log_factorial = np.array([math.lgamma(i + 1) for i in k.tolist()])
    for _ in range(NEWTON_STEPS):
        terms = np.exp(k * math.log(mean) - mean - log_factorial)
        mean += (float(terms.sum()) - tail) / float(terms[-1])
    return mean


def pulls(data: Floats, prediction: Floats, variance: Floats) -> Floats:
    """Return (data - prediction) / sqrt(prediction + variance of the simulation), NaN where that is 0/0.

    Examples
    --------
    >>> pulls(np.array([6.0, 0.0]), np.array([3.0, 0.0]), np.array([1.0, 0.0])).tolist()
    [1.5, nan]
    """
    spread = np.sqrt(np.maximum(prediction, 0.0) + variance)
    result: Floats = np.divide(data - prediction, spread, out=np.full(len(data), np.nan), where=spread > 0)
    return result


def over(numerator: Floats, prediction: Floats) -> Floats:
    """Return numerator / prediction, NaN where there is no positive prediction."""
    result: Floats = np.divide(numerator, prediction, out=np.full(len(prediction), np.nan), where=prediction > 0)
    return result
