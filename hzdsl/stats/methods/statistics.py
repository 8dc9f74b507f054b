"""Test statistics of one parameter: q0, qμ and its bounded form, as differences of -ln L between two fits.

G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, eqs. 12, 14, 16.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.fits.crossing import DEEPER
from hzdsl.stats.fits.fit import Bounds, fit
from hzdsl.stats.fits.minimise import minimum_of, settled
from hzdsl.stats.fits.newton import informed
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import TOTAL, contents
from hzdsl.stats.likelihood import Likelihood, Matrix, Rows
from hzdsl.stats.methods.toys import Origin, ToyFailed
from hzdsl.stats.parameters import Vector


@dataclass(frozen=True, eq=False)
class Fitted:
    """A minimum without its covariance: all parameters and -ln L."""

    x: Vector
    value: float


def quick(
    likelihood: Likelihood,
    start: Vector,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | None = None,
    information: Matrix | None = None,
) -> Fitted:
    """Return the minimum near a start, without covariance; from `information` as `fit` has it.

    Raises
    ------
    ToyFailed
        Where the fit does not converge.
    """
    objective = Objective(likelihood, start, fixed, bounds)
    found = settled(objective, objective.start, informed(objective, information))
    if not found.valid:
        found = minimum_of(
            objective, np.clip(likelihood.parameters.values[objective.free], objective.low, objective.high)
        )
    if not found.valid:
        raise ToyFailed("a fit did not converge")
    return Fitted(objective.whole(found.z), objective.value(found.z))


def physical(likelihood: Likelihood, poi: str) -> dict[str, tuple[float, float]]:
    """Return the bounds of a parameter that is not negative, as tests of signals have it."""
    p = likelihood.parameters[poi]
    return {poi: (max(0.0, p.low), p.high)}


def compared(
    likelihood: Likelihood, origin: Origin, wanted: Mapping[str, float], bounds: Bounds | None
) -> tuple[Vector, float]:
    """Return the best fit, and by how much 2 NLL is higher where parameters have the values that are wanted.

    Where the conditional fit is the deeper one, the best fit is found again from there.
    """
    best = quick(likelihood, origin.x, bounds=bounds, information=origin.information)
    there = quick(likelihood, best.x, wanted, information=origin.information)
    if there.value < best.value - DEEPER:
        best = quick(likelihood, there.x, bounds=bounds)
    return best.x, max(0.0, 2 * (there.value - best.value))


def q_zero(likelihood: Likelihood, origin: Origin, poi: str) -> float:
    """Return q0 of a likelihood: 2[NLL(0) - NLL(best)], 0 where the best fit is not positive."""
    best, rise = compared(likelihood, origin, {poi: 0.0}, physical(likelihood, poi))
    return rise if best[likelihood.parameters.index(poi)] > 0 else 0.0


def q_mu(likelihood: Likelihood, origin: Origin, poi: str, mu: float) -> float:
    """Return the LHC's test statistic for limits: 2[NLL(μ) - NLL(best)] with best ≥ 0, 0 where best > μ."""
    best, rise = compared(likelihood, origin, {poi: mu}, physical(likelihood, poi))
    return 0.0 if best[likelihood.parameters.index(poi)] > mu else rise


def needed(likelihood: Likelihood, what: str, **how: object) -> Vector:
    """Return the parameters of a fit that a method cannot do without.

    Raises
    ------
    HzdslError
        ``fit`` where it does not converge.
    """
    return converged(fit(likelihood, covariance=False, **how), what).values  # type: ignore[arg-type]


def without_signal(likelihood: Likelihood, poi: str, what: str, start: Vector | None = None) -> Vector:
    """Return the parameters of a fit in which there is no signal; from where parameters start, if another start fails.

    Raises
    ------
    HzdslError
        ``model`` where nothing else is expected where there are data; ``fit`` where it does not converge.
    """
    starts = [None] if start is None else [start, None]  # a background that is 0 at the best fit explains nothing
    for x in starts:
        result = fit(likelihood, covariance=False, fixed={poi: 0.0}, start=x)
        if result.converged:
            break
    alone = None if result.converged else unexplained(likelihood, poi)
    if alone is not None:
        fix = "give the model a background there (a process that is no signal, with a rate above 0)"
        raise HzdslError("model", f"without {poi} nothing is expected in {alone}: it cannot be tested", fix=fix)
    return converged(result, what).values


def unexplained(likelihood: Likelihood, poi: str) -> str | None:
    """Return where there are data, and nothing is expected unless there is a signal; None where that is nowhere."""
    x = likelihood.parameters.values
    x[likelihood.parameters.index(poi)] = 0.0
    expected = contents(likelihood, x, fitted=False)
    for channel in likelihood.shown(x):
        seen = likelihood.observation.channels[channel]
        total = expected[channel][TOTAL] if channel in expected else np.ones(1)
        if isinstance(seen, Rows):
            number = len(next(iter(seen.columns.values())))
            if number and not total.sum() > 0:
                return f"channel '{channel}', where there are {number} rows"
        elif (empty := np.flatnonzero((seen > 0) & ~(total > 0))).size:
            return f"bin {empty[0] + 1} of channel '{channel}', where {seen[empty[0]]:g} are observed"
    return None


def converged(result: FitResult, what: str) -> FitResult:
    """Return a fit that a method cannot do without.

    Raises
    ------
    HzdslError
        ``fit`` where it did not converge.
    """
    if not result.converged:
        raise HzdslError(
            "fit", f"the fit {what} failed: {result.status}", fix="see hzdsl fit, with other starting values"
        )
    return result
