"""The fit that a method begins with: the one that is handed over, or one that is done and has to converge."""

from __future__ import annotations

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.statistics import converged


def fitted(likelihood: Likelihood, result: FitResult | None = None) -> FitResult:
    """Return a fit that converged.

    Raises
    ------
    HzdslError
        ``fit`` where it did not.
    """
    return converged(fit(likelihood) if result is None else result, "of the data")
