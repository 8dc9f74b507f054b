"""The uncertainty of a parameter of interest by source: groups frozen, differences in quadrature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, two_sides
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.crossing import Interval, interval
from hzdsl.stats.fits.profile import Profile
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.fitted import fitted
from hzdsl.stats.methods.interest import Progress, nuisances_of, poi_of, silent
from hzdsl.stats.record import Record

#: What is left when all nuisance parameters are frozen, and those that are in no group.
STATISTICAL, OTHERS = "statistical", "others"
#: The same where parameters of limited simulation are profiled bin by bin: these cannot be frozen.
WITH_SIMULATION = "statistical, simulation's too"
#: Below and above, positive numbers.
Sides = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Breakdown(Record):
    """The errors of a parameter and their parts.

    Parameters
    ----------
    poi : str
        The parameter.
    value : float
        Its best fit.
    total : (float, float)
        Its errors, below and above.
    alone : mapping of str to (float, float)
        What each group adds: √(total² - error with this group frozen²). These need not add up.
    in_turn : mapping of str to (float, float)
        What disappears when groups are frozen one after the other, in this order, what remains being ``statistical``
        (with that of simulation, where it is profiled bin by bin): in quadrature these add up to the total.
    said : tuple of str
        Ends of intervals that were not found.
    """

    poi: str
    value: float
    total: Sides
    alone: Mapping[str, Sides]
    in_turn: Mapping[str, Sides]
    said: tuple[str, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = tuple(
            (name, _sides(self.alone[name]) if name in self.alone else "", _sides(turn))
            for name, turn in self.in_turn.items()
        )
        title, note = f"uncertainty of {self.poi} = {self.value:.5g}", "; ".join(self.said)
        return (
            TextTable(title, ("source", "alone", "in turn"), rows, (("total", "", _sides(self.total)),), note=note),
        )


def _sides(sides: Sides) -> str:
    return two_sides(*sides)


def groups_of(likelihood: Likelihood) -> dict[str, tuple[str, ...]]:
    """Return the groups that floating nuisance parameters say they are in."""
    found: dict[str, list[str]] = {}
    for name in nuisances_of(likelihood):
        for group in likelihood.parameters[name].groups:
            found.setdefault(group, []).append(name)
    return {group: tuple(names) for group, names in found.items()}


@one_thread()
def breakdown(
    likelihood: Likelihood,
    poi: str | None = None,
    groups: Mapping[str, Iterable[str]] | None = None,
    *,
    result: FitResult | None = None,
    progress: Progress = silent,
) -> Breakdown:
    """Return the uncertainty of a parameter by source.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The parameter; else the only one of interest.
    groups : mapping of str to names, optional
        Nuisance parameters that belong together; else the groups that they say they are in. Those in none are
        ``others``.
    result : FitResult, optional
        The fit, where it is done.
    progress : callable
        Told of each interval.
    """
    poi = poi_of(likelihood, poi)
    result = fitted(likelihood, result)
    members = {k: tuple(v) for k, v in groups.items()} if groups is not None else groups_of(likelihood)
    grouped = {n for of in members.values() for n in of}
    floating = [n for n in likelihood.parameters.names if result.free[likelihood.parameters.index(n)] and n != poi]
    others = tuple(n for n in floating if n not in grouped)
    members |= {OTHERS: others} if others else {}
    profile = Profile(likelihood, result.values)
    whole = interval(profile, poi)
    total, intervals = (whole.minus, whole.plus), {"total": whole}
    alone, in_turn, frozen, before = {}, {}, set[str](), total
    for done, (group, names) in enumerate(members.items(), 1):
        intervals[f"{group} frozen"] = one = _frozen(likelihood, profile, poi, names)
        alone[group] = _less(total, (one.minus, one.plus))
        frozen |= set(names)
        rest = _frozen(likelihood, profile, poi, frozen)
        intervals[f"frozen up to {group}"] = rest
        in_turn[group] = _less(before, (rest.minus, rest.plus))
        before = (rest.minus, rest.plus)
        progress(done, len(members), f"{group} frozen")
    in_turn[WITH_SIMULATION if likelihood.simulated(result.values) else STATISTICAL] = before
    said = tuple(f"{what}: {i.words()}" for what, i in intervals.items() if not i.complete)
    return Breakdown(poi, result.value(poi), total, alone, in_turn, said)


def frozen_share(likelihood: Likelihood, profile: Profile, poi: str, names: Iterable[str]) -> Sides:
    """Return what parameters add to the errors of another: the difference in quadrature when they are frozen."""
    whole, rest = interval(profile, poi), _frozen(likelihood, profile, poi, names)
    return _less((whole.minus, whole.plus), (rest.minus, rest.plus))


def _frozen(likelihood: Likelihood, profile: Profile, poi: str, names: Iterable[str]) -> Interval:
    values = {n: float(profile.x[likelihood.parameters.index(n)]) for n in names if n != poi}
    return interval(Profile(likelihood, profile.x, values), poi)


def _less(whole: Sides, part: Sides) -> Sides:
    low, high = (sqrt(max(0.0, w * w - p * p)) for w, p in zip(whole, part, strict=True))
    return low, high
