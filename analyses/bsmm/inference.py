"""What the candidates say of B0s -> mu mu: the fit, the scan of its profile, significances, sizes of uncertainties.

Rows count with weights, which three things have to know: covariances (`of_weighted`), rises of the profile of -ln L,
which are too steep by the ratio of both variances (`Fitted.shrinkage`), and toys, whose rows need weights, too.
"""

from __future__ import annotations

from dataclasses import replace
from math import copysign, sqrt
from typing import Any

import numpy as np

from analyses.bsmm.model import CHANNEL, model, of_theta, rows
from analyses.bsmm.systematics import Systematics
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.fits.crossing import Interval, interval
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.profile import Profile
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.weighted import of_weighted, shrinkage
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.methods.probabilities import upper_tail
from hzdsl.stats.methods.scans import LEVELS, Scan, scan
from hzdsl.stats.methods.significance import Significance, ToySignificance, significance, toy_significance
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

POI = "nsig"
#: Fixed where a peak may be absent: what is not there has neither place nor width.
SHAPE = ("mean", "sigma")
POINTS = 41


class WeightedLikelihood(UnbinnedLikelihood):
    """-ln L of candidates with weights; fits start at the seed's numbers, one candidate in a hundred being signal.

    Toys have weights: so many rows that their sum of weights is as expected, each with the weight of a candidate that
    is drawn at random (the weight does not depend on the mass).
    """

    def __init__(self, known: Systematics, mass: Vector, weight: Vector) -> None:
        if not len(mass):
            raise HzdslError("fit", "no candidate is left to be fitted", fix="look at the cutflow")
        super().__init__(model(known), {CHANNEL: rows(mass, weight)})
        self._weights = weight
        starts = {"nsig": 0.01 * weight.sum(), "nbkg": 0.99 * weight.sum()}
        self._parameters = self._parameters.changed({name: {"value": float(n)} for name, n in starts.items()})

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True, profiled: bool = True) -> Observation:
        """Return random candidates with weights."""
        fewer = x.copy()
        fewer[[self.parameters.index(name) for name in ("nsig", "nbkg")]] /= self._weights.mean()
        drawn = super().toy(fewer, rng, centers, profiled)
        found = drawn.channels[CHANNEL]
        assert isinstance(found, Rows)
        size = len(next(iter(found.columns.values())))
        return replace(drawn, channels={CHANNEL: Rows(found.columns, rng.choice(self._weights, size))})


def of_known_shape(likelihood: WeightedLikelihood) -> WeightedLikelihood:
    """Return the likelihood with mean and width of the peak as simulation has them, but for their uncertainties."""
    fixed = likelihood.parameters.changed({name: {"fixed": True} for name in SHAPE})
    return likelihood.with_parameters(fixed)


@dataclass(frozen=True, eq=False)
class Fitted(Record):
    """A fit with the covariance of weighted rows, and that from second derivatives alone, which is none."""

    result: FitResult
    unweighted: FitResult

    def shrinkage(self, name: str = POI) -> float:
        """Return by what part rises of the profile of -ln L along a parameter count."""
        return shrinkage(self.unweighted, self.result, name)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the table of the fit."""
        return self.result.tables()


def fitted(likelihood: WeightedLikelihood) -> Fitted:
    """Fit.

    Raises
    ------
    HzdslError
        ``fit`` where it does not converge, or the covariance is no use.
    """
    result = fit(likelihood)
    if not result.valid:
        raise HzdslError("fit", f"the fit of the candidates failed: {result.status}", fix="look at plots of the mass")
    return Fitted(of_weighted(likelihood, result), result)


def profile_scan(likelihood: WeightedLikelihood, found: Fitted) -> Scan:
    """Return the scan of the signal's yield, four standard deviations to both sides; rises are those that count."""
    value, error = found.result.value(POI), found.result.error(POI)
    grid = np.linspace(max(0.0, value - 4 * error), value + 4 * error, POINTS)
    raw = scan(likelihood, {POI: grid}, best=found.result.values)
    rise = raw.minus_2_delta_ln_l * found.shrinkage()
    return replace(raw, minus_2_delta_ln_l=rise, intervals=ends(likelihood, found))


def ends(likelihood: WeightedLikelihood, found: Fitted, name: str = POI) -> tuple[Interval, ...]:
    """Return the intervals of 68.3 % and 95 % of a parameter, from the rises of the profile that count."""
    profile = Profile(likelihood, found.result.values)
    return tuple(interval(profile, name, level / found.shrinkage(name)) for level in LEVELS[1])


def asymptotic(likelihood: WeightedLikelihood) -> Significance:
    """Return Z = √q0 of nsig >= 0, q0 being what counts of it; 0 where there is a deficit."""
    raw = significance(likelihood, POI)
    if raw.q0 == 0:
        return raw
    q0 = raw.q0 * fitted(likelihood).shrinkage()
    z = copysign(sqrt(q0), raw.z)
    return replace(raw, q0=q0, z=z, p=upper_tail(z))


def from_toys(likelihood: WeightedLikelihood, how: How) -> ToySignificance:
    """Return the significance from toys without signal: p = (n + 1)/(N + 1), with the error of Z.

    The statistic is q0 as the fit has it: whatever factor counts of it is the same in toys.
    """
    return toy_significance(likelihood, POI, how)


@dataclass(frozen=True, eq=False)
class Breakdown(Record):
    """Relative uncertainties of the signal's yield: of the fit, its statistical part, and what the table says."""

    total: float
    statistical: float
    quadrature: float
    correlated: float

    @property
    def systematic(self) -> float:
        """What the nuisance parameters add, in quadrature."""
        return sqrt(max(0.0, self.total**2 - self.statistical**2))

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        said = (
            ("of the fit", self.total),
            ("statistical: nuisance parameters fixed", self.statistical),
            ("systematic: what these add", self.systematic),
            ("the table, with correlations", self.correlated),
            ("the seed's five, in quadrature", self.quadrature),
        )
        rows = tuple((name, f"{100 * size:.2f} %") for name, size in said)
        return (TextTable("relative uncertainty of nsig", ("", ""), rows),)


def breakdown(likelihood: WeightedLikelihood, known: Systematics, found: Fitted) -> Breakdown:
    """Return the sizes of uncertainties."""
    parts = dict.fromkeys(known.names, 0.0)
    alone = of_weighted(likelihood, fit(likelihood, start=found.result.values, fixed=parts))
    total, statistical = (r.error(POI) / found.result.value(POI) for r in (found.result, alone))
    return Breakdown(total, statistical, known.quadrature(group="seed"), known.total())


def nuisances(known: Systematics, found: Fitted) -> TextTable:
    """Return the nuisance parameters theta, correlated as they are, after the fit, in standard deviations."""
    values, errors = of_theta(known, found.result)
    entries = zip(known.items, values, errors, strict=True)
    rows = tuple((s.name, *value_and_error(float(v), float(e)), _effects(s.effect)) for s, v, e in entries)
    return TextTable("nuisance parameters (theta = L z)", ("", "value", "±", "changes"), rows)


def _effects(effect: Any) -> str:
    return ", ".join(f"{what} {size:.2g}" for what, size in effect.items())
