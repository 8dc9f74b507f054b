"""What a fit returns: values, errors, covariance, and in words whether they can be believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, two_sides, value_and_error
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Parameters, Vector
from hzdsl.stats.record import Record

#: Digits of errors that are shown of parameters whose intervals were asked for.
PRECISE = 4
#: So small a part of a parameter's step is rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Calls:
    """How often a fit asked the likelihood: values with gradients, second derivatives, products with them."""

    gradients: int = 0
    hessians: int = 0
    products: int = 0


@dataclass(frozen=True, eq=False)
class FitResult(Record):
    """The minimum of -ln L.

    Parameters
    ----------
    parameters : Parameters
        Those of the likelihood.
    values : array of shape (n,)
        The best fit, all parameters.
    errors : array of shape (n,)
        From the covariance: 0 of parameters that were fixed, NaN of those at a bound.
    covariance : array of shape (n, n), or None
        The inverse of the exact second derivatives; rows of parameters that were fixed or are at a bound are zero. None
        where it was not asked for.
    minimum : float
        -ln L there.
    edm : float
        The expected distance to the minimum, in units of -ln L.
    calls : Calls
        What it took.
    converged : bool
        Whether it is a minimum.
    free : array of bool
        Which parameters were not fixed.
    centers : array of shape (n,)
        The global observables of the data that were fitted.
    at_bounds : tuple of str
        Parameters at a bound, pushed against it.
    forced : float, optional
        The least eigenvalue of the scaled second derivatives, where these had to be made positive definite.
    flat : tuple of str
        Parameters that the likelihood does not determine.
    said : tuple of str
        Remarks: why it did not converge, that it took other starts.
    minos : mapping of str to Interval
        Intervals from the profile, where they were asked for.
    simulated : int
        How many parameters of limited simulation are profiled bin by bin: they are none of the others.
    """

    parameters: Parameters
    values: Vector
    errors: Vector
    covariance: Matrix | None
    minimum: float
    edm: float
    calls: Calls
    converged: bool
    free: Any
    centers: Vector
    at_bounds: tuple[str, ...] = ()
    forced: float | None = None
    flat: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    minos: Mapping[str, Interval] = field(default_factory=dict)
    simulated: int = 0

    @property
    def valid(self) -> bool:
        """Whether values and covariance can be used: a minimum, of which nothing had to be forced."""
        return self.converged and self.forced is None and not self.flat

    @property
    def status(self) -> str:
        """What is to be said of the fit: ``valid``, or everything that is wrong."""
        return "; ".join(self._remarks()) or "valid"

    def _remarks(self) -> Iterator[str]:
        if not self.converged:
            yield "not converged"
        for name in self.at_bounds:
            k = self.parameters.index(name)
            yield f"{name} is at its bound {self.values[k]:.6g}"
        if self.forced is not None:
            yield f"covariance forced positive definite (least eigenvalue {self.forced:.3g})"
        for name in self.flat:
            yield f"the likelihood does not determine {name}"
        yield from self.said
        yield from (f"MINOS interval of {name} {i.words()}" for name, i in self.minos.items() if not i.complete)

    @property
    def correlation(self) -> Matrix:
        """The correlations of all parameters; 0 with parameters that were fixed or are at a bound."""
        covariance = self.known_covariance
        sigma = np.sqrt(np.diag(covariance))
        scale = np.divide(1.0, sigma, out=np.zeros_like(sigma), where=sigma > 0)
        return np.asarray(scale[:, None] * covariance * scale)

    @property
    def known_covariance(self) -> Matrix:
        """The covariance.

        Raises
        ------
        HzdslError
            ``fit`` where there is none.
        """
        if self.covariance is None:
            fix = "fit with covariance=True; where that was so, the status says why there is none"
            raise HzdslError("fit", f"the fit has no covariance ({self.status})", fix=fix)
        return self.covariance

    def value(self, name: str) -> float:
        """Return the best fit of a parameter."""
        return float(self.values[self.parameters.index(name)])

    def error(self, name: str) -> float:
        """Return the error of a parameter, from the covariance."""
        return float(self.errors[self.parameters.index(name)])

    def named(self) -> dict[str, float]:
        """Return the best fit as a dictionary."""
        return {name: float(v) for name, v in zip(self.parameters.names, self.values, strict=True)}

    def with_minos(self, found: Mapping[str, Interval]) -> FitResult:
        """Return the result with intervals."""
        return replace(self, minos={**self.minos, **found})

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table: the parameters that were free, those of interest first, indices last."""
        chosen = [k for k in self.parameters.indices if not self.parameters[k].fixed]
        order = sorted([*np.flatnonzero(self.free), *chosen], key=lambda k: not self.parameters[int(k)].interest)
        cells = [self._row(int(k)) for k in order]
        shown = [i for i in range(5) if i != 3 or self.minos]
        shown = [i for i in shown if i != 4 or any(row[4] for row in cells)]
        header, *rows = (tuple(row[i] for i in shown) for row in [("parameter", "value", "±", "MINOS", "unit"), *cells])
        note = f"{self.status}; -ln L = {_shown(self.minimum)}, edm {self.edm:.1e}"
        note += f"; {unlisted(self.simulated)}" if self.simulated else ""
        return (TextTable("fit", header, tuple(rows), note=note),)

    def _row(self, k: int) -> tuple[str, ...]:
        p, error = self.parameters[k], float(self.errors[k])
        if p.choices:
            state = int(self.values[k])
            return (p.name, f"{state} ({p.choices[state].name})", "", "", "")
        found = self.minos.get(p.name)
        at = float(self.values[k])
        at = 0.0 if abs(at) < ROUNDING * p.guessed_step() else at
        value, shown = value_and_error(at, error, 2 if found is None else PRECISE)
        minos = "" if found is None else asymmetric(found)
        return (p.name, value, shown or ("at bound" if p.name in self.at_bounds else ""), minos, str(p.unit))

    def data(self) -> dict[str, Any]:
        """Return all fields as plain values, with the status in words and the correlations' names in order."""
        return {**super().data(), "status": self.status, "valid": self.valid}


def unlisted(simulated: int) -> str:
    """Return what is said of parameters that are profiled bin by bin.

    Examples
    --------
    >>> unlisted(12)
    'besides 12 parameters of simulation (autoMCStats), profiled bin by bin'
    """
    return f"besides {simulated} parameter{'s' * (simulated != 1)} of simulation (autoMCStats), profiled bin by bin"


def asymmetric(found: Interval) -> str:
    """Return the errors of an interval as ``-0.599 / +0.664``, a question mark where an end was not found.

    Examples
    --------
    >>> asymmetric(Interval("r", 1.4812, 0.8825, 2.1456))
    '-0.5987 / +0.6644'
    """
    low, high = ("" if state == "crossed" else f" ({state})" for state in (found.low_state, found.high_state))
    return two_sides(found.minus, found.plus, (low, high))


def _shown(minimum: float) -> str:
    """Return -ln L to 1e-6; where a fit failed it may be anything."""
    return f"{minimum:.6f}" if abs(minimum) < 1e12 else f"{minimum:.6g}"
