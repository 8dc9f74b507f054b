"""Two fits beside each other: of the background alone, and of signal and background (Combine's FitDiagnostics)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import constraint_error
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Diagnostics(Record):
    """Both fits; `held` are the parameters of interest with their values in the first."""

    held: Mapping[str, float]
    background: FitResult
    signal: FitResult

    def tables(self) -> tuple[TextTable, ...]:
        """Return the nuisance parameters before and after both fits, and their correlations with what is asked for."""
        pois = tuple(self.held)
        header = ("parameter", "before", "±", "background", "±", "signal", "±", *(f"ρ({p})" for p in pois))
        free = [int(k) for k in np.flatnonzero(self.signal.free) if self.signal.parameters.names[k] not in pois]
        at = ", ".join(f"{n} = {v:g}" for n, v in self.held.items())
        note = f"background: {at}, {self.background.status}; signal: {self.signal.status}"
        return (TextTable("nuisance parameters", header, tuple(map(self._row, free)), note=note),)

    def _row(self, k: int) -> tuple[str, ...]:
        p = self.signal.parameters[k]
        before = value_and_error(p.value, constraint_error(p) or 0.0)
        fits = (value_and_error(float(f.values[k]), float(f.errors[k])) for f in (self.background, self.signal))
        rho = (f"{self._correlation(n, k):+.3f}" for n in self.held)
        return (p.name, *before, *(cell for pair in fits for cell in pair), *rho)

    def _correlation(self, poi: str, k: int) -> float:
        return (
            0.0
            if self.signal.covariance is None
            else float(self.signal.correlation[self.signal.parameters.index(poi), k])
        )


def diagnostics(
    likelihood: Likelihood, signal: FitResult, names: Iterable[str], values: Mapping[str, float] | None = None
) -> Diagnostics:
    """Fit the background alone, beside a fit of signal and background that is done.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    signal : FitResult
        Its fit.
    names : iterable of str
        Parameters that say how much signal there is.
    values : mapping of str to float, optional
        Theirs without signal, where it is not 0.
    """
    held = {name: (values or {}).get(name, 0.0) for name in names}
    return Diagnostics(held, fit(likelihood, start=signal.values, fixed=held), signal)
