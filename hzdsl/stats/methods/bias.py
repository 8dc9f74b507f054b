"""Bias of a fit: toys of one model fitted with another, and the signal that another background makes appear."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import sqrt

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Likelihood, Observation
from hzdsl.stats.methods.estimates import estimates, moments
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import reasons
from hzdsl.stats.methods.toys import How, Origin, Source, Toys, thrown
from hzdsl.stats.parameters import Parameters, Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Pulls(Record):
    """Fits of toys: (fitted - true)/error, the error being that of the side on which the truth is.

    Examples
    --------
    >>> p = Pulls("r", 1.0, np.array([1.2, 0.8]), np.array([0.2, 0.2]), {})
    >>> p.mean, round(p.width, 3), round(p.mean_error, 3)
    (0.0, 1.414, 1.0)
    """

    poi: str
    truth: float
    values: Vector
    errors: Vector
    failures: Mapping[str, int]

    @property
    def pulls(self) -> Vector:
        """The pull of each toy."""
        return np.asarray((self.values - self.truth) / self.errors)

    @property
    def mean(self) -> float:
        """The mean of the pulls: the bias in errors."""
        return moments(self.pulls)[0]

    @property
    def width(self) -> float:
        """Their standard deviation."""
        return moments(self.pulls)[1]

    @property
    def mean_error(self) -> float:
        """The statistical error of the mean."""
        return self.width / sqrt(len(self.values))

    @property
    def width_error(self) -> float:
        """The statistical error of the width, for normal pulls."""
        return self.width / sqrt(2 * (len(self.values) - 1))

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        bias = float(self.values.mean()) - self.truth
        rows = (
            ("toys", str(len(self.values))),
            ("mean of pulls", f"{self.mean:+.3f} ± {self.mean_error:.3f}"),
            ("width of pulls", f"{self.width:.3f} ± {self.width_error:.3f}"),
            ("mean - truth", f"{bias:+.4g}"),
        )
        note = f"failed and not counted: {reasons(self.failures)}" if self.failures else ""
        return (TextTable(f"fits of {self.poi} = {self.truth:g}", ("", "value"), rows, note=note),)


def bias(
    truth: Likelihood,
    at: Vector,
    fitted: Likelihood | None = None,
    poi: str | None = None,
    how: How | None = None,
    *,
    source: Source | None = None,
) -> Pulls:
    """Throw toys of one model and fit them with another, or the same.

    Parameters
    ----------
    truth : Likelihood
        The model that toys are thrown from.
    at : array of shape (n,)
        Its parameters there.
    fitted : Likelihood, optional
        What fits them: channels and observables are the same, parameters need not be. Else the same model.
    poi : str, optional
        The parameter that is looked at, of both.
    how : How, optional
        How toys are thrown.
    source : function that makes `truth`, optional
        Where work goes to other processes and likelihoods cannot be pickled.

    Returns
    -------
    Pulls
        Toys whose fit does not converge, or ends at a bound of the parameter, have no error and are counted as failed.

    Raises
    ------
    HzdslError
        ``fit`` where fewer than two are left.
    """
    how = how or How()
    poi = poi_of(fitted or truth, poi)
    value = float(at[truth.parameters.index(poi)])
    work = partial(_pull, poi=poi, truth=value, fitted=fitted)
    toys = thrown(source or truth, at, work, how, "toys")
    return _pulls(poi, value, toys)


def _pulls(poi: str, truth: float, toys: Toys) -> Pulls:
    """Return the pulls of toys whose results are (value, error)."""
    if len(toys.results) < 2:
        why = f"{toys.failed} of {len(toys.results) + toys.failed} toys failed: {reasons(toys.failures)}"
        raise HzdslError("fit", why, fix="fit one toy first, and throw more")
    return Pulls(poi, truth, toys.array[:, 0], toys.array[:, 1], toys.failures)


def _pull(
    likelihood: Likelihood, origin: Origin, poi: str, truth: float, fitted: Likelihood | None
) -> tuple[float, float]:
    if fitted is None:
        return _value_and_side(likelihood, origin, poi, truth)
    model = fitted.given(transferred(likelihood.observation, likelihood.parameters, fitted))
    start = _shared(likelihood.parameters, origin.x, fitted.parameters)
    return _value_and_side(model, Origin(start), poi, truth)


def _value_and_side(likelihood: Likelihood, origin: Origin, poi: str, truth: float) -> tuple[float, float]:
    """Return a fitted value and its error on the side of a truth, from the profile."""
    (found,) = estimates(likelihood, origin, {poi: truth}, at_bounds=False).values()
    return found.value, found.error


def transferred(observation: Observation, of: Parameters, to: Likelihood) -> Observation:
    """Return an observation of one model for another: global observables of parameters that both have, else its own."""
    centers = to.observation.centers.copy()
    for k, name in enumerate(to.parameters.names):
        if name in of.names:
            centers[k] = observation.centers[of.index(name)]
    return Observation(observation.channels, centers, observation.statistics)


def _shared(of: Parameters, x: Vector, to: Parameters) -> Vector:
    known = dict(zip(of.names, x, strict=True))
    return np.array([known.get(p.name, p.value) for p in to], float)


@dataclass(frozen=True)
class Spurious:
    """The signal fitted where there is none: its size and error, both in units of the parameter."""

    signal: float
    error: float

    @property
    def ratio(self) -> float:
        """The signal in errors."""
        return self.signal / self.error


@dataclass(frozen=True, eq=False)
class SpuriousSignal(Record):
    """Spurious signals by hypothesis (such as a mass); those whose fit failed, and why."""

    poi: str
    found: Mapping[str, Spurious]
    failed: Mapping[str, str]

    @property
    def largest(self) -> float:
        """The largest |signal|/error: experiments ask for less than 0.2 or 0.5."""
        return max((abs(s.ratio) for s in self.found.values()), default=float("nan"))

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = tuple((name, *value_and_error(s.signal, s.error), f"{s.ratio:+.3f}") for name, s in self.found.items())
        note = f"largest |signal|/error {self.largest:.3f}"
        note += "".join(f"; {name} failed: {why}" for name, why in self.failed.items())
        return (TextTable("spurious signal", ("hypothesis", self.poi, "±", "ratio"), rows, note=note),)


def spurious_signal(
    truth: Likelihood, at: Vector, fitted: Mapping[str, Likelihood], poi: str | None = None
) -> SpuriousSignal:
    """Fit signal and background to Asimov data of another background, which has no signal.

    Parameters
    ----------
    truth : Likelihood
        The model of the Asimov data.
    at : array
        Its parameters there, without signal.
    fitted : mapping of str to Likelihood
        What fits, by hypothesis: such as one per mass. The parameter of interest must be free to be negative.
    poi : str, optional
        The signal's parameter.
    """
    observation = truth.asimov(at)
    found: dict[str, Spurious] = {}
    failed: dict[str, str] = {}
    for name, model in fitted.items():
        given = model.given(transferred(observation, truth.parameters, model))
        wanted = poi_of(given, poi)
        result = fit(given)
        if not result.valid or result.at_bounds:
            failed[name] = result.status
        else:
            found[name] = Spurious(result.value(wanted), result.error(wanted))
    first = next(iter(fitted.values()))
    return SpuriousSignal(poi_of(first, poi), found, failed)
