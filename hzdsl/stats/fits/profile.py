"""The profile of a likelihood: its minimum while some parameters stand at given values, found by warm starts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.fits.minimise import minimum_of, settled
from hzdsl.stats.fits.newton import Curvature, inverse_of, solved
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector

Places = npt.NDArray[np.int64]
#: So often a start is brought nearer to the best fit where -ln L is infinite.
MOST_RETREATS = 8


@dataclass(frozen=True, eq=False)
class ProfilePoint:
    """A conditional minimum: all parameters, -ln L, and its slopes along the parameters that were set."""

    x: Vector
    value: float
    slopes: Vector
    valid: bool


class Profile:
    """Conditional minima around a best fit.

    Starts are predicted from the second derivatives at the best fit, and these serve for the first steps everywhere, so
    that a point costs some gradients and seldom new second derivatives. An instance belongs to one thread.

    Parameters
    ----------
    likelihood : Likelihood
        What is profiled.
    x : array of shape (n,)
        The best fit, all parameters.
    frozen : mapping of str to float
        Parameters that stay at a value throughout.
    bounds : mapping of str to (low, high)
        Other bounds than the parameters' own.
    """

    def __init__(
        self,
        likelihood: Likelihood,
        x: Vector,
        frozen: Mapping[str, float] | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self.likelihood = likelihood
        self.objective = Objective(likelihood, x, frozen, bounds)
        self.x = self.objective.base.copy()
        self.minimum = likelihood.value(self.x)
        self.calls = 0
        self._hessian: Matrix = self._second_derivatives()
        self._covariance = _whole(inverse_of(self._hessian))
        self._parts: dict[tuple[str, ...], _Part] = {}

    def _second_derivatives(self) -> Matrix:
        """Return those at the best fit; of parameters that do not count there what their steps say."""
        objective = self.objective
        found = objective.hessian(objective.start).copy()
        idle = np.isin(objective.free, self.likelihood.parameters.idle(self.x))
        found[idle, idle] = 1 / objective.steps[idle] ** 2
        return found

    def bounds(self, name: str) -> tuple[float, float]:
        """Return the bounds of a parameter."""
        k = self._place(name)
        return float(self.objective.low[k]), float(self.objective.high[k])

    def spread(self, name: str) -> float:
        """Return about one standard deviation of a parameter, from the second derivatives at the best fit."""
        k = self._place(name)
        variance = self.covariance((name,))[0, 0]
        if variance > 0:
            return float(np.sqrt(variance))
        diagonal = self._hessian[k, k]
        return float(1 / np.sqrt(diagonal)) if diagonal > 0 else float(self.objective.steps[k])

    def covariance(self, names: tuple[str, ...]) -> Matrix:
        """Return the covariance of some parameters at the best fit, bounds or none; zeros where there is none."""
        if self._covariance is None:
            return np.zeros((len(names), len(names)))
        places = [self._place(name) for name in names]
        return self._covariance[np.ix_(places, places)]

    def at(self, values: Mapping[str, float], near: ProfilePoint | None = None) -> ProfilePoint:
        """Return the minimum while parameters stand at values.

        Parameters
        ----------
        values : mapping of str to float
            The parameters that are set.
        near : ProfilePoint, optional
            A point found before, from which the start is predicted; else from the best fit.
        """
        part = self._part(tuple(values))
        wanted = np.array([*values.values()], float)
        origin = self.x if near is None else near.x
        objective = part.objective
        objective.base[part.places] = wanted
        objective.base[list(objective.tried)] = origin[list(objective.tried)]
        start = origin[objective.free] + part.response @ (wanted - origin[part.places])
        objective.forget()
        before = objective.calls
        found = settled(objective, self._begun(objective, start, origin[objective.free]), part.curvature)
        if not found.valid:  # from afar it may be found, as at the end of a count that explains data no more
            again = minimum_of(objective, _inside(objective, self.likelihood.parameters.values[objective.free]))
            found = again if again.valid else found
        self.calls += objective.calls - before
        z = found.z
        return ProfilePoint(objective.whole(z), objective.value(z), objective.slopes(z)[part.places], found.valid)

    @staticmethod
    def _begun(objective: Objective, start: Vector, origin: Vector) -> Vector:
        """Return where a conditional fit starts: what is predicted, or as near to it as -ln L is a number."""
        for _ in range(MOST_RETREATS):
            begin = _inside(objective, start)
            if objective.finite(begin):
                break
            start = 0.5 * (start + origin)
        return begin

    def _place(self, name: str) -> int:
        """Return the place of a parameter among the free ones."""
        found = np.flatnonzero(self.objective.free == self.likelihood.parameters.index(name))
        if not found.size:
            raise HzdslError("parameter", f"parameter '{name}' is fixed", fix="let it float, or ask for another one")
        return int(found[0])

    def _part(self, names: tuple[str, ...]) -> _Part:
        if names not in self._parts:
            local = np.array([self._place(name) for name in names])
            rest = np.setdiff1d(np.arange(len(self.objective)), local)
            objective = self.objective.without(list(self.objective.free[local]))
            curvature, response = self._others(local, rest)
            self._parts[names] = _Part(objective, self.objective.free[local], curvature, response)
        return self._parts[names]

    def _others(self, local: Places, rest: Places) -> tuple[Curvature | None, Matrix]:
        """Return the second derivatives by the other parameters, and how these follow those that are set.

        From the covariance of all: that of the others given some is a Schur complement (V_rr - V_rk V_kk⁻¹ V_kr).
        """
        matrix = self._hessian[np.ix_(rest, rest)]
        if self._covariance is None:
            return None, np.zeros((len(rest), len(local)))
        columns = self._covariance[np.ix_(rest, local)]
        response = solved(self._covariance[np.ix_(local, local)], columns.T).T
        inverse = self._covariance[np.ix_(rest, rest)] - response @ columns.T
        return Curvature(np.asfortranarray(inverse), matrix), np.asarray(response)


@dataclass(frozen=True, eq=False)
class _Part:
    """What serves all points of the same parameters: the objective of the others, and how these follow."""

    objective: Objective
    places: Places
    curvature: Curvature | None
    response: Matrix


def _inside(objective: Objective, z: Vector) -> Vector:
    return np.asarray(np.clip(z, objective.low, objective.high))


def _whole(triangle: Matrix | None) -> Matrix | None:
    """Return a symmetric matrix of which the lower triangle is known."""
    return None if triangle is None else np.tril(triangle) + np.tril(triangle, -1).T
