"""Coverage: how often intervals contain the truth, and whether pulls are standard normal; tables that are committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from math import sqrt
from pathlib import Path

from hzdsl.errors import HzdslError, first_line
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, text_of
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.estimates import estimates, moments
from hzdsl.stats.methods.probabilities import ONE_SIGMA, reasons
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True)
class Covered:
    """Of one parameter: the truth, how many intervals there were and contained it, mean and width of pulls.

    `bounded` is how many of the intervals end at a bound of the parameter.
    """

    name: str
    truth: float
    toys: int
    covering: int
    mean: float
    width: float
    bounded: int = 0

    @property
    def coverage(self) -> float:
        """The part of intervals that contain the truth."""
        return self.covering / self.toys

    @property
    def coverage_error(self) -> float:
        """Its binomial error, where the coverage is as it should be."""
        return sqrt(ONE_SIGMA * (1 - ONE_SIGMA) / self.toys)


@dataclass(frozen=True, eq=False)
class Coverage(Record):
    """The coverage of intervals of one standard deviation, by parameter, over toys of one seed."""

    model: str
    seed: int
    parameters: tuple[Covered, ...]
    failures: Mapping[str, int]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = tuple(
            (c.name, f"{c.truth:.6g}", str(c.toys), f"{c.mean:+.3f}", f"{c.width:.3f}", f"{100 * c.coverage:.1f} %",
             f"± {100 * c.coverage_error:.1f} %")
            for c in self.parameters
        )  # fmt: skip
        header = ("parameter", "truth", "toys", "mean of pulls", "width", "coverage", "±")
        note = f"seed {self.seed}" + (f"; failed: {reasons(self.failures)}" if self.failures else "")
        note += "".join(
            f"; {c.bounded} of {c.toys} intervals of {c.name} end at a bound: coverage and pulls are not normal then"
            for c in self.parameters
            if c.bounded
        )
        return (TextTable(f"coverage of {self.model}", header, rows, note=note),)


def coverage(
    likelihood: Likelihood,
    at: Vector,
    names: Iterable[str] | None = None,
    how: How | None = None,
    *,
    model: str = "model",
    minos: bool = True,
    source: Source | None = None,
) -> Coverage:
    """Throw toys, fit them, and count how often the intervals contain the truth.

    Parameters
    ----------
    likelihood : Likelihood
        The model.
    at : array of shape (n,)
        The truth, all parameters.
    names : iterable of str, optional
        Parameters that are looked at; else those of interest.
    how : How, optional
        How toys are thrown; its seed is in the table.
    model : str
        What the model is called in the table.
    minos : bool
        Whether intervals are those of the profile, else symmetric from the covariance. Pulls are with these errors.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    how = how or How()
    wanted = tuple(names or likelihood.parameters.interest)
    truth = {name: float(at[likelihood.parameters.index(name)]) for name in wanted}
    toys = thrown(source or likelihood, at, partial(_covers, truth=truth, minos=minos), how, f"toys of {model}")
    rows = toys.array
    found = tuple(covered(name, truth[name], *rows[:, k].T) for k, name in enumerate(wanted))
    return Coverage(model, how.seed, found, toys.failures)


def covered(name: str, truth: float, pulls: Vector, inside: Vector, bounded: Vector | None = None) -> Covered:
    """Return what is told of one parameter: its pulls, whether each interval held the truth, or ended at a bound."""
    ends = 0 if bounded is None else int(bounded.sum())
    return Covered(name, truth, len(pulls), int(inside.sum()), *moments(pulls), ends)


def _covers(
    likelihood: Likelihood, origin: Origin, truth: Mapping[str, float], minos: bool
) -> list[tuple[float, float, float]]:
    found = estimates(likelihood, origin, truth, minos=minos)
    return [(e.pull(truth[name]), float(e.inside), float(e.bounded)) for name, e in found.items()]


def written(path: str | Path, studies: Iterable[Coverage], heading: str) -> None:
    """Write studies to a text file that is committed: a heading, then their tables.

    Raises
    ------
    HzdslError
        ``output`` where it cannot be written.
    """
    body = text_of(table for study in studies for table in study.tables())
    try:
        Path(path).write_text(f"{heading}\n\n{body}", encoding="utf-8")
    except OSError as error:
        raise HzdslError("output", f"{path} cannot be written ({first_line(error)})", fix="give another path") from None
