"""Discrete profiling: several models of the same data, of which the best at each point counts (the envelope).

P. Dauncey et al., JINST 10 (2015) P04015: each model's -2 ln L is raised by a penalty per parameter, 1 unless another
is given (as Combine's RooMultiPdf has it). Models of cards have that in their -ln L, and every fit of them chooses: see
`fits/choices.py`; here the curves of all choices are shown beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.fits.crossing import Interval, State, crossing
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.profile import Profile, ProfilePoint
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.methods.interest import Progress, poi_of, silent
from hzdsl.stats.methods.probabilities import failures
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Envelope(Record):
    """Profiles of several models and their envelope.

    Parameters
    ----------
    poi : str
        The parameter.
    grid : array
        Its values.
    curves : mapping of str to array
        -2ΔlnL of each model above the best of all, with its penalty; NaN where a fit failed.
    best : str
        The model with the deepest minimum.
    interval : Interval
        Where the envelope has risen by the level.
    left_out : mapping of str to str
        Models whose own fit failed, and why.
    """

    poi: str
    grid: Vector
    curves: Mapping[str, Vector]
    best: str
    interval: Interval
    left_out: Mapping[str, str]

    @property
    def minus_2_delta_ln_l(self) -> Vector:
        """The envelope: the least of all curves; NaN where every fit failed."""
        least = np.fmin.reduce(self._stacked(), axis=0)
        return np.asarray(least)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The model that is the envelope, at each point; nothing where every fit failed."""
        names = tuple(self.curves)
        curves = np.where(np.isnan(self._stacked()), np.inf, self._stacked())
        lowest = zip(np.argmin(curves, axis=0), self.minus_2_delta_ln_l, strict=True)
        return tuple("" if np.isnan(value) else names[int(k)] for k, value in lowest)

    def _stacked(self) -> Matrix:
        return np.array([*self.curves.values()])

    def tables(self) -> tuple[TextTable, ...]:
        """Return the curves."""
        rows = tuple(
            (f"{x:.6g}", *(f"{c[k]:.4f}" for c in self.curves.values()), self.chosen[k])
            for k, x in enumerate(self.grid)
        )
        i = self.interval
        note = f"best {self.best}; {self.poi} = {i.value:.5g} -{i.minus:.4g} +{i.plus:.4g}"
        note += "".join(f"; {name} left out: {why}" for name, why in self.left_out.items())
        lost = failures(int(np.isnan(self._stacked()).sum()), self._stacked().size, "points")
        note += f"; {lost}" if lost else ""
        return (TextTable("envelope, -2ΔlnL", (self.poi, *self.curves, "chosen"), rows, note=note),)


#: Of more combinations of indices the curves are not drawn.
MOST = 16


def choices(likelihood: Likelihood) -> dict[str, Likelihood]:
    """Return the models between which the indices of a likelihood choose; nothing where there are none, or too many.

    What a choice costs is in -ln L: their envelope has no further penalty.
    """
    parameters = likelihood.parameters
    free = [parameters[k] for k in parameters.indices if not parameters[k].fixed]
    if not free or prod(len(p.choices) for p in free) > MOST:
        return {}
    found: dict[str, Likelihood] = {}
    for states in product(*(range(len(p.choices)) for p in free)):
        name = ", ".join(p.choices[s].name for p, s in zip(free, states, strict=True))
        fixed = {p.name: {"fixed": True, "value": float(s)} for p, s in zip(free, states, strict=True)}
        found[name] = likelihood.with_parameters(parameters.changed(fixed))
    return found


def envelope(
    models: Mapping[str, Likelihood],
    grid: Sequence[float] | Vector,
    poi: str | None = None,
    *,
    penalty: float = 1.0,
    level: float = 0.5,
    progress: Progress = silent,
) -> Envelope:
    """Profile several models of the same data.

    Parameters
    ----------
    models : mapping of str to Likelihood
        One per value of the discrete index.
    grid : array
        Values of the parameter of interest.
    poi : str, optional
        That parameter.
    penalty : float
        Added to -2 ln L per free parameter.
    level : float
        Rise of -ln L at the ends of the interval.
    progress : callable
        Told of each model.

    Raises
    ------
    HzdslError
        ``fit`` where no model can be fitted; those that cannot beside others are left out, and said.
    """
    poi = poi_of(next(iter(models.values())), poi)
    axis, profiles, raised = np.asarray(grid, float), dict[str, Profile](), dict[str, float]()
    left_out: dict[str, str] = {}
    for done, (name, model) in enumerate(models.items(), 1):
        result = fit(model, covariance=False)
        if result.converged:
            profiles[name] = Profile(model, result.values)
            raised[name] = 0.5 * penalty * float(result.free.sum())
        else:
            left_out[name] = result.status
        progress(done, len(models), f"fit of {name}")
    if not profiles:
        raise HzdslError("fit", f"no model could be fitted: {left_out}", fix="fit one of them first")
    best = min(profiles, key=lambda name: profiles[name].minimum + raised[name])
    deepest = profiles[best].minimum + raised[best]
    curves = {name: 2 * (_curve(p, poi, axis) + raised[name] - deepest) for name, p in profiles.items()}
    gaps = {name: p.minimum + raised[name] - deepest for name, p in profiles.items()}
    return Envelope(poi, axis, curves, best, _interval(profiles, gaps, best, poi, level), left_out)


def _curve(profile: Profile, poi: str, axis: Vector) -> Vector:
    values, near = np.full(len(axis), np.nan), None
    for k, x in enumerate(axis):
        point: ProfilePoint = profile.at({poi: float(x)}, near)
        if point.valid:
            values[k], near = point.value, point
    return values


def _interval(
    profiles: Mapping[str, Profile], gaps: Mapping[str, float], best: str, poi: str, level: float
) -> Interval:
    """Return the ends of the envelope: of the models below the level, the outermost."""
    ends: dict[bool, tuple[float, State]] = {}
    for up in (False, True):
        found = [crossing(p, poi, level - gaps[n], up) for n, p in profiles.items() if gaps[n] < level]
        outer = (max if up else min)(found, key=lambda c: c.at)
        ends[up] = outer.at, outer.state
    value = float(profiles[best].x[profiles[best].likelihood.parameters.index(poi)])
    return Interval(poi, value, ends[False][0], ends[True][0], ends[False][1], ends[True][1])
