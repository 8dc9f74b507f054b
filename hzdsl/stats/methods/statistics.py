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
        ``fit`` where it does not converge; it is said where that is since events were seen where none are expected.
    """
    result = fit(likelihood, covariance=False, **how)  # type: ignore[arg-type]
    unexpected = "" if result.converged else seen_unexpectedly(likelihood, result.values)
    if unexpected:
        fix = "give these bins some background, or join them with others; a limit needs a background that can make them"
        raise HzdslError("fit", f"the fit {what} is impossible: {unexpected}", fix=fix)
    return converged(result, what).values


def seen_unexpectedly(likelihood: Likelihood, x: Vector) -> str:
    """Return in words where events were seen and none are expected, nothing where there are none: -ln L is infinite."""
    shown, expected = likelihood.shown(x), contents(likelihood, x, fitted=False)
    for channel in shown:
        seen, total = likelihood.observation.channels[channel], expected.get(channel, {}).get(TOTAL)
        if isinstance(seen, Rows) or total is None:
            continue
        bins = np.flatnonzero((seen > 0) & (total <= 0))
        if len(bins):
            events, more = float(seen[bins[0]]), len(bins) - 1
            also = f" (and in {more} other{'s' * (more > 1)} of its bins)" if more else ""
            return f"{events:g} events in bin {bins[0]} of channel '{channel}' are seen and none are expected{also}"
    return ""


def without_signal(likelihood: Likelihood, poi: str, what: str, start: Vector | None = None) -> Vector:
    """Return the parameters of a fit in which there is no signal.

    From a start, and from where parameters start: what is deeper. The best fit may lead into a valley of its own, or to
    where -ln L is infinite (a background that is 0 there explains no data).

    Raises
    ------
    HzdslError
        ``fit`` where it does not converge.
    """
    if start is None:
        return needed(likelihood, what, fixed={poi: 0.0})
    found = [fit(likelihood, covariance=False, fixed={poi: 0.0}, start=x) for x in (start, None)]
    valid = [r for r in found if r.converged]
    return min(valid, key=lambda r: r.minimum).values if valid else needed(likelihood, what, fixed={poi: 0.0})


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
