"""MIGRAD (iminuit), fed with gradient and second derivatives.

Two ways to drive it were measured with 150 parameters. Started at nominal values in their own coordinates it needs
some 36 calls and 20 ms, most of it spent on its own inversions. Started where Newton steps ended, in coordinates in
which the second derivatives are the unit matrix (so that its first guess, a diagonal one, is exact), it needs two calls
and 1 ms: that is the judge of an ordinary fit. The other is for likelihoods on which Newton's method is of no use.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.objective import Mask, Objective
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

#: ΔNLL of one standard deviation: MIGRAD's *errordef*.
UP = 0.5
#: So many standard deviations beside a minimum its judgement starts.
BESIDE = 0.02


@dataclass(frozen=True, eq=False)
class Verdict:
    """Where MIGRAD ended, and what it says of it."""

    z: Vector
    edm: float
    valid: bool
    said: str


def judged(objective: Objective, z: Vector, matrix: Matrix, held: Mask, goal: float) -> Verdict:
    """Have MIGRAD judge a minimum, in coordinates in which the second derivatives there are the unit matrix.

    It starts a little beside: at the minimum itself its line search sees nothing but rounding.
    """
    from scipy.linalg.lapack import dpotrf, dtrtri

    moving = ~held
    if not moving.any():
        return Verdict(z, 0.0, True, "")
    factor, failed = dpotrf(matrix[np.ix_(moving, moving)] if held.any() else matrix, lower=1)
    if failed:
        return Verdict(z, np.inf, False, "the second derivatives are not positive definite")
    inverse, _ = dtrtri(factor, lower=1, overwrite_c=1)

    def there(w: Vector) -> Vector:
        at = z.copy()
        at[moving] += w @ inverse
        return at

    n = int(moving.sum())
    minuit = _minuit(
        lambda w: objective(there(w))[0],
        _beside(objective, there, n),
        grad=lambda w: inverse @ objective(there(w))[1][moving],
        g2=lambda w: np.ones(n),
    )
    minuit.strategy, minuit.tol = 0, _tolerance(goal)
    minuit.migrad(iterate=1)
    end = there(np.array(minuit.values))
    if not _inside(objective, end) or objective.value(end) > objective.value(z):
        end = z
    return Verdict(end, float(minuit.fmin.edm), bool(minuit.fmin.is_valid), _said(minuit))


def _beside(objective: Objective, there: Callable[[Vector], Vector], n: int) -> Vector:
    """Return where MIGRAD starts: next to the minimum and within the bounds, or else at it."""
    way = np.full(n, BESIDE / np.sqrt(n))
    return next((w for w in (way, -way) if _inside(objective, there(w))), 0 * way)


def _inside(objective: Objective, z: Vector) -> bool:
    return bool(((z >= objective.low) & (z <= objective.high)).all())


def migrad(objective: Objective, z: Vector, goal: float, strategy: int = 1) -> Verdict:
    """Minimise in the parameters' own coordinates; where that fails, again after a Simplex search."""

    def hessian(z: Vector) -> Matrix:
        matrix, guess = objective.hessian(z), objective.steps**-2.0
        if not np.isfinite(matrix).all():
            return np.diag(guess)
        diagonal = np.diag(matrix)  # where one is not positive MIGRAD asks for second derivatives that it was not given
        return np.asarray(matrix + np.diag(np.where(diagonal > 0, 0.0, guess - diagonal)))

    minuit = _minuit(
        objective.value, z, grad=objective.gradient, g2=lambda z: np.diag(hessian(z)).copy(), hessian=hessian
    )
    minuit.errors = np.where(objective.steps > 0, objective.steps, 0.1)
    minuit.limits = list(zip(objective.low, objective.high, strict=True))
    minuit.strategy, minuit.tol = strategy, _tolerance(goal)
    minuit.migrad(iterate=5, use_simplex=True)
    end = np.clip(np.array(minuit.values), objective.low, objective.high)
    return Verdict(end, float(minuit.fmin.edm), bool(minuit.fmin.is_valid), _said(minuit))


def _tolerance(goal: float) -> float:
    """Return iminuit's tolerance for an expected distance to the minimum: that is 0.002 · tolerance · errordef."""
    return goal / (0.002 * UP)


def _minuit(value: Any, start: Vector, **derivatives: Any) -> Any:
    from iminuit import Minuit

    class Migrad(Minuit):  # type: ignore[misc]
        """iminuit fills a covariance matrix with n² calls of Python, 8 ms at 150 parameters; ours is the exact one."""

        def _make_covariance(self) -> None:
            self._covariance = None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Migrad(value, start, **derivatives)
    made.errordef = UP
    return made


def _said(minuit: Any) -> str:
    """Return in words why MIGRAD did not converge, nothing where it did."""
    end = minuit.fmin
    if end.is_valid:
        return ""
    if end.has_reached_call_limit:
        return "the limit of calls was reached"
    if end.is_above_max_edm:
        return f"the expected distance to the minimum is still {end.edm:.2g}"
    return "no minimum was found" if not end.has_parameters_at_limit else "no minimum was found within the bounds"
