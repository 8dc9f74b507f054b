"""Compatibility of channels: one signal strength for all, or one for each (STATS §3.5; ChannelCompatibilityCheck)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult, asymmetric
from hzdsl.stats.likelihood import Likelihood, Observation
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import ToyPValue, p_from_toys
from hzdsl.stats.methods.statistics import converged, quick
from hzdsl.stats.methods.toys import How, Origin, Toys, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Separated:
    """The same model with a parameter of interest per channel: the likelihood and the parameter of each channel."""

    likelihood: Likelihood
    parameters: Mapping[str, str]


class Separate(Protocol):
    """What makes the model with a parameter per channel, or per group of channels, out of its data."""

    def __call__(self, observation: Observation) -> Separated:
        """Return it, given an observation of the model with one parameter, whose other parameters it shares.

        Of toys it is called by several threads at a time, and returns another likelihood each time.
        """


@dataclass(frozen=True, eq=False)
class Compatibility(Record):
    """χ² = 2[NLL(common) - NLL(separate)], its degrees of freedom and p-value, and all signal strengths."""

    poi: str
    common: Interval
    channels: Mapping[str, Interval]
    chi2: float
    ndf: int
    p: float
    toys: ToyPValue | None
    status: str

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        found = {"all": self.common, **self.channels}
        rows = tuple((name, value_and_error(i.value, i.plus or i.minus)[0], asymmetric(i)) for name, i in found.items())
        note = f"χ² = {self.chi2:.5g} for {self.ndf} degree{'s' * (self.ndf != 1)} of freedom, p = {self.p:.4g}"
        note += f", from toys {self.toys.p:.4g} ± {self.toys.error:.2g}" if self.toys else ""
        note += f"; {self.status}" if self.status != "valid" else ""
        return (TextTable("compatibility of channels", ("channel", self.poi, "error"), rows, note=note),)


def compatibility(
    likelihood: Likelihood, separate: Separate, poi: str | None = None, how: How | None = None
) -> Compatibility:
    """Compare a common signal strength with one per channel.

    Parameters
    ----------
    likelihood : Likelihood
        Of the common one, given the data.
    separate : callable
        Makes the model with one per channel: see `Separate`.
    poi : str, optional
        The common parameter; else the only one of interest.
    how : How, optional
        Toys of the common fit, for a p-value besides that of χ².

    Raises
    ------
    HzdslError
        ``fit`` where either fit does not converge.
    """
    from scipy.stats import chi2 as chi2_distribution

    poi = poi_of(likelihood, poi)
    common = converged(fit(likelihood, minos=(poi,)), "with one parameter")
    apart = separate(likelihood.observation)
    start = _start(common, apart, poi)
    names = tuple(apart.parameters.values())
    split = converged(fit(apart.likelihood, start=start, minos=names), "with one parameter per channel")
    chi2 = max(0.0, 2 * (common.minimum - split.minimum))
    ndf = len(set(names)) - 1
    toys = None if how is None else p_from_toys(chi2, *_toys(likelihood, separate, common, poi, how))
    channels = {channel: split.minos[name] for channel, name in apart.parameters.items()}
    said = "; ".join(s for s in (common.status, split.status) if s != "valid") or "valid"
    p = float(chi2_distribution.sf(chi2, ndf)) if ndf else 1.0
    return Compatibility(poi, common.minos[poi], channels, chi2, ndf, p, toys, said)


def _start(common: FitResult, apart: Separated, poi: str) -> Vector:
    """Return where the fit with several parameters starts: at the common best fit."""
    known, several = common.named(), set(apart.parameters.values())
    values = [known[poi] if p.name in several else known.get(p.name, p.value) for p in apart.likelihood.parameters]
    start = apart.likelihood.parameters.values
    start[:] = values
    return start


def _toys(likelihood: Likelihood, separate: Separate, common: FitResult, poi: str, how: How) -> tuple[Vector, int]:
    def of_toy(toy: Likelihood, origin: Origin) -> float:
        apart = separate(toy.observation)
        best = quick(toy, origin.x, information=origin.information)
        return max(0.0, 2 * (best.value - quick(apart.likelihood, _start(common, apart, poi)).value))

    toys: Toys = thrown(likelihood, common.values, of_toy, how, "toys of the common fit")
    return toys.array, toys.failed
