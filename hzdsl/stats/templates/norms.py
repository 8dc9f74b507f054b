"""The numbers by which factors follow their parameters: what `graph.log_norm` reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import Norm, NormRule


def coefficients(rule: NormRule, norms: Sequence[Norm]) -> dict[str, Vector]:
    """Return the coefficients of factors of one rule, by name, each of shape (factors,).

    `odd` and `even` are half of the difference, and of the sum, of what a factor is at +1 and at -1: its logarithm, or
    with code 0 its change. `a1` … `a6` are those of code 4's polynomial.

    Examples
    --------
    >>> {k: v.round(6).tolist() for k, v in coefficients("code0", [Norm("x", 1.3, 0.9, "code0")]).items()}
    {'odd': [0.2], 'even': [0.1]}
    """
    up, down = (np.array([getattr(n, side) for n in norms], float) for side in ("up", "down"))
    above, below = (up - 1, down - 1) if rule == "code0" else (np.log(up), np.log(down))
    found = {"odd": 0.5 * (above - below), "even": 0.5 * (above + below)}
    if rule == "code4":
        found |= {f"a{k}": a for k, a in enumerate(polynomials(up, down), 1)}
    return found


def polynomials(up: Vector, down: Vector) -> Vector:
    """Return a1 … a6 of HistFactory's code 4, shape (6, n): 1 + Σ a_k α^k has the value and two derivatives of up**α
    at +1, and those of down**-α at -1.

    Examples
    --------
    >>> a = polynomials(np.array([1.1]), np.array([0.9]))[:, 0]
    >>> round(float(1 + a.sum()), 12), round(float(1 + (a * [-1, 1, -1, 1, -1, 1]).sum()), 12)
    (1.1, 0.9)
    """
    log_up, log_down = np.log(up), np.log(down)
    k = np.arange(1, 7)
    signs = np.where(k % 2, -1.0, 1.0)
    rows = [np.ones(6), signs, 1.0 * k, -signs * k, 1.0 * k * (k - 1), signs * k * (k - 1)]
    wanted = [up - 1, down - 1, up * log_up, -down * log_down, up * log_up**2, down * log_down**2]
    found: Vector = np.linalg.solve(np.array(rows), np.array(wanted))
    return found
