"""The fit that a method begins with: the one that is handed over, or one that is done and has to converge."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Likelihood


def fitted(likelihood: Likelihood, result: FitResult | None = None) -> FitResult:
    """Return a fit with its covariance.

    Raises
    ------
    HzdslError
        ``fit`` where it did not converge or has no covariance.
    """
    result = fit(likelihood) if result is None else result
    if not result.converged or result.covariance is None:
        said = result.status if not result.converged else "it has no covariance"
        raise HzdslError("fit", f"the fit cannot be used: {said}", fix="try other starting values or bounds")
    return result
