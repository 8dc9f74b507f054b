"""What every likelihood can do, whatever it is made of: statistical methods know nothing else of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.fields import array, put
from hzdsl.stats.parameters import Parameters, Vector

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rows:
    """Measured values of one unbinned channel.

    Parameters
    ----------
    columns : mapping of str to array
        Per observable its values, in the order of rows, in the unit of the observable; all of one length.
    weights : array, optional
        A weight for each row; else 1.
    remarks : tuple of str
        What was left out, and why: see `UnbinnedChannel.inside`.

    Examples
    --------
    >>> Rows({"m": np.array([124.0, 126.5])})
    <2 rows of m>
    """

    columns: Mapping[str, Vector]
    weights: Vector | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a column that has no name."""
        if not isinstance(self.columns, Mapping) or not all(isinstance(name, str) for name in self.columns):
            kind = type(self.columns).__name__
            raise HzdslError("arguments", f"the columns of rows are a {kind}", fix="Rows({'m': values}), by observable")

    def __len__(self) -> int:
        return max((np.size(c) for c in self.columns.values()), default=0)

    def __repr__(self) -> str:
        weighted = "" if self.weights is None else ", weighted"
        said = "; ".join([f"{len(self)} rows of {', '.join(map(str, self.columns))}{weighted}", *self.remarks])
        return f"<{said}>"


@dataclass(frozen=True, eq=False)
class Observation:
    """What was measured.

    Parameters
    ----------
    channels : mapping of str to array or Rows
        Per channel the counts of its bins, in order, or the rows of an unbinned one.
    centers : array of shape (n,)
        The global observable of each parameter of the likelihood, NaN where it is not constrained.
    statistics : mapping of str to array
        Per channel the global observables of what is profiled bin by bin (statistics of simulation); 0 where it is
        not named.
    """

    channels: Mapping[str, Vector | Rows]
    centers: Vector
    statistics: Mapping[str, Vector] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse data that are of no channel."""
        if not isinstance(self.channels, Mapping) or not isinstance(self.statistics, Mapping):
            kind = type(self.channels).__name__
            fix = "Observation({'sr': counts, 'mumu': Rows({'m': values})}, centers)"
            raise HzdslError("arguments", f"the channels of an observation are a {kind}", fix=fix)
        for name, data in self.channels.items():
            if not isinstance(data, Rows):
                array(f"the counts of channel '{name}'", data)
        put(self, centers=array("the global observables of an observation", self.centers))

    def __repr__(self) -> str:
        said = (f"{name}: {events} events in {what}" for name, x in self.channels.items() for what, events in [seen(x)])
        return f"<observation of {'; '.join(said)}>"


def seen(data: Vector | Rows) -> tuple[str, str]:
    """Return what data of a channel are, and how many events (the sum of their weights).

    Examples
    --------
    >>> seen(np.array([3.0, 4.0])), seen(Rows({"m": np.array([125.0])}))
    (('2 bins', '7'), ('1 rows', '1'))
    """
    if isinstance(data, Rows):
        return f"{len(data)} rows", f"{len(data) if data.weights is None else float(np.sum(data.weights)):g}"
    return f"{np.size(data)} bins", f"{float(np.sum(data)):g}"


def no_data(observation: Observation) -> bool:
    """Return whether nothing is observed: no counts and no rows.

    Examples
    --------
    >>> no_data(Observation({"sr": np.zeros(3)}, np.zeros(1))), no_data(Observation({"sr": np.ones(3)}, np.zeros(1)))
    (True, False)
    """
    return not any(
        len(next(iter(seen.columns.values()), ())) if isinstance(seen, Rows) else np.any(seen != 0)
        for seen in observation.channels.values()
    )


@dataclass(frozen=True, eq=False)
class Simulated:
    """What limited simulation does to each bin of a channel, by the parameters that are profiled bin by bin.

    `added` is what they add to the expectation, `variance` that of the expectation where all other parameters stay.
    """

    added: Vector
    variance: Vector


class Likelihood(Protocol):
    """-ln L of parameters, given an observation; nothing here changes, another observation makes another likelihood.

    One is used from one thread at a time; `fresh` makes those of other threads.

    Parameters are passed as an array of shape (n,) in the order of `parameters`, all of them, fixed or not. Values are
    whole: constants such as ln n! and those of constraints are in them, so that observations can be compared.
    """

    @property
    def parameters(self) -> Parameters:
        """The parameters, in the order of the arguments."""

    @property
    def observation(self) -> Observation:
        """What was measured."""

    def value(self, x: Vector) -> float:
        """Return -ln L."""

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """Return -ln L and its derivatives by all parameters, found in one pass."""

    def hessian(self, x: Vector) -> Matrix:
        """Return the second derivatives of -ln L, shape (n, n)."""

    def hessian_vector(self, x: Vector, v: Vector) -> Vector:
        """Return the product of the second derivatives with a vector."""

    def given(self, observation: Observation) -> Likelihood:
        """Return the likelihood of the same model, given another observation; nothing is compiled again."""

    def with_parameters(self, parameters: Parameters) -> Likelihood:
        """Return the same with other starting values, bounds, fixed or interesting parameters; names stay."""

    def fresh(self) -> Likelihood:
        """Return the same for another thread: what is evaluated on it shares nothing that is written to."""

    @property
    def profiled(self) -> Mapping[str, Flags]:
        """Which bins have a parameter of limited simulation that is profiled by itself, and is not frozen."""

    def with_simulation_frozen(self, x: Vector | None = None, bins: Mapping[str, Flags] | None = None) -> Likelihood:
        """Return the same with parameters that are profiled bin by bin frozen; nothing is compiled again.

        They stay at their best values for x and the present observation, or, without x, at 0. `bins`: by channel which
        of them, else all. What is frozen already stays where it is.
        """

    def expected(self, x: Vector) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected per channel and process: the contents of bins; of an unbinned channel one number."""

    def simulated(self, x: Vector, fitted: bool = True) -> Mapping[str, Simulated]:
        """Return what is profiled bin by bin, of channels with such bins; at its nominal value unless `fitted`."""

    def cumulative(self, x: Vector) -> Mapping[str, Vector]:
        """Return per channel of rows what part of its density lies below each row.

        Raises
        ------
        HzdslError
            ``unsupported`` where rows have no order.
        """

    def asimov(self, x: Vector, profiled: bool = True) -> Observation:
        """Return the observation that is exactly as expected: counts are λ, global observables those of x.

        What is profiled bin by bin is at its best value for x and the present observation, or, unless `profiled`, at
        its nominal one. Unbinned channels are represented by a fine weighted grid of values.
        """

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True, profiled: bool = True) -> Observation:
        """Return a random observation; `centers`: global observables are drawn, too, else they stay."""

    def shown(self, x: Vector) -> tuple[str, ...]:
        """Return the channels that count: all that are not masked."""

    def saturated(self) -> float:
        """Return -ln L where each bin's expectation is its count and each constraint is met."""
