"""The significance of a signal: q0, asymptotic or from toys (STATS §3.5; Combine: Significance, LHC-significance)."""

from __future__ import annotations

from functools import partial
from math import copysign, inf, sqrt

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number, value_and_error
from hzdsl.stats.fits.crossing import DEEPER
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import TIE, ToyPValue, failures, p_from_toys, upper_tail
from hzdsl.stats.methods.statistics import physical, q_zero, without_signal
from hzdsl.stats.methods.toys import How, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Significance(Record):
    """How significant a signal is: q0 = 2[NLL(0) - NLL(best)], Z = √q0, p = 1 - Φ(Z).

    Where it is not capped, a deficit has a negative Z; else 0, and p = ½. `at_bounds` are parameters that the best fit
    left at a bound.
    """

    poi: str
    best: float
    q0: float
    z: float
    p: float
    capped: bool
    status: str
    at_bounds: tuple[str, ...] = ()

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = (
            (f"best fit of {self.poi}", number(self.best if self.q0 > TIE else 0.0)),
            ("q0", number(round(self.q0, 5))),
            ("significance", f"{self.z:.5f}"),
            ("p-value", f"{self.p:.6g}"),
        )
        kind = "a deficit counts as none" if self.capped else "a deficit counts as negative"
        note = kind if self.status == "valid" else f"{kind}; {self.status}"
        return (TextTable("significance", ("", "value"), rows, note=note),)


def significance(
    likelihood: Likelihood, poi: str | None = None, *, capped: bool = True, start: Vector | None = None
) -> Significance:
    """Return the asymptotic significance of a signal.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data, or Asimov data: ``likelihood.given(asimov_of(likelihood, {"r": 1}))``.
    poi : str, optional
        The parameter that is 0 without signal; else the only one of interest.
    capped : bool
        Whether it is at least 0 in the fit; else it may be as negative as it may be positive.
    start : array, optional
        Where fits start.

    Raises
    ------
    HzdslError
        ``fit`` where the fit of the background alone does not converge.
    """
    poi = poi_of(likelihood, poi)
    low, high = physical(likelihood, poi)[poi]
    bounds = {poi: (low if capped else -high, high)}
    best = fit(likelihood, start=start, bounds=bounds, covariance=False)
    background = without_signal(likelihood, poi, "of the background alone", start=best.values)
    if likelihood.value(background) < best.minimum - DEEPER:
        best = fit(likelihood, start=background, bounds=bounds, covariance=False)
    return _significance(poi, best, likelihood.value(background), capped)


def _significance(poi: str, best: FitResult, without: float, capped: bool) -> Significance:
    value = best.value(poi)
    q0 = max(0.0, 2 * (without - best.minimum))
    if capped and value <= 0:
        q0 = 0.0
    z = copysign(sqrt(q0), value) if q0 else 0.0
    others = [s for s in (best.status,) if best.at_bounds != (poi,) or not best.converged]
    status = others[0] if others else "valid"
    return Significance(poi, value, q0, z, upper_tail(z), capped, status, best.at_bounds)


@dataclass(frozen=True, eq=False)
class ToySignificance(Record):
    """A significance from toys without signal, beside the asymptotic one; the values of q0 that toys had."""

    poi: str
    asymptotic: Significance
    found: ToyPValue
    q0: Vector

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        f = self.found
        rows = (
            ("q0", number(self.asymptotic.q0)),
            ("p-value", " ".join(value_and_error(f.p, f.error))),
            ("significance", " ".join(value_and_error(f.z, f.z_error))),
            ("asymptotic", f"{self.asymptotic.z:.3f}"),
        )
        note = f"{f.toys} toys; {failures(f.failed, f.toys + f.failed)}".rstrip("; ")
        return (TextTable("significance from toys", ("", "value"), rows, note=note),)


def toy_significance(
    likelihood: Likelihood, poi: str | None = None, how: How | None = None, source: Source | None = None
) -> ToySignificance:
    """Return the significance from toys at r = 0, nuisance parameters as fitted there (Combine: LHC-significance).

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The parameter that is 0 without signal.
    how : How, optional
        How toys are thrown.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    how = how or How()
    poi = poi_of(likelihood, poi)
    asymptotic = significance(likelihood, poi)
    x = without_signal(likelihood, poi, "of the background alone")
    toys = thrown(source or likelihood, x, partial(q_zero, poi=poi), how, "toys without signal")
    found = p_from_toys(asymptotic.q0 if asymptotic.best > 0 else -inf, toys.array, toys.failed)
    return ToySignificance(poi, asymptotic, found, toys.array)
