"""The uncertainty of a parameter of interest by source: groups frozen, differences in quadrature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
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
#: Limited simulation: what is profiled bin by bin, and the parameters of Combine's group for it.
SIMULATION, AUTO = "simulation statistics", "autoMCStats"
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
        What disappears when groups are frozen one after the other, in this order, what remains being ``statistical``:
        in quadrature these add up to the total.
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
    return f"-{sides[0]:.4g} / +{sides[1]:.4g}"


@dataclass(frozen=True)
class Group:
    """Nuisance parameters that are frozen together; `simulation`: and what is profiled bin by bin."""

    names: tuple[str, ...] = ()
    simulation: bool = False

    def with_all_of(self, other: Group) -> Group:
        """Return both together."""
        return Group((*self.names, *other.names), self.simulation or other.simulation)


def groups_of(likelihood: Likelihood, said: Mapping[str, Iterable[str]] | None = None) -> dict[str, Group]:
    """Return the groups of nuisance parameters, the last being statistics of simulation where there is some.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    said : mapping of str to names, optional
        The groups; else those that floating nuisance parameters say they are in.
    """
    found: dict[str, list[str]] = {}
    if said is None:
        for name in nuisances_of(likelihood):
            for group in likelihood.parameters[name].groups:
                found.setdefault(group, []).append(name)
    groups = {group: Group(tuple(names)) for group, names in (found if said is None else said).items()}
    simulation = Group(groups.pop(AUTO, Group()).names, bool(likelihood.profiled))
    return groups | ({SIMULATION: simulation} if simulation != Group() else {})


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
    members = groups_of(likelihood, groups)
    grouped = {n for of in members.values() for n in of.names}
    floating = [n for n in likelihood.parameters.names if result.free[likelihood.parameters.index(n)] and n != poi]
    others = tuple(n for n in floating if n not in grouped)
    simulation = {SIMULATION: members.pop(SIMULATION)} if SIMULATION in members else {}
    members |= ({OTHERS: Group(others)} if others else {}) | simulation
    profile = Profile(likelihood, result.values)
    whole = interval(profile, poi)
    total, intervals = (whole.minus, whole.plus), {"total": whole}
    alone, in_turn, frozen, before = {}, {}, Group(), total
    for done, (group, own) in enumerate(members.items(), 1):
        intervals[f"{group} frozen"] = one = _frozen(likelihood, profile, poi, own)
        alone[group] = _less(total, (one.minus, one.plus))
        frozen = frozen.with_all_of(own)
        rest = _frozen(likelihood, profile, poi, frozen)
        intervals[f"frozen up to {group}"] = rest
        in_turn[group] = _less(before, (rest.minus, rest.plus))
        before = (rest.minus, rest.plus)
        progress(done, len(members), f"{group} frozen")
    in_turn[STATISTICAL] = before
    said = tuple(f"{what}: {i.words()}" for what, i in intervals.items() if not i.complete)
    return Breakdown(poi, result.value(poi), total, alone, in_turn, said)


def frozen_share(likelihood: Likelihood, profile: Profile, poi: str, group: Group) -> Sides:
    """Return what a group adds to the errors of a parameter: the difference in quadrature when it is frozen."""
    whole, rest = interval(profile, poi), _frozen(likelihood, profile, poi, group)
    return _less((whole.minus, whole.plus), (rest.minus, rest.plus))


def _frozen(likelihood: Likelihood, profile: Profile, poi: str, group: Group) -> Interval:
    """Return the interval while a group stays where it is at the best fit."""
    values = {n: float(profile.x[likelihood.parameters.index(n)]) for n in group.names if n != poi}
    held = likelihood.with_simulation_frozen(profile.x) if group.simulation else likelihood
    return interval(Profile(held, profile.x, values), poi)


def _less(whole: Sides, part: Sides) -> Sides:
    low, high = (sqrt(max(0.0, w * w - p * p)) for w, p in zip(whole, part, strict=True))
    return low, high
