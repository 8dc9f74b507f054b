"""What the fit of one toy says of the truth: a value, its error on the side of the truth, whether that is inside.

Pulls are (value - truth)/error with such errors: those of asymmetric intervals are nearly normal then.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.toys import Origin, ToyFailed
from hzdsl.stats.parameters import Vector


@dataclass(frozen=True)
class Estimate:
    """The value of one parameter, its error on the side of the truth, and whether its interval contains the truth."""

    value: float
    error: float
    inside: bool

    def pull(self, truth: float) -> float:
        """Return how many errors it is above the truth."""
        return (self.value - truth) / self.error


def estimates(
    likelihood: Likelihood, origin: Origin, truth: Mapping[str, float], *, minos: bool = True, at_bounds: bool = True
) -> dict[str, Estimate]:
    """Fit a toy, and return what is found of each parameter.

    Parameters
    ----------
    likelihood : Likelihood
        Given the toy.
    origin : Origin
        Where it comes from, and its fit starts.
    truth : mapping of str to float
        The parameters that are looked at.
    minos : bool
        Whether intervals are those of the profile, else symmetric from the covariance.
    at_bounds : bool
        Whether an interval may end at a bound on the side of the truth.

    Raises
    ------
    ToyFailed
        Where the fit does not converge, or an interval has no end, or one that does not count.
    """
    result = fit(
        likelihood, start=origin.x, information=origin.information, covariance=not minos,
        minos=tuple(truth) if minos else (),
    )  # fmt: skip
    if not result.converged:
        raise ToyFailed("the fit did not converge")
    return {name: _estimate(_interval(result, name, minos), true, at_bounds) for name, true in truth.items()}


def _interval(result: FitResult, name: str, minos: bool) -> Interval:
    if minos:
        return result.minos[name]
    value, error = result.value(name), result.error(name)
    return Interval(name, value, value - error, value + error)


def _estimate(found: Interval, truth: float, at_bounds: bool) -> Estimate:
    above = truth > found.value
    state, error = (found.high_state, found.plus) if above else (found.low_state, found.minus)
    if not (found.answered if at_bounds else state == "crossed"):
        raise ToyFailed(f"the interval of {found.name} {found.words()}")
    if not np.isfinite(error) or error <= 0:
        raise ToyFailed(f"{found.name} has no error on the side of the truth")
    return Estimate(found.value, error, found.low <= truth <= found.high)


def moments(pulls: Vector) -> tuple[float, float]:
    """Return mean and standard deviation of pulls, which of a single one is 0.

    Examples
    --------
    >>> moments(np.array([1.0, -1.0, 0.0])), moments(np.array([2.0]))
    ((0.0, 1.0), (2.0, 0.0))
    """
    return float(pulls.mean()), float(pulls.std(ddof=1)) if len(pulls) > 1 else 0.0
