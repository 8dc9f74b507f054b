"""Impacts: by how much each nuisance parameter moves the parameters of interest (STATS §3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, rounded, two_sides
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.crossing import UNANSWERED, crossing
from hzdsl.stats.fits.profile import Profile
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.methods.breakdown import frozen_share, groups_of
from hzdsl.stats.methods.fitted import fitted
from hzdsl.stats.methods.interest import Progress, nuisances_of, poi_of, silent
from hzdsl.stats.methods.nuisances import Nuisance, nuisance_of
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True)
class Impact:
    """What one nuisance parameter does: the shifts of each parameter of interest at both ends of its interval.

    `low` and `high` are how the ends were found (``crossed``, or why not); the shift at an end that was not is that at
    the last point reached. `approximate`: of the covariance, ρσ.
    """

    nuisance: Nuisance
    down: Mapping[str, float]
    up: Mapping[str, float]
    approximate: Mapping[str, float]
    low: str
    high: str

    @property
    def answered(self) -> bool:
        """Whether both ends were found, or are a bound."""
        return not {self.low, self.high} & UNANSWERED

    def size(self, poi: str) -> float:
        """Return the larger shift."""
        return max(abs(self.down[poi]), abs(self.up[poi]))


@dataclass(frozen=True, eq=False)
class Impacts(Record):
    """The impacts of all nuisance parameters, the largest first, and of groups: (below, above) in quadrature."""

    pois: tuple[str, ...]
    best: Mapping[str, float]
    impacts: tuple[Impact, ...]
    groups: Mapping[str, Mapping[str, tuple[float, float]]]
    failed: tuple[str, ...]
    status: str

    def tables(self) -> tuple[TextTable, ...]:
        """Return a table per parameter of interest, and one of the groups."""
        return (*(self._of(poi) for poi in self.pois), *self._groups())

    def _of(self, poi: str) -> TextTable:
        largest = max((s for i in self.impacts if np.isfinite(s := i.size(poi))), default=0.0)
        rows = tuple(
            (i.nuisance.name, _fixed(i.nuisance.pull, "+z.3f"), _fixed(i.nuisance.constraint, ".3f"),
             *(_signed(shift[poi], largest) for shift in (i.down, i.up, i.approximate)))
            for i in self.impacts
        )  # fmt: skip
        note = f"best fit {poi} = {rounded(self.best[poi], largest)}"
        note += "; down, up: its shift at both ends of a parameter's interval, ρσ: that of the covariance"
        note += f"; ends not found: {', '.join(self.failed)}" if self.failed else ""
        header = ("parameter", "pull", "constraint", "down", "up", "ρσ")
        return TextTable(f"impacts on {poi}", header, rows, note=note)

    def _groups(self) -> tuple[TextTable, ...]:
        if not self.groups:
            return ()
        rows = tuple((name, *(two_sides(low, high) for low, high in of.values())) for name, of in self.groups.items())
        return (TextTable("impacts of groups", ("group", *self.pois), rows),)


def _fixed(x: float, form: str) -> str:
    return format(x, form) if np.isfinite(x) else "-"


def _signed(x: float, largest: float) -> str:
    return rounded(x, largest, signed=True) if np.isfinite(x) else "-"


@one_thread()
def impacts(
    likelihood: Likelihood,
    poi: str | Iterable[str] | None = None,
    *,
    names: Iterable[str] | None = None,
    result: FitResult | None = None,
    groups: Mapping[str, Iterable[str]] | None = None,
    progress: Progress = silent,
) -> Impacts:
    """Return the impacts of nuisance parameters on parameters of interest.

    Each nuisance parameter is set to both ends of its own MINOS interval and everything else is fitted again. These
    fits are those that find the ends.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str or several, optional
        Parameters of interest; else the only one, or all of those.
    names : iterable of str, optional
        The nuisance parameters; else all that float.
    result : FitResult, optional
        The fit, with its covariance, where it is done.
    groups : mapping of str to names, optional
        Groups whose impacts are found by freezing them; else those that parameters say they are in.
    progress : callable
        Told of each parameter.
    """
    pois = tuple([poi] if isinstance(poi, str) else poi or likelihood.parameters.interest or [poi_of(likelihood)])
    result = fitted(likelihood, result)
    covariance = result.known_covariance
    wanted = tuple(n for n in (names or nuisances_of(likelihood)) if n not in pois)
    profile = Profile(likelihood, result.values)
    found = []
    for done, name in enumerate(wanted, 1):
        found.append(_impact(profile, result, covariance, name, pois))
        progress(done, len(wanted), f"impact of {name}")
    found.sort(key=lambda i: -i.size(pois[0]))
    failed = tuple(i.nuisance.name for i in found if not i.answered)
    of_groups = groups_of(likelihood, groups)
    shares = {g: {p: frozen_share(likelihood, profile, p, members) for p in pois} for g, members in of_groups.items()}
    best = {p: result.value(p) for p in pois}
    return Impacts(pois, best, tuple(found), shares, failed, result.status)


def _impact(profile: Profile, result: FitResult, covariance: Matrix, name: str, pois: tuple[str, ...]) -> Impact:
    parameters = profile.likelihood.parameters
    low, high = (crossing(profile, name, up=up) for up in (False, True))
    places = {p: parameters.index(p) for p in pois}
    k = parameters.index(name)

    def shifts(x: Vector) -> dict[str, float]:
        return {p: float(x[at] - result.values[at]) for p, at in places.items()}

    sigma = float(np.sqrt(covariance[k, k]))
    approximate = {p: float(covariance[at, k] / sigma) if sigma > 0 else 0.0 for p, at in places.items()}
    nuisance = nuisance_of(result, k)
    return Impact(nuisance, shifts(low.x), shifts(high.x), approximate, low.state, high.state)
