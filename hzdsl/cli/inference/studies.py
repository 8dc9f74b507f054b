"""The methods as commands ask for them: options in, the functions of `hzdsl.stats` called, records out."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import Literal

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.records import dataclass
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import postfit, prefit
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.methods.asymptotic import HypothesisTest, hypotest, limits
from hzdsl.stats.methods.bias import transferred
from hzdsl.stats.methods.breakdown import breakdown
from hzdsl.stats.methods.compatibility import Separated, compatibility
from hzdsl.stats.methods.diagnostics import Diagnostics, diagnostics
from hzdsl.stats.methods.goodness import Statistic, goodness
from hzdsl.stats.methods.impacts import impacts
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.nuisances import correlations, nuisance_table
from hzdsl.stats.methods.part_of_test import PartOfTest
from hzdsl.stats.methods.probabilities import QUANTILES, SIGMAS
from hzdsl.stats.methods.significance import significance, toy_significance
from hzdsl.stats.methods.toy_limits import CLS_ACCURACY, toy_limits
from hzdsl.stats.methods.toy_tests import ToyTest, ToyTests
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.record import Record
from hzdsl.stats.setup.adjusting import Adjustments, adjusted, without_effect
from hzdsl.stats.setup.channels import names_of, separated
from hzdsl.stats.setup.pretended import ASIMOV, Pretended


def problems_of(result: FitResult) -> tuple[str, ...]:
    """Return what is wrong with a fit, in words; nothing where its numbers can be used."""
    if result.valid and not result.at_bounds and all(i.answered for i in result.minos.values()):
        return ()
    return (result.status,)


class _WithToys:
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
        else:
            result = fit(likelihood, minos=minos, strategy=self.strategy)
            yields, alone = self.yields and result.converged, ()
        more = self._more(subject, result, yields) if result.covariance is not None else []
        numbers = {p.name: result.value(p.name) for p in likelihood.parameters if p.interest and not p.fixed}
        return Outcome((result if both is None else both, *more), (*problems_of(result), *alone), numbers)

    def _more(self, subject: Subject, result: FitResult, yields: bool) -> list[Record]:
        found: list[Record] = [nuisance_table(result)] if self.nuisances else []
        found += [correlations(result)] if self.correlated else []
        return [*found, *([prefit(subject.likelihood), postfit(subject.likelihood, result)] if yields else [])]

    def _minos(self, subject: Subject) -> tuple[str, ...]:
        parameters = subject.likelihood.parameters
        free = tuple(p.name for p in parameters if not p.fixed)
        words = {"all": free, "poi": tuple(n for n in parameters.interest if n in free), "none": ()}
        return tuple(dict.fromkeys(n for text in self.minos for n in words.get(text, (text,))))


@dataclass(frozen=True)
class Limit(_WithToys):
    """An upper limit by CLs.

    Parameters
    ----------
    level : float
        Confidence level.
    toys : int
        By so many toys per point; 0: by asymptotic formulae, of cards at Combine's quantiles, of documents at pyhf's.
    points : tuple of float
        Where toys are thrown; some around the asymptotic limits where there are none.
    at : float, optional
        Only test this value.
    cls_accuracy : float, optional
        The error of CLs to which toys are thrown next to the limit, or `at` a value: there only where it is given. 0:
        as many toys as `toys` says everywhere.
    run_what : str
        What is wanted; `blind`: what is expected of nominal nuisance parameters, the data are not looked at.
    """

    level: float = 0.95
    toys: int = 0
    points: tuple[float, ...] = ()
    at: float | None = None
    cls_accuracy: float | None = None
    run_what: Literal["both", "observed", "expected", "blind"] = "both"
    poi: str | None = None
    name: str = "limit"
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find the limit."""
        likelihood, poi = subject.likelihood, poi_of(subject.likelihood, self.poi)
        if self.toys:
            return self._with_toys(subject, poi)
        subject.progress(0, 1, "fits")
        if self.at is not None:
            return self._test(hypotest(likelihood, self.at, poi))
        quantiles = QUANTILES if subject.opened.kind == "datacard" else SIGMAS
        found = limits(likelihood, poi, level=self.level, quantiles=quantiles)
        numbers = {"observed": found.observed, "expected": found.expected[2]}
        if self.run_what == "observed":
            found = replace(found, expected=(), quantiles=())
        elif self.run_what != "both":
            found, numbers = replace(found, observed=nan), {"expected": found.expected[2]}
        return Outcome((found,), numbers=numbers)

    def instead(self, likelihood: JointLikelihood) -> Pretended | None:
        """Return what is analysed instead of anything else: without looking at the data, what is expected of them."""
        return Pretended(ASIMOV, ((poi_of(likelihood, self.poi), 0.0),)) if self.run_what == "blind" else None

    @property
    def _seen(self) -> bool:
        return self.run_what in ("both", "observed")

    def _test(self, found: HypothesisTest) -> Outcome:
        """Return the test of one value, of which there may be the observed or the expected part alone."""
        if self.run_what == "both":
            return Outcome((found,), numbers={"CLs": found.cls})
        if self._seen:
            return Outcome((PartOfTest(found.poi, found.mu, found.cls, ()),), numbers={"CLs": found.cls})
        part = PartOfTest(found.poi, found.mu, nan, found.expected)
        return Outcome((part,), numbers={"CLs": found.expected[2]})

    def _with_toys(self, subject: Subject, poi: str) -> Outcome:
        likelihood, how = subject.likelihood, replace(subject.how, toys=self.toys)
        if self.at is not None:
            test = self._shown(ToyTests(likelihood, poi, how).throw_until(self.at, self.cls_accuracy or inf))
            return Outcome((test,), numbers={"CLs": (test.cls() if self._seen else test.expected(0.5))[0]})
        accuracy = CLS_ACCURACY if self.cls_accuracy is None else self.cls_accuracy
        found = toy_limits(likelihood, poi, how, level=self.level, points=self.points or None, cls_accuracy=accuracy)
        name, limit = ("observed", found.observed) if self._seen else ("expected", found.expected[2])
        points = tuple(self._shown(t) for t in found.points)
        if self.run_what == "observed":
            found = replace(found, expected=(), points=points)
        elif not self._seen:
            found = replace(found, observed=None, points=points)
        value = None if limit is None else limit.value
        problems = () if value is not None else (f"the {name} limit was not found between the points that were tested",)
        fix = "test other --points, or throw more toys"
        return Outcome((found,), problems, {} if value is None else {name: value}, fix=fix)

    def _shown(self, test: ToyTest) -> ToyTest:
        """Return a test without what is not asked for."""
        quantiles = () if self.run_what == "observed" else test.quantiles
        return replace(test, observed=test.observed if self._seen else nan, quantiles=quantiles)


@dataclass(frozen=True)
class Significance(_WithToys):
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
        return Outcome((z,), () if z.status == "valid" else (z.status,), {"Z": z.z})


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
            return Outcome((result,), problems_of(result))
        found = impacts(likelihood, names=self.names or None, result=result, progress=subject.progress)
        records: list[Record] = [found]
        if self.by_source:
            records += [breakdown(likelihood, p, result=result, progress=subject.progress) for p in found.pois]
        lost = tuple(f"the interval of {n} was not found" for n in found.failed)
        return Outcome(tuple(records), (*problems_of(result), *lost), dict(found.best))


@dataclass(frozen=True)
class Goodness(_WithToys):
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
class Compatibility(_WithToys):
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
