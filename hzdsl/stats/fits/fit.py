"""The fit of a likelihood: `fit` finds the minimum and the covariance there, `minos` the intervals of the profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.blas import threads_for
from hzdsl.stats.fits.covariance import Inverse, inverted
from hzdsl.stats.fits.crossing import Interval, interval
from hzdsl.stats.fits.minimise import GOAL, Method, minimum_of
from hzdsl.stats.fits.minimum import Minimum
from hzdsl.stats.fits.newton import idle, informed, pushed
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.fits.profile import Profile
from hzdsl.stats.fits.result import Calls, FitResult
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector
from hzdsl.stats.parts import JointLikelihood

Bounds = Mapping[str, tuple[float, float]]
#: Errors so many times the step that was expected are looked at: whether -ln L rises by ½ there.
SUSPICIOUS = 50.0
#: A rise that is less than this, instead of ½, is none.
NO_RISE = 0.02
#: Errors so many times those while all other parameters stay are of parameters that others can stand for.
DEGENERATE = 300.0
#: What does not change -ln L by more from bound to bound does not change it.
NO_EFFECT = 1e-6
#: Distances to the minimum between the goal and this are mended by the covariance, if there is one.
NEARLY = 1.0
MOST_DEEPER = 3


@dataclass(frozen=True, eq=False)
class Held:
    """What is fitted, wherever it starts: a likelihood of which some parameters stay, or have other bounds."""

    likelihood: Likelihood
    fixed: Mapping[str, float] | None
    bounds: Bounds | None

    def objective(self, start: Vector | None) -> Objective:
        """Return what is minimised."""
        return Objective(self.likelihood, start, self.fixed, self.bounds)


@dataclass(frozen=True)
class Way:
    """How it is fitted: see `fit`."""

    method: Method = "auto"
    strategy: int = 1
    goal: float = GOAL
    covariance: bool = True
    retries: int = 2
    seed: int = 1


def fit(
    likelihood: Likelihood,
    *,
    start: Vector | None = None,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | None = None,
    information: Matrix | None = None,
    method: Method = "auto",
    strategy: int = 1,
    goal: float = GOAL,
    covariance: bool = True,
    minos: Iterable[str] = (),
    retries: int = 2,
    seed: int = 1,
) -> FitResult:
    """Find the minimum of -ln L, and the covariance from the exact second derivatives there.

    Parameters
    ----------
    likelihood : Likelihood
        What is fitted.
    start : array of shape (n,), optional
        Where to start, all parameters; else their own values.
    fixed : mapping of str to float, optional
        Parameters that stay at a value, besides those that are fixed.
    bounds : mapping of str to (low, high), optional
        Other bounds than the parameters' own.
    information : array of shape (n, n), optional
        About the second derivatives at the minimum, by all parameters: what Newton steps begin with
        (`expected_information`, for toys).
    method : {"auto", "migrad", "trust"}
        `auto`: Newton steps judged by MIGRAD, MIGRAD alone where these fail, scipy's trust region of more than 2000
        parameters.
    strategy : int
        MIGRAD's: 0, 1 or 2.
    goal : float
        The expected distance to the minimum, in units of -ln L, that must be reached.
    covariance : bool
        Whether it is wanted.
    minos : iterable of str
        Parameters of which intervals from the profile are wanted.
    retries : int
        How often another start is tried where the fit does not converge; it is said if that happened.
    seed : int
        Of these starts.

    Returns
    -------
    FitResult
        Its `status` says in words what is wrong: a fit that fails is no error.

    Raises
    ------
    HzdslError
        ``name-unknown`` or ``parameter`` where `fixed`, `bounds` or `start` do not fit the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.likelihood import TemplateLikelihood
    >>> from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
    >>> signal = Process("signal", np.array([5.0]), factors=(Factor("r"),))
    >>> channel = Channel("only", (signal, Process("background", np.array([8.0]))), counts=np.array([20.0]))
    >>> r = Parameter("r", 1.0, 0.0, 20.0, interest=True)
    >>> likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([r])))
    >>> print(fit(likelihood, minos=("r",)).text(), end="")
    fit
     parameter    value   ±                     MINOS
    ──────────────────────────────────────────────────
     r           2.4000   ± 0.8944   -0.829 / +0.9623
     valid; -ln L = 2.420971, edm ...
    """
    way = Way(method, strategy, goal, covariance, retries, seed)
    held = Held(likelihood, fixed, bounds)
    objective = held.objective(start)
    with threads_for(len(objective)):
        result = _fitted(objective, way, information)
        if not (minos and result.converged):
            return result
        return _with_intervals(held, result, minos, 0.5, way)


def _fitted(objective: Objective, way: Way, information: Matrix | None = None) -> FitResult:
    found, said = _found(objective, way, information)
    if objective.indices:
        x = objective.whole(found.z)
        objective = objective.counting(x)
        found = replace(found, z=x[objective.free])
    return _result(objective, found, said, way.goal, way.covariance)


def _found(objective: Objective, way: Way, information: Matrix | None) -> tuple[Minimum, tuple[str, ...]]:
    """Return the minimum from the first start from which there is one, and what is to be said of that."""
    minimum = partial(minimum_of, objective, method=way.method, strategy=way.strategy, goal=way.goal)
    z = objective.start
    if not objective.finite(z):
        return Minimum(z, np.inf, False), ("-ln L is not a number where the fit starts",)
    found = minimum(z, informed(objective, information))
    if found.valid:
        return found, (found.said,) if found.said else ()
    rng, first = np.random.default_rng(way.seed), found.said
    for k in range(1, way.retries + 1):
        other = np.clip(z + objective.steps * rng.normal(size=len(z)), objective.low, objective.high)
        if not objective.finite(other):
            continue
        again = minimum(other)
        if again.valid:
            return again, (f"converged from another start only (retry {k})",)
        if objective.value(again.z) < objective.value(found.z):
            found = again
    return found, (found.said or first,)


def _result(objective: Objective, found: Minimum, said: tuple[str, ...], goal: float, wanted: bool) -> FitResult:
    end = _end(objective, found, goal, wanted)
    n = len(objective.base)
    errors, covariance = np.zeros(n), None
    if end.inverse is not None:
        covariance = end.inverse.matrix
        sigma = np.sqrt(np.diag(covariance))
        errors[objective.free] = np.where(end.held | (end.flat & (sigma == 0)), np.nan, sigma)
        if len(objective) < n:
            covariance = np.zeros((n, n))
            covariance[np.ix_(objective.free, objective.free)] = end.inverse.matrix
    free = np.zeros(n, bool)
    free[objective.free] = True
    late = found.valid and not end.near
    return FitResult(
        parameters=objective.likelihood.parameters,
        values=objective.whole(end.z),
        errors=errors,
        covariance=covariance,
        minimum=objective.value(end.z) if objective.finite(end.z) else float("nan"),
        edm=end.edm,
        calls=Calls(objective.calls, objective.hessians, objective.products),
        converged=found.valid and end.near,
        free=free,
        centers=objective.likelihood.observation.centers,
        at_bounds=_named(objective, end.held),
        forced=None if end.inverse is None else end.inverse.forced,
        flat=_named(objective, end.flat),
        simulated=sum(int(np.sum(flags)) for flags in objective.likelihood.profiled.values()),
        said=(
            *said,
            *([f"the expected distance to the minimum is {end.edm:.2g}"] if late else []),
            *objective.moved,
            *(_of_model(objective.likelihood, objective.whole(end.z)) if wanted else ()),
        ),
    )


def _of_model(likelihood: Likelihood, x: Vector) -> tuple[str, ...]:
    """Return what a likelihood of parts says of its model at the best fit."""
    return likelihood.remarks(x) if isinstance(likelihood, JointLikelihood) else ()


def _named(objective: Objective, which: Mask) -> tuple[str, ...]:
    return tuple(np.array(objective.names, object)[which]) if which.any() else ()


@dataclass(frozen=True, eq=False)
class _End:
    """The end of a fit: the point, its distance to the minimum, the covariance, and what is odd."""

    z: Vector
    edm: float
    near: bool
    held: Mask
    flat: Mask
    inverse: Inverse | None


def _end(objective: Objective, found: Minimum, goal: float, wanted: bool) -> _End:
    z = found.z
    held = pushed(objective, z, objective.gradient(z))
    nothing = np.zeros(len(z), bool)
    if not wanted or not objective.finite(z):
        return _End(z, found.edm, found.valid, held, nothing, None)
    still = idle(objective.hessian(z), held)
    inverse = inverted(objective.hessian(z), held | still)
    if not inverse.exists:
        return _End(z, found.edm, False, held, nothing, inverse)
    z, edm = (z, found.edm) if found.kink else _mended(objective, z, held, inverse.matrix, goal)
    flat = still | _flat(objective, z, held, inverse.matrix)
    return _End(z, edm, edm < max(goal, found.edm), held, flat, inverse)


def _mended(objective: Objective, z: Vector, held: Mask, covariance: Matrix, goal: float) -> tuple[Vector, float]:
    """Return the point and its distance to the minimum, after steps with the covariance where it is too far."""
    for _ in range(10):
        value, gradient = objective(z)
        step = -covariance @ np.where(held, 0.0, gradient)
        edm = float(-0.5 * gradient @ step)
        if edm < goal or edm > NEARLY:
            break
        there = np.clip(z + step, objective.low, objective.high)
        if not objective.value(there) < value:
            break
        z = there
    return z, edm


def _flat(objective: Objective, z: Vector, held: Mask, covariance: Matrix) -> Mask:
    """Return which parameters the likelihood does not determine: one error away, -ln L has hardly risen.

    Only errors much larger than the step that was expected are looked at.
    """
    flat = np.zeros(len(z), bool)
    value, errors = objective.value(z), np.sqrt(np.diag(covariance))
    for k in np.flatnonzero(~held & (errors > SUSPICIOUS * objective.steps)):
        step = covariance[:, k] / errors[k]
        sides = [z + step, z - step]
        rises = [objective.value(s) - value for s in sides if ((s >= objective.low) & (s <= objective.high)).all()]
        flat[k] = min(rises) < NO_RISE if rises else _without_effect(objective, z, int(k), value)
    return flat | _degenerate(objective, z, held, errors)


def _degenerate(objective: Objective, z: Vector, held: Mask, errors: Vector) -> Mask:
    """Return which parameters others can stand for, wherever their bounds let them go.

    The error is far beyond the bounds, and far more than it is while all others stay (MINUIT's global correlation).
    """
    beyond = ~held & (errors > objective.high - objective.low)
    if not beyond.any():  # as nearly always; where the end was mended, second derivatives are not known there
        return beyond
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = 1 / np.sqrt(np.diag(objective.hessian(z)))
        return np.asarray(beyond & (errors > DEGENERATE * alone))


def _without_effect(objective: Objective, z: Vector, k: int, value: float) -> bool:
    """Return whether -ln L is the same at both bounds of a parameter whose error reaches beyond them."""
    ends = []
    for bound in (objective.low[k], objective.high[k]):
        there = z.copy()
        there[k] = bound
        ends.append(abs(objective.value(there) - value))
    return bool(np.max(ends) < NO_EFFECT)


def minos_of(
    likelihood: Likelihood,
    result: FitResult,
    names: Iterable[str],
    *,
    level: float = 0.5,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | None = None,
    method: Method = "auto",
    strategy: int = 1,
    goal: float = GOAL,
    covariance: bool = True,
    retries: int = 2,
    seed: int = 1,
) -> FitResult:
    """Return a fit with the intervals of some parameters from the profile of -ln L.

    Where a conditional fit finds a deeper minimum, the fit is done again from there, and that is said; after some times
    there are no intervals.

    Parameters
    ----------
    likelihood : Likelihood
        What was fitted.
    result : FitResult
        Its fit.
    names : iterable of str
        The parameters.
    level : float
        Rise of -ln L: ½ of 68.3 %, 1.92 of 95 %.
    fixed, bounds : mapping, optional
        As of the fit.
    method, strategy, goal, covariance, retries, seed
        As of `fit`, where it is done again.
    """
    way = Way(method, strategy, goal, covariance, retries, seed)
    return _with_intervals(Held(likelihood, fixed, bounds), result, names, level, way)


def _with_intervals(held: Held, result: FitResult, names: Iterable[str], level: float, way: Way) -> FitResult:
    wanted = tuple(names)
    for _ in range(MOST_DEEPER):
        profile = Profile(held.likelihood, result.values, held.fixed, held.bounds)
        found, deeper = _intervals(profile, wanted, level)
        if deeper is None:
            return result.with_minos(found)
        name, there = deeper
        objective = held.objective(there)
        with threads_for(len(objective)):
            again = _fitted(objective, way)
        result = replace(again, said=(*again.said, f"a deeper minimum was found on the way to {name}"))
        if not result.converged:
            return result
    return replace(result, said=(*result.said, "no intervals: ever deeper minima were found"), converged=False)


def _intervals(
    profile: Profile, names: Iterable[str], level: float
) -> tuple[dict[str, Interval], tuple[str, Vector] | None]:
    """Return intervals, and where a deeper minimum was met: for which parameter, and all parameters there."""
    found: dict[str, Interval] = {}
    for name in names:
        found[name] = interval(profile, name, level)
        for state, at in ((found[name].low_state, found[name].low), (found[name].high_state, found[name].high)):
            if state == "deeper":
                return found, (name, profile.at({name: at}).x)
    return found, None
