"""Scans, contours and Feldman-Cousins regions as commands ask for them."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isfinite, isnan, nan
from typing import Literal

import numpy as np

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.methods.envelope import choices, envelope
from hzdsl.stats.methods.feldman_cousins import LEVEL, feldman_cousins
from hzdsl.stats.methods.scans import LEVELS, centers_of_bins, contour, scan, usual_range
from hzdsl.stats.methods.statistics import needed
from hzdsl.stats.parameters import Vector
from hzdsl.stats.setup.adjusting import check_inside

#: How many points a grid has where nothing is said: of one parameter, of two (in all), tested with toys.
LINE, PLANE, TESTED = 51, 441, 21


@dataclass(frozen=True)
class Grid:
    """Points of one or two parameters.

    Parameters
    ----------
    names : tuple of str
        The parameters; those of interest where there are none.
    points : int, optional
        How many, in all.
    at : tuple of (str, float)
        A single point instead.
    between : {"errors", "bounds", "centers"}
        From where to where: three errors to both sides of the best fit, or as far as a user said; or from bound to
        bound; or the centres of bins between bounds, where Combine has its grid.
    """

    names: tuple[str, ...] = ()
    points: int | None = None
    at: tuple[tuple[str, float], ...] = ()
    between: Literal["errors", "bounds", "centers"] = "errors"

    def values(self, subject: Subject, line: int = LINE) -> dict[str, Vector]:
        """Return the values of each parameter; of one parameter `line` where no number is said.

        Raises
        ------
        HzdslError
            ``options`` where there are too many parameters, or one has no bounds; ``parameter`` for a point that is
            outside of them; ``fit`` where the fit does not converge around which points are chosen.
        """
        likelihood = subject.likelihood
        if self.at:
            point = {name or likelihood.parameters.interest[0]: value for name, value in self.at}
            for name, value in point.items():
                check_inside(likelihood.parameters[name], value)
            return {name: np.array([value]) for name, value in point.items()}
        names = self.names or likelihood.parameters.interest
        if not 1 <= len(names) <= 2:
            fix = f"choose with --poi: {', '.join(names)}" if names else "name one with --poi"
            raise HzdslError("options", f"a scan is over one or two parameters, and there are {len(names)}", fix=fix)
        each = (self.points or line) if len(names) == 1 else ceil((self.points or PLANE) ** 0.5)
        ranges = self._ranges(subject, names)
        make = centers_of_bins if self.between == "centers" else np.linspace
        return {name: make(low, high, each) for name, (low, high) in ranges.items()}

    def _ranges(self, subject: Subject, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
        """Return from where to where each parameter goes."""
        parameters, found = subject.likelihood.parameters, {}
        best: Vector | None = None
        for name in names:
            p = parameters[name]
            low, high = subject.ranges.get(name, (nan, nan)) if self.between == "errors" else (p.low, p.high)
            if isnan(low) or isnan(high):
                best = needed(subject.likelihood, "before the scan") if best is None else best
                usual = usual_range(subject.likelihood, best, name)
                low, high = (u if isnan(x) else x for x, u in zip((low, high), usual, strict=True))
            if not (isfinite(low) and isfinite(high) and low < high):
                raise HzdslError("options", f"{name} has no bounds to scan between", fix=f"--range {name}=LOW,HIGH")
            found[name] = low, high
        return found


@dataclass(frozen=True)
class Scan:
    """The profile of -2 ln L over a grid; of one parameter also that of statistical uncertainties alone."""

    grid: Grid = Grid()
    name: str = "scan"
    random: bool = False
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Scan."""
        grid = self.grid.values(subject)
        found = scan(subject.likelihood, grid, with_best=True, statistical=True, progress=subject.progress)
        each = choices(subject.likelihood) if len(grid) == 1 else {}
        curves = [envelope(each, found.grid[0], found.names[0], penalty=0.0)] if each else []
        size = found.minus_2_delta_ln_l.size
        problems = (f"{found.failed} of {size} points failed",) if found.failed else ()
        numbers = dict(zip(found.names, found.best, strict=True))
        return Outcome(
            (found, *curves), problems, numbers, fix="scan where nothing that is expected is negative: --range"
        )


@dataclass(frozen=True)
class Contour:
    """The line on which the profile of two parameters has risen by the level of a probability."""

    names: tuple[str, ...] = ()
    points: int = 40
    level: float | None = None
    name: str = "contour"
    random: bool = False
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find it."""
        from scipy.stats import chi2

        names = self.names or subject.likelihood.parameters.interest
        if len(names) != 2:
            raise HzdslError("options", f"a contour is of two parameters, not {len(names)}", fix="name them with --poi")
        level = LEVELS[2][0] if self.level is None else float(chi2.ppf(self.level, 2)) / 2
        subject.progress(0, 1, "points of the contour")
        found = contour(subject.likelihood, (names[0], names[1]), level, self.points)
        problems = (f"{found.failed} of {self.points} directions failed",) if found.failed else ()
        return Outcome((found,), problems, dict(zip(found.names, found.best, strict=True)))


@dataclass(frozen=True)
class Region:
    """Which points of a grid Feldman and Cousins accept."""

    grid: Grid = Grid()
    toys: int = 500
    level: float = LEVEL
    name: str = "region"
    random: bool = True
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find them."""
        likelihood, how = subject.likelihood, replace(subject.how, toys=self.toys)
        found = feldman_cousins(likelihood, self.grid.values(subject, TESTED), how, level=self.level)
        return Outcome((found,))
