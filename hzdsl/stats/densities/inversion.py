"""Random rows of a density, by inverting its integral: exact, whatever its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from hzdsl.backends.codegen import CodegenBackend
from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.lang.values import Value
from hzdsl.native import kernel_cache
from hzdsl.records import dataclass
from hzdsl.stats.densities.combined import Joint
from hzdsl.stats.densities.density import Density, Ranges
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.observable import ROWS, Range, constant, range_of
from hzdsl.stats.parameters import Vector

#: The name of the column from which integrals run.
_FROM = "from"

Columns = dict[str, Vector]
Values = Mapping[str, float]


class Draws:
    """Random values of one observable, from the integral of its density up to x: an expression along the rows."""

    def __init__(self, density: Density, ranges: Ranges) -> None:
        node = density.observable.node
        self.name, self._given = node.text("name"), tuple(n.text("name") for n in density.conditional)
        self._ranges: tuple[Range, ...] = ranges.get(self.name, (range_of(node),))
        low = Value(make("column", ROWS, name=_FROM, attr=_FROM, dtype=DType.F64, unit=node.type.unit))
        below, height = density.cumulative(low, density.observable, ranges)
        one = constant(1.0, node.type.unit)
        self._kept: tuple[tuple[tuple[str, float], ...], Table] | None = None
        values = [Value(build.lift(v.node, ROWS)) for v in (below / one, height)]
        backend = CodegenBackend(cache=kernel_cache()) if self._given else None  # it is asked many times for each toy
        self._at, self._height = RowEvaluator(values, backend), RowEvaluator(values[1:])

    def draw(self, size: int, values: Values, rng: np.random.Generator, given: Mapping[str, Vector]) -> Vector:
        """Return so many values; `given` are the rows' other columns."""
        if not self._given:
            return self._table(values).draw(size, rng, lambda x: self._height({self.name: x}, values)[0])
        return self._inverted(rng.random(size), values, {name: given[name] for name in self._given})

    def shares(self, edges: Vector, values: Values) -> Vector:
        """Return what part of the density lies in each cell between edges within a range."""
        whole = sum(self._both(a, np.array([b]), values)[0][0] for a, b in self._ranges)
        result: Vector = np.diff(self._both(edges[0], edges, values)[0]) / whole
        return result

    def below(self, x: Vector, values: Values) -> Vector:
        """Return what part of the density lies below each x."""
        whole, below = 0.0, np.zeros_like(x)
        for a, b in self._ranges:
            mass = self._both(a, np.append(np.clip(x, a, b), b), values)[0]
            whole, below = whole + float(mass[-1]), below + mass[:-1]
        if not (np.isfinite(whole) and whole > 0):
            raise self._no_integral()
        return np.asarray(below / whole)

    def _both(self, low: float, x: Vector, values: Values) -> tuple[Vector, Vector]:
        """Return the integral from one place to each x, and the height there."""
        mass, height = self._at({_FROM: np.full_like(x, low), self.name: x}, values)
        return mass, height

    def _table(self, values: Values) -> Table:
        """Return the table where parameters have these values, kept until they have others: toys are many."""
        key = tuple(sorted(values.items()))
        if self._kept is None or self._kept[0] != key:
            parts = [tabulated(partial(self._both, a, values=values), a, b) for a, b in self._ranges]
            names = ("low", "high", "left", "right", "mass")
            whole = Table(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
            if not (np.isfinite(whole.mass.sum()) and whole.mass.sum() > 0):
                raise self._no_integral()
            self._kept = key, whole
        return self._kept[1]

    def _no_integral(self) -> HzdslError:
        what = f"the density of '{self.name}' has no integral where these parameters are"
        return HzdslError("arguments", what, fix="keep them where it is a number above 0")

    def _inverted(self, u: Vector, values: Values, columns: Mapping[str, Vector]) -> Vector:
        """Return x of which a part u of each row's own density lies below, by Newton's method within halved bounds."""

        def both(low: Vector, x: Vector, rows: npt.NDArray[np.int64]) -> list[Vector]:
            return self._at({_FROM: low, self.name: x, **{n: c[rows] for n, c in columns.items()}}, values)

        every = np.arange(len(u))
        ends = np.array(self._ranges, float)
        reached = np.cumsum([both(np.full_like(u, a), np.full_like(u, b), every)[0] for a, b in ends], axis=0)
        if not np.all(np.isfinite(reached[-1]) & (reached[-1] > 0)):
            raise self._no_integral()
        wanted = u * reached[-1]
        k = (wanted >= reached).sum(axis=0).clip(max=len(ends) - 1)
        wanted = wanted - np.where(k > 0, reached[k - 1, every], 0.0)
        low, high = ends[k].T.copy()
        below, x, todo = low.copy(), 0.5 * (low + high), every
        precision = _PRECISION * float(np.abs(ends).max())
        for _ in range(_MOST_STEPS):
            if not len(todo):
                break
            mass, height = both(low[todo], x[todo], todo)
            off = mass - wanted[todo]
            above = off > 0
            high[todo], below[todo] = np.where(above, x[todo], high[todo]), np.where(above, below[todo], x[todo])
            with np.errstate(all="ignore"):
                new = x[todo] - off / height
            inside = (new >= below[todo]) & (new <= high[todo])
            new = np.where(inside, new, 0.5 * (below[todo] + high[todo]))
            moved, x[todo] = np.abs(new - x[todo]), new
            todo = todo[(moved > precision) & (high[todo] - below[todo] > precision)]
        result: Vector = x
        return result


#: A value is found to this part of its size; a hundred halvings are more than a double has digits.
_PRECISION, _MOST_STEPS = 1e-13, 100


# ---- one density for all rows --------------------------------------------------------------------------------------

#: In a cell a straight line differs by this part from the density, or the cell holds no more than that of the whole.
_STRAIGHT, _NOTHING = 1e-3, 1e-9
#: Values are drawn below a line that is this much higher than the straight one, and kept below the density.
_ENVELOPE = 1.02


@dataclass(frozen=True, eq=False)
class Table:
    """Cells in which a density is almost straight: their ends, its heights there, its exact integral."""

    low: Vector
    high: Vector
    left: Vector
    right: Vector
    mass: Vector

    def draw(self, size: int, rng: np.random.Generator, height: Callable[[Vector], Vector]) -> Vector:
        """Return random values: a cell by its integral, in it by a straight line, accepted where below the density."""
        cell = np.searchsorted(np.cumsum(self.mass), rng.random(size) * self.mass.sum(), side="right")
        cell = cell.clip(max=len(self.mass) - 1)
        x, todo = np.empty(size), np.arange(size)
        while len(todo):
            c = cell[todo]
            f0, f1, u = self.left[c], self.right[c], rng.random(len(todo))
            slanted = f0 + np.sqrt(f0 * f0 + u * (f1 * f1 - f0 * f0))
            t = np.where(slanted > 0, u * (f0 + f1) / np.where(slanted > 0, slanted, 1.0), u)
            new = x[todo] = self.low[c] + t * (self.high[c] - self.low[c])
            line = (f0 + t * (f1 - f0)) * _ENVELOPE
            todo = todo[rng.random(len(todo)) * line > height(new)]
        return x


def tabulated(both: Callable[[Vector], tuple[Vector, Vector]], a: float, b: float) -> Table:
    """Return the cells of a range, divided until the density is straight in each; `both`: integral and height at x."""
    x = np.linspace(a, b, 513)
    mass, height = both(x)
    while True:
        held, width = np.diff(mass), np.diff(x)
        off = np.abs(0.5 * width * (height[1:] + height[:-1]) - held)
        curved = np.flatnonzero((off > _STRAIGHT * held + _NOTHING * held.sum()) & (width > 1e-13 * (abs(a) + abs(b))))
        if not len(curved):
            filled = held > 0
            found = (x[:-1], x[1:], height[:-1], height[1:], held)
            return Table(*(v[filled] for v in found))
        new = 0.5 * (x[curved] + x[curved + 1])
        new_mass, new_height = both(new)
        pairs = ((x, new), (mass, new_mass), (height, new_height))
        x, mass, height = (np.insert(old, curved + 1, added) for old, added in pairs)


class RowsOf:
    """Random rows of a density: its factors one after the other, those first that others depend on."""

    def __init__(self, density: Density, ranges: Ranges) -> None:
        factors = list(density.factors) if isinstance(density, Joint) else [density]
        known: set[Node] = set(density.conditional)
        self._draws: list[Draws] = []
        while factors:
            ready = next((p for p in factors if known.issuperset(p.conditional)), None)
            if ready is None:
                what = "the factors of a product depend on each other in a circle"
                raise HzdslError("cycle", what, fix=f"{', '.join(map(repr, factors))}")
            factors.remove(ready)
            known.update(ready.observables)
            self._draws.append(Draws(ready, ranges))

    def draw(self, size: int, values: Values, rng: np.random.Generator, given: Mapping[str, Vector]) -> Columns:
        """Return random columns, and those that were given."""
        found: Columns = dict(given)
        for draws in self._draws:
            found[draws.name] = draws.draw(size, values, rng, found)
        return found
