"""All parameters with what they mean and how the data changed them: pulls, constraints, correlations."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.fits.result import FitResult, unlisted
from hzdsl.stats.fits.yields import constraint_error
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Counted, Parameter
from hzdsl.stats.record import Record

#: How many pairs of correlated parameters are shown.
SHOWN = 20


@dataclass(frozen=True)
class Nuisance:
    """One parameter before and after the fit.

    `pull` is (θ̂ - θ0)/σ0 and `constraint` σ̂/σ0; `pull_of_difference` is (θ̂ - θ0)/√(σ0² - σ̂²), which is standard normal
    where the model is right. NaN where there is no constraint, or no error of the fit.
    """

    name: str
    doc: str
    unit: str
    groups: tuple[str, ...]
    kind: str
    before: float
    before_error: float
    after: float
    after_error: float
    pull: float
    constraint: float
    pull_of_difference: float
    state: str


@dataclass(frozen=True, eq=False)
class NuisanceTable(Record):
    """All parameters of a fit, and how many besides are profiled bin by bin."""

    rows: tuple[Nuisance, ...]
    status: str
    simulated: int = 0

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table of numbers, and one of meanings where there are some."""
        header = ("parameter", "before", "±", "after", "±", "pull", "σ/σ0", "")
        rows = tuple(
            (n.name, *value_and_error(n.before, n.before_error), *value_and_error(n.after, n.after_error),
             _number(n.pull, "+z.3f"), _number(n.constraint, ".3f"), n.state)
            for n in self.rows
        )  # fmt: skip
        note = f"{self.status}; {unlisted(self.simulated)}" if self.simulated else self.status
        numbers = TextTable("parameters", header, rows, note=note)
        meanings = tuple((n.name, n.kind, ", ".join(n.groups), n.doc) for n in self.rows)
        about = TextTable("what they mean", ("parameter", "constraint", "groups", "meaning"), meanings, numbers=False)
        return (numbers, about)


def _number(x: float, form: str) -> str:
    return format(x, form) if np.isfinite(x) else ""


def nuisance_table(result: FitResult) -> NuisanceTable:
    """Return all parameters of a fit with their meaning and constraint, before and after it."""
    return NuisanceTable(
        tuple(nuisance_of(result, k) for k in range(len(result.parameters))), result.status, result.simulated
    )


def nuisance_of(result: FitResult, k: int) -> Nuisance:
    """Return one parameter of a fit, by its place."""
    p, value, error = result.parameters[k], float(result.values[k]), float(result.errors[k])
    sigma, center = constraint_error(p), _center(p, float(result.centers[k]))
    pull, constraint, difference = nan, nan, nan
    if sigma and result.free[k]:
        pull, constraint = (value - center) / sigma, error / sigma
        gained = sigma**2 - error**2
        difference = (value - center) / sqrt(gained) if gained > 0 else nan
    state = "fixed" if not result.free[k] else "at bound" if p.name in result.at_bounds else ""
    before = center if sigma else p.value
    return Nuisance(
        p.name, p.doc, str(p.unit), p.groups, p.described, before, sigma or 0.0, value, error, pull, constraint,
        difference, state,
    )  # fmt: skip


def _center(p: Parameter, observed: float) -> float:
    """Return the value of a parameter that its measurement alone says."""
    return observed / p.constraint.scale if isinstance(p.constraint, Counted) else observed


@dataclass(frozen=True, eq=False)
class Correlations(Record):
    """The correlations of the parameters that were free and at no bound, and the strongest pairs."""

    names: tuple[str, ...]
    matrix: Matrix
    strongest: tuple[tuple[str, str, float], ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return the strongest pairs."""
        rows = tuple((a, b, f"{rho:+z.3f}") for a, b, rho in self.strongest)
        return (TextTable("strongest correlations", ("parameter", "with", "ρ"), rows),)


def correlations(result: FitResult, shown: int = SHOWN) -> Correlations:
    """Return the correlations of a fit, with its strongest pairs."""
    free = np.flatnonzero(np.asarray(result.free) & (np.diag(result.correlation) > 0))
    matrix = result.correlation[np.ix_(free, free)]
    names = tuple(result.parameters.names[k] for k in free)
    i, j = np.triu_indices(len(names), 1)
    order = np.argsort(-np.abs(matrix[i, j]), kind="stable")[:shown]
    pairs = tuple((names[i[k]], names[j[k]], float(matrix[i[k], j[k]])) for k in order)
    return Correlations(names, matrix, pairs)
