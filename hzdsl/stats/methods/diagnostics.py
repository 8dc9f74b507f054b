"""Fits with and without signal, parameters and shapes before and after each: Combine's FitDiagnostics."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.fits.fit import Bounds, fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import Yields, postfit, prefit
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.nuisances import NuisanceTable, nuisance_table
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Diagnostics(Record):
    """What a fit with signal and one of the background alone say.

    Parameters
    ----------
    poi : str
        The signal's parameter, of which the fit with signal has a MINOS interval.
    background, signal : FitResult
        The fit with the parameter at 0, and that with it free.
    before, after_background, after_signal : Yields
        What is expected before and after the fits; of a fit without covariance there is none.
    """

    poi: str
    background: FitResult
    signal: FitResult
    before: Yields
    after_background: Yields | None
    after_signal: Yields | None

    @property
    def valid(self) -> bool:
        """Whether both fits can be used."""
        return self.background.valid and self.signal.valid

    def nuisances(self) -> tuple[NuisanceTable, NuisanceTable]:
        """Return the tables of all parameters, of the background's fit and that with signal."""
        return nuisance_table(self.background), nuisance_table(self.signal)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the fit with signal, the parameters of both fits, and the yields."""
        alone, with_signal = (t.tables()[0] for t in self.nuisances())
        titled = (
            replace(alone, title="parameters, background alone"),
            replace(with_signal, title="parameters, with signal"),
        )
        shapes = [y for y in (self.before, self.after_background, self.after_signal) if y is not None]
        return (*self.signal.tables()[:1], *titled, *(table for y in shapes for table in y.tables()))


def diagnostics(likelihood: Likelihood, poi: str | None = None, *, bounds: Bounds | None = None) -> Diagnostics:
    """Fit with and without signal.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The signal's parameter; else the only one of interest.
    bounds : mapping, optional
        Other bounds than the parameters' own.
    """
    poi = poi_of(likelihood, poi)
    background = fit(likelihood, fixed={poi: 0.0}, bounds=bounds)
    signal = fit(likelihood, minos=(poi,), bounds=bounds)
    before, alone, both = prefit(likelihood), _after(likelihood, background), _after(likelihood, signal)
    named = [
        y and replace(y, title=f"after the fit {of}") for y, of in ((alone, "of background"), (both, "with signal"))
    ]
    return Diagnostics(poi, background, signal, before, *named)


def _after(likelihood: Likelihood, result: FitResult) -> Yields | None:
    return postfit(likelihood, result) if result.converged and result.covariance is not None else None
