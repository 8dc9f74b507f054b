"""-ln L as minimisers want it: a function of the free parameters alone, remembered at its last points, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.parameters import Vector

Mask = npt.NDArray[np.bool_]
#: By so much -ln L is higher, for a minimiser, where it is not a number than at the highest point seen.
WALL = 1e6
#: So many points are remembered: a minimum is asked for again after what was tried around it.
REMEMBERED = 4


@dataclass(frozen=True, eq=False)
class _Evaluated:
    """-ln L at a point: as a minimiser is told it, the derivatives by all parameters, whether it is a number."""

    key: bytes
    value: float
    gradient: Vector
    slopes: Vector
    finite: bool


class Objective:
    """-ln L of the free parameters of a likelihood, the others staying where they are.

    Where -ln L is not a number a minimiser meets a wall: a finite value above all others, without slope. How often that
    happened is counted, and a fit that ends there has not converged.

    Parameters
    ----------
    likelihood : Likelihood
        What is to be minimised.
    start : array of shape (n,), optional
        All parameters: those that are free start here, the others stay here; else their own values.
    fixed : mapping of str to float, optional
        Parameters that stay at a value, besides those that are fixed.
    bounds : mapping of str to (low, high), optional
        Other bounds than the parameters' own.
    """

    def __init__(
        self,
        likelihood: Likelihood,
        start: Vector | None = None,
        fixed: Mapping[str, float] | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        parameters = likelihood.parameters
        self.likelihood = likelihood
        self.base = np.array(parameters.values if start is None else start, float)
        if self.base.shape != (len(parameters),):
            raise HzdslError("parameter", f"{self.base.size} starting values for {len(parameters)} parameters")
        mask, low, high = parameters.free, parameters.low, parameters.high
        for name, (least, most) in (bounds or {}).items():
            k = parameters.index(name)
            low[k], high[k] = least, most
        for name, value in (fixed or {}).items():
            k = parameters.index(name)
            mask[k], self.base[k] = False, value
        self.free = np.flatnonzero(mask)
        self.low, self.high = low[self.free], high[self.free]
        self.steps = parameters.steps[self.free]
        #: Places of what chooses between functions, and of those that a fit is to choose.
        self.indices = parameters.indices
        self.tried = tuple(
            k for k in self.indices if not parameters[k].fixed and parameters[k].name not in (fixed or {})
        )
        self.calls = self.hessians = self.products = self.not_finite = 0
        self._kept: tuple[_Evaluated, ...] = ()
        self._matrix: tuple[bytes, Matrix] | None = None
        self._highest = -np.inf

    def __len__(self) -> int:
        return len(self.free)

    def without(self, places: list[int]) -> Objective:
        """Return the same with further parameters, by their places among all, that stay where they are."""
        kept = ~np.isin(self.free, places)
        made = copy(self)
        made.base = self.base.copy()
        made.free, made.low, made.high = self.free[kept], self.low[kept], self.high[kept]
        made.steps = self.steps[kept]
        made.forget()
        return made

    def counting(self, x: Vector) -> Objective:
        """Return the objective at some values of all parameters, of those that count there: see `Parameters.idle`."""
        made = self.without(list(self.likelihood.parameters.idle(x)))
        made.base = np.array(x, float)
        return made

    @property
    def start(self) -> Vector:
        """Where the free parameters start: within their bounds."""
        return np.asarray(np.clip(self.base[self.free], self.low, self.high))

    @property
    def moved(self) -> tuple[str, ...]:
        """What is to be said of parameters that were to start outside of their bounds."""
        given, start = self.base[self.free], self.start
        far = np.flatnonzero(np.abs(given - start) > 1e-9 * self.steps)
        return tuple(f"{self.names[k]} starts at its bound {start[k]:.6g}, not at {given[k]:.6g}" for k in far)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the free parameters."""
        every = self.likelihood.parameters.names
        return tuple(every[k] for k in self.free)

    def whole(self, z: Vector) -> Vector:
        """Return all parameters, the free ones being `z`."""
        x = self.base.copy()
        x[self.free] = z
        return x

    def __call__(self, z: Vector) -> tuple[float, Vector]:
        """Return -ln L and its gradient; at one of the last points nothing is computed."""
        found = self._at(z)
        return found.value, found.gradient

    def _at(self, z: Vector) -> _Evaluated:
        key = z.tobytes()
        for known in self._kept:
            if key == known.key:
                return known
        with np.errstate(all="ignore"):
            value, slopes = self.likelihood.value_and_gradient(self.whole(z))
        self.calls += 1
        found = self._evaluated(key, float(value), np.asarray(slopes, float))
        self._kept = (found, *self._kept[: REMEMBERED - 1])
        return found

    def _evaluated(self, key: bytes, value: float, slopes: Vector) -> _Evaluated:
        gradient = slopes[self.free]
        if np.isfinite(value) and np.isfinite(gradient).all():
            self._highest = max(self._highest, value)
            return _Evaluated(key, value, gradient, slopes, True)
        self.not_finite += 1
        ground = self._highest if np.isfinite(self._highest) else 0.0
        return _Evaluated(key, ground + WALL + abs(ground), np.zeros_like(gradient), slopes, False)

    def forget(self) -> None:
        """Forget the last points: parameters that are not free have other values now."""
        self._kept, self._matrix = (), None

    def finite(self, z: Vector) -> bool:
        """Return whether -ln L is a number here."""
        return self._at(z).finite

    def slopes(self, z: Vector) -> Vector:
        """Return the derivatives by all parameters, those that are not free, too."""
        return self._at(z).slopes

    def value(self, z: Vector) -> float:
        """Return -ln L."""
        return self(z)[0]

    def gradient(self, z: Vector) -> Vector:
        """Return its derivatives by the free parameters."""
        return self(z)[1]

    def hessian(self, z: Vector) -> Matrix:
        """Return its second derivatives by the free parameters; at the same point as before nothing is computed."""
        key = z.tobytes()
        if self._matrix is None or key != self._matrix[0]:
            self.hessians += 1
            with np.errstate(all="ignore"):
                whole = np.asarray(self.likelihood.hessian(self.whole(z)), float)
            every = len(self.free) == len(self.base)
            self._matrix = key, whole if every else whole[np.ix_(self.free, self.free)]
        return self._matrix[1]

    def hessian_vector(self, z: Vector, v: Vector) -> Vector:
        """Return the product of the second derivatives with a vector."""
        self.products += 1
        direction = np.zeros_like(self.base)
        direction[self.free] = v
        with np.errstate(all="ignore"):
            product = self.likelihood.hessian_vector(self.whole(z), direction)
        return np.asarray(product, float)[self.free]
