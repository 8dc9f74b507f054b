"""Where the profile of -ln L has risen by a level: MINOS intervals and everything made of them.

iminuit's own MINOS finds each point of the profile by a full MIGRAD and interpolates values; here a point is found from
the second derivatives at the best fit, and its slope is known, since at a conditional minimum the derivative of the
profile is the partial derivative of -ln L. √(2Δ) is nearly a straight line, on which Newton's method needs two or three
points, to 1e-5 of an error, within a bracket that is halved where a step leaves it.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.profile import Profile, ProfilePoint
from hzdsl.stats.parameters import Vector

#: How a search ended: at the level; at a bound of the parameter before it; with a profile that does not rise that far;
#: with a conditional fit that failed; with a minimum deeper than the best fit.
State = Literal["crossed", "bound", "flat", "failed", "deeper"]
#: Those that are no answer; a bound that is met first is one.
UNANSWERED: frozenset[str] = frozenset({"flat", "failed", "deeper"})
PRECISION = 1e-5
MOST_POINTS = 40
#: A profile that has not risen to its level so many errors away does not rise.
FARTHEST = 1e4
#: By so much a conditional minimum may be deeper than the best fit.
DEEPER = 1e-5


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where the profile meets a level, on one side: the parameter, all parameters there, and how the search ended."""

    at: float
    x: Vector
    state: State


@dataclass(frozen=True)
class Interval:
    """An interval of one parameter around its best fit, and how both ends were found.

    An end that is not ``crossed`` is the last point reached: a bound, or where the search was given up.
    """

    name: str
    value: float
    low: float
    high: float
    low_state: State = "crossed"
    high_state: State = "crossed"

    @property
    def minus(self) -> float:
        """How far below the best fit it begins, a positive number."""
        return self.value - self.low

    @property
    def plus(self) -> float:
        """How far above the best fit it ends."""
        return self.high - self.value

    @property
    def complete(self) -> bool:
        """Whether both ends are where the likelihood says."""
        return self.low_state == self.high_state == "crossed"

    @property
    def answered(self) -> bool:
        """Whether both ends are where the likelihood or a bound says."""
        return not {self.low_state, self.high_state} & UNANSWERED

    def words(self) -> str:
        """Return what is to be said of the ends, nothing where both were found."""
        said = {
            "bound": "ends at the bound {}",
            "flat": "has no end: the likelihood does not change enough up to {}",
            "failed": "ends unknown: the fit at {} did not converge",
            "deeper": "ends unknown: a deeper minimum was found at {}",
        }
        parts = [
            f"{side} {said[state].format(f'{at:.6g}')}"
            for side, at, state in (("below", self.low, self.low_state), ("above", self.high, self.high_state))
            if state != "crossed"
        ]
        return ", ".join(parts)


def crossing(profile: Profile, name: str, level: float = 0.5, up: bool = True) -> Crossing:
    """Return where the profile has risen by `level` above its minimum, above or below the best fit.

    Parameters
    ----------
    profile : Profile
        Of the likelihood, around its best fit.
    name : str
        The parameter.
    level : float
        Rise of -ln L: ½ of one standard deviation, 1.92 of 95 %.
    up : bool
        Whether above the best fit.
    """
    search = _Search(profile, name, level, up)
    theta = search.first()
    point: ProfilePoint | None = None
    for _ in range(MOST_POINTS):
        point = profile.at({name: theta}, point)
        state = search.told(theta, point)
        if state is not None:
            return Crossing(theta, point.x, state)
        theta = search.next(theta, point)
    return Crossing(theta, profile.x if point is None else point.x, "failed")


class _Search:
    """Newton's method on √(2Δ) - √(2 level), kept in a bracket."""

    def __init__(self, profile: Profile, name: str, level: float, up: bool) -> None:
        self.sign = 1.0 if up else -1.0
        self.target = sqrt(2 * level)
        self.minimum = profile.minimum
        self.origin = float(profile.x[profile.likelihood.parameters.index(name)])
        self.spread = profile.spread(name)
        self.bound = profile.bounds(name)[1 if up else 0]
        self.inside, self.outside = 0.0, np.inf  # distances from the best fit
        self.most = abs(self.bound - self.origin)

    def first(self) -> float:
        return self._within(self.spread * self.target)

    def told(self, theta: float, point: ProfilePoint) -> State | None:
        """Return how the search ends at a point; None where it goes on."""
        if not point.valid or not np.isfinite(point.value):
            return "failed"
        rise = point.value - self.minimum
        if rise < -DEEPER * max(1.0, 1e-9 * abs(self.minimum)):
            return "deeper"
        distance, over = self._distance(theta), sqrt(max(0.0, 2 * rise)) - self.target
        if abs(over) < PRECISION * self.target:
            return "crossed"
        if over < 0 and distance >= self.most:
            return "bound"
        if over < 0 and distance > FARTHEST * self.spread:
            return "flat"
        if over < 0:
            self.inside = distance
        else:
            self.outside = distance
        return None

    def next(self, theta: float, point: ProfilePoint) -> float:
        """Return where to look next."""
        distance, root = self._distance(theta), sqrt(max(0.0, 2 * (point.value - self.minimum)))
        rate = self.sign * float(point.slopes[0]) / root if root > 0 else 0.0
        wanted = distance - (root - self.target) / rate if rate > 0 else np.inf
        if np.isfinite(self.outside):
            if not self.inside < wanted < self.outside:
                wanted = 0.5 * (self.inside + self.outside)
        else:
            wanted = min(max(wanted, 1.001 * distance), 4 * distance)
        return self._within(wanted)

    def _distance(self, theta: float) -> float:
        return self.sign * (theta - self.origin)

    def _within(self, distance: float) -> float:
        return self.bound if distance >= self.most else self.origin + self.sign * distance


def interval(profile: Profile, name: str, level: float = 0.5) -> Interval:
    """Return the interval between both crossings of a level."""
    value = float(profile.x[profile.likelihood.parameters.index(name)])
    low, high = (crossing(profile, name, level, up) for up in (False, True))
    return Interval(name, value, low.at, high.at, low.state, high.state)
