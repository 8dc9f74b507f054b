"""Fits with and without signal, parameters and shapes before and after each: Combine's FitDiagnostics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.fit import Bounds, fit
from hzdsl.stats.fits.result import FitResult, unlisted
from hzdsl.stats.fits.yields import Yields, constraint_error, postfit, prefit
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
        The signal's parameter.
    background, signal : FitResult
        The fit with the parameter at 0, and that with it free.
    before, after_background, after_signal : Yields, optional
        What is expected before and after the fits, where that is wanted; of a fit without covariance there is none.
    """

    poi: str
    background: FitResult
    signal: FitResult
    before: Yields | None = None
    after_background: Yields | None = None
    after_signal: Yields | None = None

    @property
    def valid(self) -> bool:
        """Whether both fits can be used."""
        return self.background.valid and self.signal.valid

    def nuisances(self) -> tuple[NuisanceTable, NuisanceTable]:
        """Return the tables of all parameters, of the background's fit and that with signal."""
        return nuisance_table(self.background), nuisance_table(self.signal)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the fit with signal, the nuisance parameters of both fits beside each other, and the yields."""
        shapes = [y for y in (self.before, self.after_background, self.after_signal) if y is not None]
        return (*self.signal.tables()[:1], self._compared(), *(table for y in shapes for table in y.tables()))

    def _compared(self) -> TextTable:
        free = [int(k) for k in np.flatnonzero(self.signal.free) if self.signal.parameters.names[k] != self.poi]
        header = ("parameter", "before", "±", "background", "±", "signal", "±", f"ρ({self.poi})")
        note = f"background: {self.background.status}; signal: {self.signal.status}"
        note += f"; {unlisted(self.signal.simulated)}" if self.signal.simulated else ""
        shared = self._correlations()
        return TextTable("nuisance parameters", header, tuple(self._row(k, shared[k]) for k in free), note=note)

    def _row(self, k: int, correlation: str) -> tuple[str, ...]:
        p = self.signal.parameters[k]
        before = value_and_error(p.value, constraint_error(p) or 0.0)
        fits = (value_and_error(float(f.values[k]), float(f.errors[k])) for f in (self.background, self.signal))
        return (p.name, *before, *(cell for pair in fits for cell in pair), correlation)

    def _correlations(self) -> list[str]:
        """Return those of the signal with all parameters, as they are shown: nothing without a covariance."""
        if self.signal.covariance is None:
            return [""] * len(self.signal.parameters)
        return [f"{rho:+z.3f}" for rho in self.signal.correlation[self.signal.parameters.index(self.poi)]]


def diagnostics(
    likelihood: Likelihood,
    poi: str | None = None,
    *,
    minos: Iterable[str] | None = None,
    shapes: bool = True,
    strategy: int = 1,
    bounds: Bounds | None = None,
) -> Diagnostics:
    """Fit with and without signal.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The signal's parameter; else the only one of interest.
    minos : iterable of str, optional
        Parameters of which the fit with signal has intervals; else the signal's.
    shapes : bool
        Whether expectations are wanted.
    strategy : int
        MIGRAD's.
    bounds : mapping, optional
        Other bounds than the parameters' own.
    """
    poi = poi_of(likelihood, poi)
    background = fit(likelihood, fixed={poi: 0.0}, bounds=bounds, strategy=strategy)
    signal = fit(likelihood, minos=(poi,) if minos is None else minos, bounds=bounds, strategy=strategy)
    if not shapes:
        return Diagnostics(poi, background, signal)
    alone, both = _after(likelihood, background, "of background"), _after(likelihood, signal, "with signal")
    return Diagnostics(poi, background, signal, prefit(likelihood), alone, both)


def _after(likelihood: Likelihood, result: FitResult, of: str) -> Yields | None:
    if not result.converged or result.covariance is None:
        return None
    return replace(postfit(likelihood, result), title=f"after the fit {of}")
