"""The minimum of an objective, by the way that suits it: what fits and profiles share."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.fits.choices import best_choice
from hzdsl.stats.fits.kinks import descend_kinked, off_the_edge
from hzdsl.stats.fits.large import trust_region
from hzdsl.stats.fits.migrad import judged, migrad
from hzdsl.stats.fits.minimum import Minimum
from hzdsl.stats.fits.newton import FEW, Curvature, Descent, descend, factorised, idle, pushed
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector

#: How a fit is done: `auto` is Newton steps judged by MIGRAD, MIGRAD where these fail, and `trust` of very many.
Method = Literal["auto", "migrad", "trust"]
#: From so many free parameters on second derivatives are not computed to find a minimum, but products with them.
LARGE = 2000
#: The expected distance to the minimum, in units of -ln L, that is small enough.
GOAL = 1e-6
#: What fits beside others, of profiles and toys, are taken to: of their minima values count.
FINE = 1e-9
#: Parameters nearer to a bound than this part of their step, and pushed to it, are at it.
TOUCHING = 1e-3
#: How often a minimum at an edge is left for what is below.
MOST_EDGES = 3


def minimum_of(
    objective: Objective,
    z: Vector,
    curvature: Curvature | None = None,
    *,
    method: Method = "auto",
    strategy: int = 1,
    goal: float = GOAL,
) -> Minimum:
    """Return the minimum found from a start, the best one of all choices where there are indices.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    z : array
        Where to start, within the bounds.
    curvature : Curvature, optional
        What Newton steps begin with.
    method : {"auto", "migrad", "trust"}
        See `Method`.
    strategy : int
        MIGRAD's, in the parameters' own coordinates: 0, 1, 2.
    goal : float
        The expected distance to the minimum, in units of -ln L, that must be reached.
    """
    if method not in ("auto", "migrad", "trust"):
        fix = did_you_mean(method, ["auto", "migrad", "trust"]) or "auto, migrad or trust"
        raise HzdslError("options", f"there is no method '{method}' of minimisation", fix=fix)
    one = partial(_minimum_of, method=method, strategy=strategy, goal=goal)
    return best_choice(objective, z, one) if objective.indices else one(objective, z, curvature)


def _minimum_of(
    objective: Objective, z: Vector, curvature: Curvature | None = None, *, method: Method, strategy: int, goal: float
) -> Minimum:
    if not len(objective):
        return Minimum(z, 0.0, objective.finite(z), "" if objective.finite(z) else "-ln L is not a number")
    if method == "trust" or (method == "auto" and len(objective) > LARGE):
        last = trust_region(objective, z, goal)
        return _finite(objective, Minimum(_touching(objective, last.z), last.edm, last.valid, last.said))
    near = partial(_near, objective, method=method, strategy=strategy, goal=goal)
    found = near(z, curvature)
    for _ in range(MOST_EDGES):
        beyond = off_the_edge(objective, found.z) if found.valid else None
        if beyond is None:
            break
        other = near(beyond, None)
        if not objective.value(other.z) < objective.value(found.z) - goal:
            break
        found = other
    return found


def _near(
    objective: Objective, z: Vector, curvature: Curvature | None, *, method: Method, strategy: int, goal: float
) -> Minimum:
    """Return the minimum found by Newton steps from a start, by MIGRAD where these fail."""
    if method == "auto":
        descent = descend(objective, z, goal, curvature)
        z = descent.z
        if descent.converged:
            held, matrix = pushed(objective, z, objective.gradient(z)), objective.hessian(z)
            verdict = judged(objective, z, matrix, held | idle(matrix, held), goal)
            if verdict.valid and abs(objective.value(verdict.z) - objective.value(z)) < FINE:
                return _finite(objective, Minimum(z, descent.edm, True))  # whose second derivatives are known
            if verdict.valid:
                return _finite(objective, Minimum(verdict.z, verdict.edm, True))
        kink = _kink(objective, descent, goal)
        if kink is not None:
            return kink
    found = migrad(objective, z, goal, strategy)
    return _finite(objective, _polished(objective, Minimum(found.z, found.edm, found.valid, found.said), goal))


def expected_information(likelihood: Likelihood, x: Vector) -> Matrix | None:
    """Return the second derivatives given Asimov data of the same parameters.

    They are positive definite, and those given data are not where these are far from what is expected. None where that
    is not worth its time: of few parameters, or very many.
    """
    if not FEW < len(x) <= LARGE:
        return None
    return likelihood.given(likelihood.asimov(x)).hessian(x)


def settled(objective: Objective, z: Vector, curvature: Curvature | None) -> Minimum:
    """Return the minimum near a start where one is expected: Newton steps, and MIGRAD only where these fail.

    Where there are indices it is the best one of all choices.
    """
    if objective.indices:
        return best_choice(objective, z, partial(_settled, curvature=None))
    return _settled(objective, z, curvature)


def _settled(objective: Objective, z: Vector, curvature: Curvature | None) -> Minimum:
    again = partial(_minimum_of, objective, strategy=1, goal=GOAL)
    if not len(objective):
        return again(z, method="auto")
    descent = descend(objective, z, GOAL, curvature, FINE)
    if descent.converged and off_the_edge(objective, descent.z) is not None:
        return again(descent.z, method="auto")
    if descent.converged:
        return _finite(objective, Minimum(descent.z, descent.edm, True))
    return _kink(objective, descent, GOAL) or again(descent.z, method="migrad")


def _kink(objective: Objective, descent: Descent, goal: float) -> Minimum | None:
    """Return the minimum where Newton steps came to a stand because the slope jumps there, if that is why."""
    if descent.converged or descent.curvature is None or descent.curvature.damped:
        return None
    matrix = objective.hessian(descent.z)
    if factorised(objective, matrix, pushed(objective, descent.z, objective.gradient(descent.z))) is None:
        return None
    z, edm = descend_kinked(objective, descent.z, matrix, goal)
    return _finite(objective, Minimum(z, edm, True, kink=True)) if edm < goal else None


def _polished(objective: Objective, found: Minimum, goal: float) -> Minimum:
    """Return MIGRAD's minimum made exact by Newton steps."""
    descent = descend(objective, _touching(objective, found.z), goal)
    if descent.converged and objective.value(descent.z) <= objective.value(found.z) + goal:
        return Minimum(descent.z, descent.edm, True)
    return found


def _touching(objective: Objective, z: Vector) -> Vector:
    """Return a point with parameters at their bounds that stop just before these, pushed to them.

    Minimisers that know bounds by a change of variables come near them and not to them.
    """
    gradient, near = objective.gradient(z), TOUCHING * objective.steps
    low = (z - objective.low < near) & (gradient > 0)
    high = (objective.high - z < near) & (gradient < 0)
    there = np.where(low, objective.low, np.where(high, objective.high, z))
    return there if objective.value(there) <= objective.value(z) else z


def _finite(objective: Objective, found: Minimum) -> Minimum:
    """Return a minimum, which is none where -ln L is not a number."""
    if objective.finite(found.z):
        return found
    return Minimum(found.z, found.edm, False, "-ln L is not a number where the fit ended")
