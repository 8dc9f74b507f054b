"""Parameters of a likelihood changed by a user: values, ranges, what is fixed, what is of interest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.parts import JointLikelihood

#: Combine's word for all parameters that something constrains.
CONSTRAINED = "allConstrainedNuisances"
_REGEX = re.compile(r"rgx\{(.*)\}$")


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
        Groups of which all parameters are fixed; with ``^`` before it, all constrained parameters but these.
    interest : tuple of str
        The parameters of interest, instead of the model's.
    only : tuple of str
        Of the parameters of interest, those that are; others stay at their values unless `others_float`.
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
    optional: tuple[str, ...] = ()


def adjusted(likelihood: JointLikelihood, wanted: Adjustments) -> JointLikelihood:
    """Return a likelihood with changed parameters.

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
        change(_named(parameters, text), value=value)
    for text, (low, high) in wanted.ranges:
        for name in _named(parameters, text):
            p = parameters[name]
            change([name], low=p.low if np.isnan(low) else low, high=p.high if np.isnan(high) else high)
    for text in wanted.floating:
        change(_named(parameters, text), fixed=False)
    for text in (t for t in wanted.fixed if t not in absent):
        change(_constrained(parameters) if text == CONSTRAINED else _named(parameters, text), fixed=True)
    for group in wanted.groups:
        change(_members(parameters, group), fixed=True)
    said = {name for text, _ in values for name in _named(parameters, text)}
    return likelihood.with_parameters(_inside(parameters.changed(changes), said))


def said_ranges(parameters: Parameters, wanted: Adjustments) -> dict[str, tuple[float, float]]:
    """Return the ranges that a user said, by parameter."""
    return {name: sides for text, sides in wanted.ranges for name in _named(parameters, text)}


def _change_interest(parameters: Parameters, wanted: Adjustments, change: Any) -> None:
    of_interest = wanted.interest or parameters.interest
    for name in (*of_interest, *wanted.only):
        parameters.index(name)
    chosen = wanted.only or of_interest
    change(parameters.interest, interest=False)
    change([n for n in of_interest if n not in chosen and not wanted.others_float], fixed=True)
    change(chosen, interest=True)


def _named(parameters: Parameters, text: str) -> tuple[str, ...]:
    """Return the parameters that a name or a regular expression means."""
    pattern = _REGEX.match(text)
    if pattern is None:
        parameters.index(text)
        return (text,)
    try:
        found = tuple(n for n in parameters.names if re.fullmatch(pattern[1], n))
    except re.error as error:
        raise HzdslError("options", f"'{pattern[1]}' is no regular expression: {error}") from None
    if not found:
        raise HzdslError("name-unknown", f"no parameter matches {text}", fix="it has to match the whole name")
    return found


def _constrained(parameters: Parameters) -> tuple[str, ...]:
    return tuple(p.name for p in parameters if p.constraint is not None)


def _members(parameters: Parameters, group: str) -> tuple[str, ...]:
    name = group.removeprefix("^")
    members = tuple(p.name for p in parameters if name in p.groups)
    if not members:
        known = sorted({g for p in parameters for g in p.groups})
        fix = did_you_mean(name, known) or (f"there are {', '.join(known)}" if known else "there are no groups")
        raise HzdslError("name-unknown", f"there is no group '{name}' of parameters", fix=fix)
    return members if name == group else tuple(n for n in _constrained(parameters) if n not in members)


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
        if not p.low < p.high and not p.fixed:
            raise HzdslError("parameter", f"the range of {p.name} is [{p.low:g}, {p.high:g}]", fix="give LOW < HIGH")
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
    """Return which parameters -ln L does not depend on: neither its value nor its slope changes."""
    x = likelihood.parameters.values
    value, slopes = likelihood.value_and_gradient(x)
    found = []
    for name in names:
        k = likelihood.parameters.index(name)
        p, other = likelihood.parameters[k], x.copy()
        other[k] = x[k] + p.guessed_step() if x[k] + p.guessed_step() <= p.high else x[k] - p.guessed_step()
        there, slopes_there = likelihood.value_and_gradient(other)
        if value == there and slopes[k] == 0 and slopes_there[k] == 0:
            found.append(name)
    return tuple(found)
