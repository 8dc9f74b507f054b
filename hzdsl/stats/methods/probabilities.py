"""Tails of the normal distribution, and what so many toys say of a probability."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf, erfc, exp, inf, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number, value_and_error
from hzdsl.stats.record import Record

#: The probability within one standard deviation, 68.27 %.
ONE_SIGMA = erf(1 / sqrt(2))
#: Numbers of standard deviations of expected bands, and the quantiles that they are.
BAND = (-2, -1, 0, 1, 2)
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
#: The quantiles at whole standard deviations: Φ(-2), …, Φ(2).
SIGMAS = tuple(0.5 * erfc(-n / sqrt(2)) for n in BAND)
#: Test statistics that differ by less are the same: fits are that precise.
TIE = 1e-5


def upper_tail(z: float) -> float:
    """Return 1 - Φ(z).

    Examples
    --------
    >>> f"{upper_tail(5.0):.4g}"
    '2.867e-07'
    """
    from scipy.special import ndtr

    return float(ndtr(-z))


def significance_of(p: float) -> float:
    """Return z such that p = 1 - Φ(z).

    Examples
    --------
    >>> round(significance_of(2.867e-07), 3)
    5.0
    """
    from scipy.special import ndtri

    return float(-ndtri(p))


def confidence(level: float) -> float:
    """Return a confidence level, which is between 0 and 1.

    Raises
    ------
    HzdslError
        ``options`` where it is not.

    Examples
    --------
    >>> confidence(95)
    Traceback (most recent call last):
        ...
    hzdsl.errors.HzdslError: error[options]: a confidence level of 95 is not between 0 and 1
      fix: 0.95
    """
    if not 0 < level < 1:
        fix = f"{level / 100:g}" if 1 < level < 100 else "0.95, for instance"
        raise HzdslError("options", f"a confidence level of {level:g} is not between 0 and 1", fix=fix)
    return level


@dataclass(frozen=True)
class ToyPValue(Record):
    """How many of so many toys were as extreme as the data, and the probability that follows.

    p = (n + 1)/(N + 1), with a binomial error; that of Z is σ_p/φ(Z). A p of 1 has Z = -∞ and no error of it.

    Examples
    --------
    >>> p = ToyPValue(4.2, 12, 999, 1)
    >>> f"{p.p:.4f} ± {p.error:.4f}, Z {p.z:.3f} ± {p.z_error:.3f}, {p.failed} failed"
    '0.0130 ± 0.0036, Z 2.226 ± 0.107, 1 failed'
    """

    observed: float
    extreme: int
    toys: int
    failed: int = 0

    @property
    def p(self) -> float:
        """The probability of toys as extreme as the data."""
        return (self.extreme + 1) / (self.toys + 1)

    @property
    def error(self) -> float:
        """Its binomial error."""
        return sqrt(self.p * (1 - self.p) / (self.toys + 1))

    @property
    def z(self) -> float:
        """The same as a number of standard deviations, one-sided."""
        return significance_of(self.p)

    @property
    def z_error(self) -> float:
        """The error of Z."""
        density = exp(-0.5 * self.z**2) / sqrt(2 * pi)
        return self.error / density if density > 0 else inf

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = (
            ("observed", number(float(self.observed))),
            ("toys", str(self.toys)),
            ("as extreme", str(self.extreme)),
            ("p-value", " ".join(value_and_error(self.p, self.error))),
            ("significance", " ".join(value_and_error(self.z, self.z_error))),
        )
        return (TextTable("toys", ("", "value"), rows, note=failures(self.failed, self.toys + self.failed)),)

    def data(self) -> dict[str, Any]:
        """Return all fields and what follows from them."""
        return {**super().data(), "p": self.p, "error": self.error, "z": self.z, "z_error": self.z_error}


def p_from_toys(observed: float, values: Any, failed: int = 0) -> ToyPValue:
    """Return the p-value of an observed test statistic, large ones being extreme."""
    return ToyPValue(float(observed), int(as_extreme(values, observed).sum()), len(values), failed)


def as_extreme(values: Any, observed: float) -> npt.NDArray[np.bool_]:
    """Return which values are at least the observed one, to the precision of fits.

    Of few counts many toys are the data again, and have to count, whatever the last digits of their fits are.
    """
    return np.asarray(np.asarray(values, float) >= observed - TIE * (1 + 1e-3 * abs(observed)))


def failures(failed: int, of: int, what: str = "toys") -> str:
    """Return what is to be said of failures, nothing where there are none.

    Examples
    --------
    >>> failures(3, 100), failures(0, 100)
    ('3 of 100 toys failed and are not counted', '')
    """
    return f"{failed} of {of} {what} failed and are not counted" if failed else ""


def reasons(said: Mapping[str, int]) -> str:
    """Return reasons with how often they were given, the most frequent first."""
    return "; ".join(f"{text} ({n})" for text, n in sorted(said.items(), key=lambda item: (-item[1], item[0])))
