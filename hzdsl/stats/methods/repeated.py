"""A method done again for each of many toys: the distribution of what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.probabilities import QUANTILES, reasons
from hzdsl.stats.methods.toys import How, Origin, ToyFailed, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Repeated(Record):
    """What a method said of each toy, by quantity."""

    what: str
    seed: int
    values: Mapping[str, Vector]
    failures: Mapping[str, int]

    def tables(self) -> tuple[TextTable, ...]:
        """Return mean, standard deviation and quantiles of each quantity."""
        header = ("quantity", "mean", "deviation", *(f"{100 * q:g} %" for q in QUANTILES))
        rows = tuple(
            (name, f"{v.mean():.5g}", f"{v.std():.4g}", *(f"{q:.5g}" for q in np.quantile(v, QUANTILES)))
            for name, v in self.values.items()
        )
        done = len(next(iter(self.values.values())))
        note = f"{done} toys, seed {self.seed}" + (f"; failed: {reasons(self.failures)}" if self.failures else "")
        return (TextTable(f"{self.what} of toys", header, rows, note=note),)


def repeated(
    likelihood: Likelihood,
    at: Vector,
    method: Callable[[Likelihood], Mapping[str, float]],
    how: How,
    *,
    what: str,
) -> Repeated:
    """Do a method for each of many toys.

    Parameters
    ----------
    likelihood : Likelihood
        The model.
    at : array of shape (n,)
        The truth, all parameters.
    method : callable
        Called with the likelihood given a toy; returns numbers by name, the same for all toys. Where it raises
        `HzdslError` or `ToyFailed`, or returns nothing, the toy failed.
    how : How
        How many, and from which seed.
    what : str
        How the method is called.

    Raises
    ------
    HzdslError
        ``fit`` where all toys failed.
    """

    def work(toy: Likelihood, origin: Origin) -> Mapping[str, float]:
        try:
            found = method(toy)
        except HzdslError as error:
            raise ToyFailed(error.message) from None
        if not found:
            raise ToyFailed("there are no numbers")
        return found

    toys = thrown(likelihood, at, work, how, f"{what} of toys")
    values = {name: np.array([r[name] for r in toys.results], float) for name in toys.results[0]}
    return Repeated(what, how.seed, values, toys.failures)
