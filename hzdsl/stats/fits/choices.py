"""Minima of likelihoods with indices, which choose between functions: discrete profiling.

P. Dauncey, M. Kenzie, N. Wardle, G. Davies, JINST 10 (2015) P04015 (arXiv:1408.6865): an index is a nuisance parameter,
profiled as any other, so the minimum is the least of the minima of all choices. That functions with more parameters
fit better is paid for in -ln L itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from math import inf, prod

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.fits.minimum import Minimum
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.parameters import Vector

#: So many combinations are all tried; of more, one index at a time is changed until no change goes down.
FEW = 32
#: By so much -ln L has to go down for another index to be better (Combine's cminDiscreteMinTol).
BETTER = 1e-3

_States = tuple[int, ...]
_Minimise = Callable[[Objective, Vector], Minimum]


@dataclass(frozen=True, eq=False)
class _Tried:
    """The minimum of one combination, all parameters there, and -ln L; infinite where there is none."""

    found: Minimum
    x: Vector
    value: float


def best_choice(objective: Objective, z: Vector, minimise: _Minimise) -> Minimum:
    """Return the least of the minima of all combinations of the indices that are to be chosen.

    The objective then has the indices of that minimum. Parameters of functions that are not chosen have the values that
    were best for these: from there other fits of them start.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    z : array
        Where to start.
    minimise : callable
        Finds the minimum of one combination: called with an objective of the parameters that count, and their start.
    """
    search = _Search(objective, objective.whole(z), minimise)
    now = tuple(int(search.start[k]) for k in objective.tried)
    best = search.of_all() if prod(search.sizes) <= FEW else search.one_at_a_time(now)
    tried = search.known[best]
    if not np.isfinite(tried.value):
        tried = search.known.get(now, tried)
    x = search.remembered(tried)
    objective.base[list(objective.tried)] = tried.x[list(objective.tried)]
    objective.forget()
    return replace(tried.found, z=x[objective.free], said=tried.found.said or search.failures())


class _Search:
    def __init__(self, objective: Objective, start: Vector, minimise: _Minimise) -> None:
        self._objective, self.start, self._minimise = objective, start, minimise
        self._parameters = objective.likelihood.parameters
        self.sizes = [len(self._parameters[k].choices) for k in objective.tried]
        self.known: dict[_States, _Tried] = {}

    def of_all(self) -> _States:
        """Return the best of all combinations."""
        return min(product(*map(range, self.sizes)), key=self._value)

    def one_at_a_time(self, best: _States) -> _States:
        """Return the best that is found by changes of one index, as Combine's CascadeMinimizer goes."""
        while True:
            before = self._value(best)
            for place in range(len(best)):
                best = min((best, *self._others(best, place)), key=self._value)
            if not self._value(best) < before - BETTER:
                return best

    def _others(self, states: _States, place: int) -> Iterator[_States]:
        for other in range(self.sizes[place]):
            if other != states[place]:
                yield (*states[:place], other, *states[place + 1 :])

    def _value(self, states: _States) -> float:
        if states not in self.known:
            self.known[states] = self._tried(states)
        return self.known[states].value

    def _tried(self, states: _States) -> _Tried:
        x, whole = self.start.copy(), self._objective
        x[list(whole.tried)] = states
        part = whole.counting(x)
        found = self._minimise(part, part.start)
        value = part.value(found.z) if found.valid else inf
        whole.calls, whole.hessians, whole.products = part.calls, part.hessians, part.products
        whole.not_finite = part.not_finite
        return _Tried(found, part.whole(found.z), value)

    def remembered(self, best: _Tried) -> Vector:
        """Return all parameters of a minimum, those that do not count there being what was best where they do."""
        x, idle = best.x.copy(), set(self._parameters.idle(best.x))
        for tried in sorted(self.known.values(), key=lambda t: -t.value):
            if np.isfinite(tried.value):
                places = sorted(idle - set(self._parameters.idle(tried.x)))
                x[places] = tried.x[places]
        return x

    def failures(self) -> str:
        """Return in words which choices had no minimum."""
        lost = [states for states, tried in self.known.items() if not np.isfinite(tried.value)]
        if not lost:
            return ""
        names = [self._parameters[k].name for k in self._objective.tried]
        said = (", ".join(f"{n} = {s}" for n, s in zip(names, states, strict=True)) for states in lost)
        return f"no minimum was found with {'; '.join(said)}"
