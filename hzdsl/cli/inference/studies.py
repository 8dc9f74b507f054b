"""The methods as commands ask for them: options in, the functions of `hzdsl.stats` called, records out."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.records import dataclass
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import postfit, prefit
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.methods.bias import transferred
from hzdsl.stats.methods.breakdown import breakdown
from hzdsl.stats.methods.compatibility import Separated, compatibility
from hzdsl.stats.methods.diagnostics import Diagnostics, diagnostics
from hzdsl.stats.methods.goodness import Statistic, goodness
from hzdsl.stats.methods.impacts import impacts
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.nuisances import correlations, nuisance_table
from hzdsl.stats.methods.significance import significance, toy_significance
from hzdsl.stats.record import Record
from hzdsl.stats.setup.adjusting import Adjustments, adjusted, without_effect
from hzdsl.stats.setup.channels import names_of, separated


def problems_of(result: FitResult) -> tuple[str, ...]:
    """Return what is wrong with a fit, in words; nothing where its numbers can be used."""
    if result.valid and not result.at_bounds and all(i.answered for i in result.minos.values()):
        return ()
    return (result.status,)


class WithToys:
    """What throws toys where a number of them is given."""

    toys: int

    @property
    def random(self) -> bool:
        """Whether it throws toys."""
        return self.toys > 0


@dataclass(frozen=True)
class Fit:
    """The fit: best values, covariance, intervals.

    Parameters
    ----------
    minos : tuple of str
        Parameters of which intervals of the profile are wanted; `all`, or `poi` for those of interest.
    background : bool
        Also the fit without signal.
    nuisances, correlated, yields : bool
        Also tables of pulls; of correlations; of expected events before and after the fit.
    strategy : int
        MIGRAD's.
    """

    minos: tuple[str, ...] = ("poi",)
    background: bool = False
    nuisances: bool = False
    correlated: bool = False
    yields: bool = False
    strategy: int = 1
    name: str = "fit"
    random: bool = False
    signal: bool = False

    def run(self, subject: Subject) -> Outcome:
        """Fit, and make the tables that are wanted."""
        likelihood, minos = subject.likelihood, self._minos(subject)
        subject.progress(0, 1, "fit")
        both: Diagnostics | None = None
        if self.background:
            both = diagnostics(likelihood, minos=minos, shapes=self.yields, strategy=self.strategy)
            result, yields = both.signal, False
            alone = tuple(f"without signal: {p}" for p in problems_of(both.background))
            bounds = tuple(dict.fromkeys((*result.at_bounds, *both.background.at_bounds)))
        else:
            result = fit(likelihood, minos=minos, strategy=self.strategy)
            yields, alone, bounds = self.yields and result.converged, (), result.at_bounds
        more = self._more(subject, result, yields) if result.covariance is not None else []
        numbers = {p.name: result.value(p.name) for p in likelihood.parameters if p.interest and not p.fixed}
        problems = (*problems_of(result), *alone)
        return Outcome((result if both is None else both, *more), problems, numbers, at_bounds=bounds)

    def _more(self, subject: Subject, result: FitResult, yields: bool) -> list[Record]:
        found: list[Record] = [nuisance_table(result)] if self.nuisances else []
        found += [correlations(result)] if self.correlated else []
        return [*found, *([prefit(subject.likelihood), postfit(subject.likelihood, result)] if yields else [])]

    def _minos(self, subject: Subject) -> tuple[str, ...]:
        parameters = subject.likelihood.parameters
        free = tuple(p.name for p, floats in zip(parameters, parameters.free, strict=True) if floats)
        words = {"all": free, "poi": tuple(n for n in parameters.interest if n in free), "none": ()}
        return tuple(dict.fromkeys(n for text in self.minos for n in words.get(text, (text,))))


@dataclass(frozen=True)
class Significance(WithToys):
    """The significance of a signal, by asymptotic formulae or by `toys` without signal."""

    toys: int = 0
    capped: bool = True
    poi: str | None = None
    name: str = "significance"
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find it."""
        likelihood = subject.likelihood
        subject.progress(0, 1, "fits")
        if self.toys:
            how = replace(subject.how, toys=self.toys)
            found = toy_significance(likelihood, self.poi, how)
            return Outcome((found,), numbers={"Z": found.found.z})
        z = significance(likelihood, self.poi, capped=self.capped)
        return Outcome((z,), () if z.status == "valid" else (z.status,), {"Z": z.z}, at_bounds=z.at_bounds)


@dataclass(frozen=True)
class Impacts:
    """By how much each nuisance parameter, or each group of them, moves what is asked for.

    Parameters
    ----------
    names : tuple of str
        The nuisance parameters; all where there are none.
    by_source : bool
        Also the uncertainty of each parameter of interest by source.
    """

    names: tuple[str, ...] = ()
    by_source: bool = False
    name: str = "impacts"
    random: bool = False
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find them."""
        likelihood = subject.likelihood
        result = fit(likelihood)
        if not result.converged or result.covariance is None:
            return Outcome((result,), problems_of(result), at_bounds=result.at_bounds)
        found = impacts(likelihood, names=self.names or None, result=result, progress=subject.progress)
        records: list[Record] = [found]
        if self.by_source:
            records += [breakdown(likelihood, p, result=result, progress=subject.progress) for p in found.pois]
        lost = tuple(f"the interval of {n} was not found" for n in found.failed)
        problems = (*problems_of(result), *lost)
        return Outcome(tuple(records), problems, dict(found.best), at_bounds=result.at_bounds)


@dataclass(frozen=True)
class Goodness(WithToys):
    """How well the model describes the data, with a p-value from `toys` of the fitted model."""

    statistic: Statistic = "saturated"
    toys: int = 0
    held: tuple[tuple[str, float], ...] = ()
    name: str = "goodness of fit"
    signal: bool = False

    def run(self, subject: Subject) -> Outcome:
        """Find it."""
        likelihood = subject.likelihood
        how = replace(subject.how, toys=self.toys) if self.toys else None
        held = {name or poi_of(likelihood): value for name, value in self.held}
        subject.progress(0, 1, "fit")
        found = goodness(likelihood, self.statistic, how, fixed=held)
        return Outcome((found,), numbers=dict(found.observed))


@dataclass(frozen=True)
class Compatibility(WithToys):
    """One signal strength in all channels against one in each, or in each of some `groups` of channels."""

    groups: tuple[str, ...] = ()
    toys: int = 0
    poi: str | None = None
    name: str = "compatibility"
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Compare them."""
        likelihood, poi = subject.likelihood, poi_of(subject.likelihood, self.poi)
        names = names_of(poi, tuple(likelihood.observation.channels), self.groups)
        apart = separated(likelihood, subject.opened.per_channel, poi, names)
        acting = {c: n for c, n in names.items() if n not in without_effect(apart, set(names.values()))}
        apart = adjusted(apart, Adjustments(fixed=tuple(set(names.values()) - set(acting.values()))))
        silent = tuple(f"{c} has no signal" for c, n in names.items() if c not in acting)

        def separate(observation: Observation) -> Separated:
            return Separated(apart.given(transferred(observation, likelihood.parameters, apart)), acting)

        how = replace(subject.how, toys=self.toys) if self.toys else None
        subject.progress(0, 1, "fits")
        found = compatibility(likelihood, separate, poi, how)
        return Outcome((found,), numbers={"chi2": found.chi2}, notes=silent)
