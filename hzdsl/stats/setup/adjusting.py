"""Parameters of a likelihood changed by a user: values, ranges, what is fixed, what is of interest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.fields import bounds
from hzdsl.stats.fits.fit import NO_EFFECT
from hzdsl.stats.methods.statistics import needed
from hzdsl.stats.parameters import Parameter, Parameters, Vector
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.freezing import Left, left_alone, named


@dataclass(frozen=True)
class Adjustments:
    """What a user changes. Names may be ``rgx{REGEX}``, of what is fixed also ``allConstrainedNuisances``.

    Parameters
    ----------
    values : tuple of (str, float)
        Where parameters start, or stay.
    ranges : tuple of (str, (float, float))
        Bounds; NaN where one stays as it is.
    fixed, floating : tuple of str
        Parameters that fits leave alone, or do not although the model says so. What is fixed counts last.
    groups : tuple of str
        Groups of which all parameters are fixed; with ``^`` before it, all constrained parameters but these. Statistics
        of simulation that is profiled bin by bin is in Combine's group ``autoMCStats``.
    interest : tuple of str
        The parameters of interest, instead of the model's.
    only : tuple of str
        Of the parameters of interest, those that are; others stay at their values unless `others_float`.
    fit_first : bool
        What is fixed, or in `groups`, stays at its best values, after a fit in which it is free: `adjusted`
        leaves it to `frozen_after_fit`.
    optional : tuple of str
        Names that are passed over where the model has no such parameter (the mass of Combine's workspaces).
    """

    values: tuple[tuple[str, float], ...] = ()
    ranges: tuple[tuple[str, tuple[float, float]], ...] = ()
    fixed: tuple[str, ...] = ()
    floating: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    interest: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    others_float: bool = False
    fit_first: bool = False
    optional: tuple[str, ...] = ()


def adjusted(likelihood: JointLikelihood, wanted: Adjustments) -> JointLikelihood:
    """Return a likelihood with changed parameters, of which some stay where they are, and bins at their nominal values.

    Raises
    ------
    HzdslError
        ``name-unknown`` for a parameter or group that does not exist; ``parameter`` for a value outside its range.
    """
    parameters = likelihood.parameters
    changes: dict[str, dict[str, Any]] = {}

    def change(names: Iterable[str], **fields: object) -> None:
        for name in names:
            changes.setdefault(name, {}).update(fields)

    _change_interest(parameters, wanted, change)
    absent = {name for name in wanted.optional if name not in parameters.names}
    values = tuple((text, value) for text, value in wanted.values if text not in absent)
    for text, value in values:
        change(named(parameters, text), value=value)
    for text, (low, high) in wanted.ranges:
        for name in named(parameters, text):
            p = parameters[name]
            change([name], low=p.low if np.isnan(low) else low, high=p.high if np.isnan(high) else high)
    for text in wanted.floating:
        change(named(parameters, text), fixed=False)
    left = Left() if wanted.fit_first else _left(likelihood, wanted)
    change(left.names, fixed=True)
    said = {name for text, _ in values for name in named(parameters, text)}
    made = likelihood.with_parameters(_inside(parameters.changed(changes), said))
    return made.with_simulation_frozen(bins=left.flags(likelihood)) if left.bins else made


def frozen_after_fit(likelihood: JointLikelihood, wanted: Adjustments) -> JointLikelihood:
    """Return a likelihood of which what is frozen stays at its best values, those of a fit to the likelihood's data.

    Raises
    ------
    HzdslError
        ``name-unknown`` for what does not exist; ``fit`` where the fit does not converge.
    """
    left, parameters = _left(likelihood, wanted), likelihood.parameters
    x = needed(likelihood, "before parameters are frozen")
    changes = {n: {"fixed": True, "value": float(x[parameters.index(n)])} for n in left.names}
    made = likelihood.with_parameters(parameters.changed(changes))
    return made.with_simulation_frozen(x, left.flags(likelihood)) if left.bins else made


def _left(likelihood: JointLikelihood, wanted: Adjustments) -> Left:
    absent = {name for name in wanted.optional if name not in likelihood.parameters.names}
    return left_alone(likelihood, (t for t in wanted.fixed if t not in absent), wanted.groups)


def said_ranges(parameters: Parameters, wanted: Adjustments) -> dict[str, tuple[float, float]]:
    """Return the ranges that a user said, by parameter."""
    return {name: sides for text, sides in wanted.ranges for name in named(parameters, text)}


def _change_interest(parameters: Parameters, wanted: Adjustments, change: Any) -> None:
    of_interest = wanted.interest or parameters.interest
    for name in (*of_interest, *wanted.only):
        parameters.index(name)
    chosen = wanted.only or of_interest
    change(parameters.interest, interest=False)
    change([n for n in of_interest if n not in chosen and not wanted.others_float], fixed=True)
    change(chosen, interest=True)


def check_inside(p: Parameter, value: float) -> None:
    """Refuse a value that a parameter cannot have.

    Raises
    ------
    HzdslError
        ``parameter``, with the range that would have it.
    """
    if not p.low <= value <= p.high:
        low, high = min(p.low, value), max(p.high, value)
        fix = f"--range {p.name}={low:g},{high:g} lets it go there (in Combine's words --setParameterRanges)"
        raise HzdslError("parameter", f"{p.name} = {value:g} is outside its range [{p.low:g}, {p.high:g}]", fix=fix)


def _inside(parameters: Parameters, said: set[str]) -> Parameters:
    """Return parameters that start within their bounds; a value that a user said is not moved there."""
    moved: dict[str, Mapping[str, object]] = {}
    for p in parameters:
        if not p.fixed:
            bounds(f"the range of {p.name}", p.low, p.high, "parameter")
        if p.choices and p.value not in range(len(p.choices)):
            said_ = ", ".join(f"{k} ({c.name})" for k, c in enumerate(p.choices))
            what = f"{p.name} = {p.value:g} chooses no function"
            raise HzdslError("parameter", what, fix=f"there are {said_}")
        if p.low <= p.value <= p.high:
            continue
        if p.name in said and not p.fixed:
            check_inside(p, p.value)
        if not p.fixed:
            moved[p.name] = {"value": _clipped(p)}
    return parameters.changed(moved)


def _clipped(p: Parameter) -> float:
    return min(max(p.value, p.low), p.high)


def without_effect(likelihood: JointLikelihood, names: Iterable[str]) -> tuple[str, ...]:
    """Return which parameters -ln L does not depend on: neither its value nor its slope changes.

    Or, where a parameter has bounds, its value changes by less than any fit could see from one to the other.
    """
    x = likelihood.parameters.values
    value, slopes = likelihood.value_and_gradient(x)
    found = []
    for name in names:
        k = likelihood.parameters.index(name)
        p, other = likelihood.parameters[k], x.copy()
        other[k] = x[k] + p.guessed_step() if x[k] + p.guessed_step() <= p.high else x[k] - p.guessed_step()
        there, slopes_there = likelihood.value_and_gradient(other)
        exactly = value == there and slopes[k] == 0 and slopes_there[k] == 0
        if exactly or _hardly(likelihood, x, k, value):
            found.append(name)
    return tuple(found)


def _hardly(likelihood: JointLikelihood, x: Vector, k: int, value: float) -> bool:
    """Return whether -ln L is the same at both bounds of a parameter."""
    p, ends = likelihood.parameters[k], []
    for bound in (p.low, p.high):
        there = x.copy()
        there[k] = bound
        ends.append(abs(likelihood.value(there) - value) if np.isfinite(bound) else np.inf)
    return bool(np.max(ends) < NO_EFFECT)
