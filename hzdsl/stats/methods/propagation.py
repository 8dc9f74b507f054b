"""A fit propagated to other regions: what it says of a model that shares some of its parameters."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import Yields, constraint_error, yields
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector


def propagated(result: FitResult, other: Likelihood, title: str = "after the fit, elsewhere") -> Yields:
    """Return what another likelihood expects after a fit, with uncertainties and their correlations.

    Parameters that both have are those of the fit. Others stay at their own values, with the errors of their own
    constraints, uncorrelated.

    Raises
    ------
    HzdslError
        ``arguments`` where they share no parameter; ``fit`` where the fit has no covariance.
    """
    x, covariance = shared_with(result, other)
    return yields(other, x, covariance, title)


def shared_with(result: FitResult, other: Likelihood) -> tuple[Vector, Matrix]:
    """Return values and covariance of the parameters of another likelihood after a fit."""
    import numpy as np

    after = result.known_covariance
    names = other.parameters.names
    pairs = [(k, result.parameters.index(n)) for k, n in enumerate(names) if n in result.parameters.names]
    if not pairs:
        raise HzdslError(
            "arguments", "the fit and the other likelihood share no parameter", fix="give both the same names"
        )
    x = other.parameters.values
    own = [0.0 if p.fixed else constraint_error(p) or 0.0 for p in other.parameters]
    covariance = np.diag(np.square(own))
    here, there = (list(places) for places in zip(*pairs, strict=True))
    x[here] = result.values[there]
    covariance[here, :] = 0.0
    covariance[np.ix_(here, here)] = after[np.ix_(there, there)]
    return x, covariance
