"""CLs by asymptotic formulae: a hypothesis tested, and upper limits (STATS §3.5; Combine's AsymptoticLimits).

Cowan et al. (EPJC 71 (2011) 1554) §3.8 and eqs. 65–67 for the bounded statistic. The Asimov data set is that of the
fit without signal to the data, its global observables moved to the same parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, log, sqrt
from typing import Literal

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, rounded
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.crossing import DEEPER, crossing
from hzdsl.stats.fits.profile import Profile, ProfilePoint
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import BAND, QUANTILES, confidence, significance_of, upper_tail
from hzdsl.stats.methods.statistics import needed, physical, without_signal
from hzdsl.stats.record import Record

#: Limits are found to this part of themselves (Combine's rRelAccuracy is 0.005).
ACCURACY = 1e-5
MOST_DOUBLINGS = 60
#: So often a test is begun again where it meets a deeper minimum than its best fit.
AGAIN = 3
#: A test statistic that is less is none.
NOTHING = 1e-4


@dataclass(frozen=True, eq=False)
class HypothesisTest(Record):
    """One value of the parameter of interest tested: CLs = CLs+b/CLb, and what is expected of it without signal.

    `expected` are CLs at -2 to +2 standard deviations of background, in this order.
    """

    poi: str
    mu: float
    q: float
    q_asimov: float
    cls: float
    clsb: float
    clb: float
    expected: tuple[float, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = (("observed", f"{self.cls:.6g}"), ("CLs+b", f"{self.clsb:.6g}"), ("CLb", f"{self.clb:.6g}"))
        band = tuple(
            (f"expected {n:+d}σ" if n else "expected", f"{e:.6g}") for n, e in zip(BAND, self.expected, strict=True)
        )
        return (TextTable(f"CLs of {self.poi} = {self.mu:g}", ("", "CLs"), (*rows, *band)),)


@dataclass(frozen=True, eq=False)
class Limits(Record):
    """Upper limits: observed (NaN where only the expected ones are wanted), and quantiles of those without signal."""

    poi: str
    level: float
    observed: float
    expected: tuple[float, ...]
    quantiles: tuple[float, ...] = QUANTILES
    best: float = 0.0

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = [("observed", f"{self.observed:.4f}")] if isfinite(self.observed) else []
        rows += [(f"expected {100 * q:.1f} %", f"{e:.4f}") for q, e in zip(self.quantiles, self.expected, strict=True)]
        title = f"limits at {100 * self.level:g} % CLs"
        scale = self.expected[len(self.expected) // 2] if self.expected else self.observed
        note = f"best fit {self.poi} = {rounded(self.best, scale)}" if isfinite(self.observed) else ""
        return (TextTable(title, ("", f"{self.poi} <"), tuple(rows), note=note),)


class Hypotheses:
    """A likelihood and its Asimov data without signal, both profiled along the parameter of interest."""

    def __init__(self, likelihood: Likelihood, poi: str | None = None) -> None:
        self.poi = poi_of(likelihood, poi)
        self._bounds = bounds = physical(likelihood, self.poi)
        self.high = bounds[self.poi][1]
        self.data = Profile(likelihood, needed(likelihood, "of the data", bounds=bounds), bounds=bounds)
        without = without_signal(likelihood, self.poi, "without signal", start=self.data.x)
        asimov = likelihood.given(likelihood.asimov(without))
        at = needed(asimov, "of the Asimov data", start=without, bounds=bounds)
        self.asimov = Profile(asimov, at, bounds=bounds)
        self._near: dict[str, ProfilePoint] = {}

    @property
    def best(self) -> float:
        """The parameter's value at the best fit."""
        return float(self.data.x[self.data.likelihood.parameters.index(self.poi)])

    def q(self, mu: float) -> float:
        """Return the test statistic of the data, 0 where the best fit is above, or there."""
        return self._rise("data", mu)

    def q_asimov(self, mu: float) -> float:
        """Return the test statistic of the Asimov data."""
        return self._rise("asimov", mu)

    def test(self, mu: float) -> HypothesisTest:
        """Return the test of a value."""
        q, qa = self.q(mu), self.q_asimov(mu)
        clsb, clb = tails(q, qa)
        expected = tuple(upper_tail(sqrt(qa) - n) / upper_tail(-n) for n in BAND)
        return HypothesisTest(self.poi, mu, q, qa, _ratio(clsb, clb), clsb, clb, expected)

    def _rise(self, which: Literal["data", "asimov"], mu: float) -> float:
        """Return by how much 2 NLL is higher; where the minimum there is deeper than the best fit, that is found again.

        Raises
        ------
        HzdslError
            ``fit`` where minima are ever deeper.
        """
        for again in range(AGAIN + 1):
            if which == "data" and self.best >= mu:
                return 0.0
            profile = self.data if which == "data" else self.asimov
            point = profile.at({self.poi: mu}, self._near.get(which))
            if not point.valid:
                point = self._fitted(profile.likelihood, mu)
            self._near[which] = point
            if point.value >= profile.minimum - DEEPER:
                return max(0.0, 2 * (point.value - profile.minimum))
            if again < AGAIN:
                self._begin_again(which, profile.likelihood, point)
        what = f"the fits at {self.poi} = {mu:.6g} are deeper than the best fit, which was found again {AGAIN} times"
        raise HzdslError("fit", what, fix=f"start near it, at {self.poi} = {mu:.6g}, or scan {self.poi}")

    def _fitted(self, likelihood: Likelihood, mu: float) -> ProfilePoint:
        """Return a conditional minimum found from the parameters' own values, where it was not from those near by."""
        x = needed(likelihood, f"at {self.poi} = {mu:.6g}", fixed={self.poi: mu}, bounds=self._bounds)
        value, slopes = likelihood.value_and_gradient(x)
        return ProfilePoint(x, value, slopes[[likelihood.parameters.index(self.poi)]], True)

    def _begin_again(self, which: Literal["data", "asimov"], likelihood: Likelihood, deeper: ProfilePoint) -> None:
        """Take the minimum next to a conditional one that is deeper than the best fit was."""
        best = needed(likelihood, "next to a deeper minimum", start=deeper.x, bounds=self._bounds)
        setattr(self, which, Profile(likelihood, best, bounds=self._bounds))


def tails(q: float, q_asimov: float) -> tuple[float, float]:
    """Return CLs+b and CLb of the bounded statistic, from its values on data and on Asimov data without signal.

    Examples
    --------
    >>> [round(p, 6) for p in tails(1.0, 4.0)], [round(p, 6) for p in tails(9.0, 4.0)]
    ([0.158655, 0.841345], [0.000577, 0.10565])
    """
    if q <= q_asimov:
        return upper_tail(sqrt(q)), upper_tail(sqrt(q) - sqrt(q_asimov))
    if q_asimov <= 0:
        return 0.0, 0.0
    root = 2 * sqrt(q_asimov)
    return upper_tail((q + q_asimov) / root), upper_tail((q - q_asimov) / root)


def hypotest(likelihood: Likelihood, mu: float, poi: str | None = None) -> HypothesisTest:
    """Test a value of the parameter of interest, as pyhf's ``hypotest`` with ``qtilde``."""
    return Hypotheses(likelihood, poi).test(mu)


@one_thread()
def limits(
    likelihood: Likelihood,
    poi: str | None = None,
    *,
    level: float = 0.95,
    accuracy: float = ACCURACY,
    quantiles: tuple[float, ...] = QUANTILES,
) -> Limits:
    """Return asymptotic upper limits by CLs: the observed one and five quantiles of those expected without signal.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The parameter that is limited; else the only one of interest.
    level : float
        Confidence level.
    accuracy : float
        Part of itself to which the observed limit is found.
    quantiles : tuple of float
        Of the limits expected without signal: Combine's, or `SIGMAS` as pyhf and cabinetry have them.

    Raises
    ------
    HzdslError
        ``fit`` where a fit does not converge; ``parameter`` where a limit is above the parameter's upper bound.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.likelihood import TemplateLikelihood
    >>> from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
    >>> signal = Process("signal", np.array([5.0]), factors=(Factor("r"),))
    >>> channel = Channel("only", (signal, Process("background", np.array([8.0]))), counts=np.array([9.0]))
    >>> r = Parameter("r", 1.0, 0.0, 20.0, interest=True)
    >>> likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([r])))
    >>> print(limits(likelihood).text(), end="")
    limits at 95 % CLs
                          r <
    ──────────────────────────
     observed          1.5625
     expected 2.5 %    0.6792
     expected 16.0 %   0.9387
     expected 50.0 %   1.3783
     expected 84.0 %   2.0690
     expected 97.5 %   2.9969
     best fit r = 0.200
    """
    tested = Hypotheses(likelihood, poi)
    alpha = 1 - confidence(level)
    expected = tuple(_expected(tested, quantile, alpha) for quantile in quantiles)
    middle = expected[len(expected) // 2] if expected else _expected(tested, 0.5, alpha)
    observed = _observed(tested, alpha, max(tested.best, middle), accuracy)
    return Limits(tested.poi, level, observed, expected, quantiles, tested.best)


def _expected(tested: Hypotheses, quantile: float, alpha: float) -> float:
    """Return where qA(μ) = [N + Φ⁻¹(1 - α·p)]², p being the quantile and N = Φ⁻¹(p)."""
    root = -significance_of(quantile) + significance_of(alpha * quantile)
    found = crossing(tested.asimov, tested.poi, 0.5 * root * root)
    if found.state == "crossed":
        return found.at
    if tested.q_asimov(found.at) < NOTHING:
        what = f"the likelihood does not depend on {tested.poi} up to {found.at:.6g}, so there is no limit"
        raise HzdslError("fit", what, fix="check that a signal is expected")
    if found.state == "bound":
        raise _beyond(tested, f"the limit expected at {100 * quantile:g} %")
    raise HzdslError("fit", f"the fit to Asimov data at {tested.poi} = {found.at:.6g} failed", fix="try other bounds")


def _observed(tested: Hypotheses, alpha: float, start: float, accuracy: float) -> float:
    from scipy.optimize import brentq

    def over(mu: float) -> float:
        return log(max(tested.test(mu).cls, 1e-300) / alpha)

    low, high = _bracket(over, tested, start)
    return float(brentq(over, low, high, rtol=accuracy, xtol=1e-12))


def _bracket(over: Callable[[float], float], tested: Hypotheses, start: float) -> tuple[float, float]:
    low, high = tested.best, min(start, tested.high)
    for _ in range(MOST_DOUBLINGS):
        if over(high) < 0:
            return low, high
        if high >= tested.high:
            raise _beyond(tested, "the observed limit")
        low, high = high, min(high + 2 * max(high - tested.best, 0.1 * start), tested.high)
    raise HzdslError("fit", f"no limit on {tested.poi} was found up to {high:.6g}", fix="check the signal")


def _beyond(tested: Hypotheses, what: str) -> HzdslError:
    fix = f"give {tested.poi} a higher bound (hzdsl limit --range {tested.poi}=0,MORE; hzdsl combine --rMax)"
    return HzdslError("parameter", f"{what} is above the upper bound {tested.high:g} of {tested.poi}", fix=fix)


def _ratio(clsb: float, clb: float) -> float:
    return clsb / clb if clb > 0 else (0.0 if clsb == 0 else inf)
