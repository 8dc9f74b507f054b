"""Limits as commands ask for them: by asymptotic formulae or toys, whole or in part, at one value or none."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import Literal

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.cli.inference.studies import WithToys
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.methods.asymptotic import HypothesisTest, hypotest, limits
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.part_of_test import PartOfTest
from hzdsl.stats.methods.probabilities import QUANTILES, SIGMAS
from hzdsl.stats.methods.toy_limits import CLS_ACCURACY, toy_limits
from hzdsl.stats.methods.toy_tests import ToyTest, ToyTests
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.adjusting import check_inside
from hzdsl.stats.setup.pretended import ASIMOV, Pretended


@dataclass(frozen=True)
class Limit(WithToys):
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
        if self.at is not None:
            check_tested(likelihood, poi, self.at)
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
            found, numbers = replace(found, observed=nan, best=nan), {"expected": found.expected[2]}
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


def check_tested(likelihood: JointLikelihood, poi: str, value: float) -> None:
    """Refuse a signal that is not tested.

    Raises
    ------
    HzdslError
        ``parameter`` where it is negative, or outside of the bounds of its parameter.
    """
    if value < 0:
        what = f"{poi} = {value:g} is not tested: limits are on signals of 0 or more"
        raise HzdslError("parameter", what, fix="give 0 or more, or see hzdsl scan")
    check_inside(likelihood.parameters[poi], value)
