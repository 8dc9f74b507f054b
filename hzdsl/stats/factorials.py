"""ln n! without what cancels against n ln n - n."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

#: From here on four terms of the series are exact to 1e-16.
_LARGE = 100.0


def stirlings_rest(n: Vector) -> Vector:
    """Return ln n! - (n ln n - n): -ln of a Poisson probability where the mean is the count.

    Of large numbers by Stirling's series (Abramowitz & Stegun 6.1.40): both terms are large there, and their difference
    is not.

    Examples
    --------
    >>> stirlings_rest(np.array([0.0, 1.0, 1e12])).round(6)
    array([ 0.      ,  1.      , 14.734449])
    """
    from scipy.special import gammaln, xlogy

    large = np.maximum(n, _LARGE)
    series = 0.5 * np.log(2 * np.pi * large) + (1 / 12 - (1 / 360 - 1 / (1260 * large**2)) / large**2) / large
    small = np.minimum(n, _LARGE)
    return np.asarray(np.where(n > _LARGE, series, gammaln(small + 1) - xlogy(small, small) + small))
