"""Scans, contours and Feldman-Cousins regions as commands ask for them."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isfinite

import numpy as np

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.methods.feldman_cousins import LEVEL, feldman_cousins
from hzdsl.stats.methods.scans import LEVELS, centers_of_bins, contour, scan
from hzdsl.stats.parameters import Vector
from hzdsl.stats.parts import JointLikelihood


@dataclass(frozen=True)
class Grid:
    """Points of one or two parameters, between their bounds.

    Parameters
    ----------
    names : tuple of str
        The parameters; those of interest where there are none.
    points : int
        How many, in all.
    at : tuple of (str, float)
        A single point instead.
    edges : bool
        The first and the last point are at the bounds; else points are the centres of bins between them.
    """

    names: tuple[str, ...] = ()
    points: int = 50
    at: tuple[tuple[str, float], ...] = ()
    edges: bool = False

    def values(self, likelihood: JointLikelihood) -> dict[str, Vector]:
        """Return the values of each parameter.

        Raises
        ------
        HzdslError
            ``options`` where there are too many parameters, or one has no bounds.
        """
        if self.at:
            return {name or likelihood.parameters.interest[0]: np.array([value]) for name, value in self.at}
        names = self.names or likelihood.parameters.interest
        if not 1 <= len(names) <= 2:
            fix = f"choose with --poi: {', '.join(names)}" if names else "name one with --poi"
            raise HzdslError("options", f"a scan is over one or two parameters, and there are {len(names)}", fix=fix)
        each = self.points if len(names) == 1 else ceil(self.points**0.5)
        return {name: self._axis(likelihood, name, each) for name in names}

    def _axis(self, likelihood: JointLikelihood, name: str, points: int) -> Vector:
        p = likelihood.parameters[name]
        if not (isfinite(p.low) and isfinite(p.high)):
            raise HzdslError("options", f"{name} has no bounds to scan between", fix=f"--range {name}=LOW,HIGH")
        return np.linspace(p.low, p.high, points) if self.edges else centers_of_bins(p.low, p.high, points)


@dataclass(frozen=True)
class Scan:
    """The profile of -ln L over a grid."""

    grid: Grid = Grid()
    name: str = "scan"
    random: bool = False
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Scan."""
        found = scan(subject.likelihood, self.grid.values(subject.likelihood), progress=subject.progress)
        problems = (f"{found.failed} of {found.delta.size} points failed",) if found.failed else ()
        numbers = dict(zip(found.names, found.best, strict=True))
        return Outcome((found,), problems, numbers, fix="scan where nothing that is expected is negative: --range")


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

    grid: Grid = Grid(points=20)
    toys: int = 500
    level: float = LEVEL
    name: str = "region"
    random: bool = True
    signal: bool = True

    def run(self, subject: Subject) -> Outcome:
        """Find them."""
        likelihood, how = subject.likelihood, replace(subject.how, toys=self.toys)
        found = feldman_cousins(likelihood, self.grid.values(likelihood), how, level=self.level)
        return Outcome((found,))
