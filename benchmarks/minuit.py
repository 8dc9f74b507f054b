"""MIGRAD and HESSE of functions of an array, for opponents that bring no fit of their own."""

import numpy as np


class _Last:
    """A function and its gradient, found together, for MINUIT, which asks for them one after the other."""

    def __init__(self, both):
        self._both, self._at, self._found = both, None, None

    def __call__(self, x):
        if self._at is None or not np.array_equal(x, self._at):
            self._at, self._found = np.array(x), self._both(x)
        return self._found


def minuit_fit(value, start, names, bounds, *, both=None, hessian=None):
    """Return the fitted parameters, the covariance found, too; `both` gives value and gradient, `value` alone is -ln L.

    Raises
    ------
    RuntimeError
        If MIGRAD is not content.
    """
    from iminuit import Minuit

    given = {}
    if both is not None:
        last = _Last(both)
        value, given["grad"] = (lambda x: last(x)[0]), (lambda x: last(x)[1])
    if hessian is not None:
        given["hessian"] = lambda x: _positive(hessian(x))
    m = Minuit(value, start, name=names, **given)
    m.errordef, m.limits = Minuit.LIKELIHOOD, bounds
    m.migrad()
    if hessian is not None:
        covariance = np.linalg.inv(hessian(np.array(m.values)))
    else:
        m.hesse()
        covariance = np.array(m.covariance)
    if not m.valid or not np.all(np.isfinite(covariance)):
        raise RuntimeError(f"MIGRAD failed: {m.fmin}")
    return np.array(m.values)


def _positive(matrix):
    """Return second derivatives as MINUIT can begin with them: of a saddle the absolute values of their diagonal."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return np.diag(np.abs(np.diag(matrix)))
    return matrix
