"""A likelihood of several parts that share parameters: binned channels, unbinned ones, and constraints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Self

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import plus
from hzdsl.ir.node import Node
from hzdsl.ir.relaxed import relaxed
from hzdsl.results.text import TextTable
from hzdsl.stats.compiled import Array, Code, Evaluator, Graph
from hzdsl.stats.constraints import Constraints
from hzdsl.stats.fields import wrong
from hzdsl.stats.likelihood import Flags, Matrix, Observation, Simulated, seen
from hzdsl.stats.lists import THETA
from hzdsl.stats.parameters import Parameters, Vector
from hzdsl.stats.part import Channels, Made, Part, Values
from hzdsl.stats.products import Integers
from hzdsl.stats.shown import Shown
from hzdsl.stats.sparsity import columns_together
from hzdsl.stats.variability import Variability


class JointLikelihood(Shown):
    """-ln L of parts: see `hzdsl.stats.likelihood.Likelihood`. It is used from one thread at a time; `fresh` copies it.

    Parameters
    ----------
    parts : sequence of Part
        Channels.
    parameters : Parameters
        All parameters, with what constrains them.
    observation : Observation
        What was measured.
    """

    def __init__(self, parts: Sequence[Part], parameters: Parameters, observation: Observation) -> None:
        if not isinstance(parts, Sequence) or not parts or not all(hasattr(p, "result") for p in parts):
            raise wrong(
                "the parts of a likelihood", parts, "[TemplatePart(model), UnbinnedPart(model, observation), …]"
            )
        if not isinstance(parameters, Parameters) or not isinstance(observation, Observation):
            what = "the parameters and the observation of a likelihood"
            raise wrong(what, (parameters, observation), "Parameters([…]), Observation({…}, centers)")
        self._parts, self._parameters, self._observation = tuple(parts), parameters, observation
        self._constraints = Constraints(parameters)
        result = reduce(plus, [*(p.result for p in parts), *self._constraints.terms()])
        self._code = Code(Graph(relaxed(result), parameters.names, THETA))
        self._columns, self._counts = self._fixed()
        homes = (home for p in parts for home in p.homes())
        #: Where parameters that are profiled bin by bin are frozen, NaN where they are not.
        self._held = {c: np.full(len(flags), np.nan) for p in parts for c, flags in p.profiled.items()}
        self._products = columns_together(homes, parameters)
        self._variability = Variability(parts, self._constraints, parameters.names)
        self._measured: tuple[dict[Node, Array], dict[Node, Integers]] = ({}, {})
        self._bind(observation, None)

    def _fixed(self) -> tuple[dict[Node, Array], dict[Node, Integers]]:
        columns, counts = self._constraints.columns(), self._constraints.counts()
        for part in self._parts:
            columns |= part.columns
            counts |= part.counts
        return columns, counts

    def _bind(self, observation: Observation, before: Evaluator | None) -> None:
        """Take an observation; lists of the same lengths as before keep what was laid out."""
        known = [c for p in self._parts for c in p.channels]
        unknown = observation.channels.keys() - set(known)
        if unknown:
            raise HzdslError("model", f"there is no channel '{min(unknown)}'", fix=f"the model has {', '.join(known)}")
        columns: dict[Node, Array] = self._constraints.observed(observation.centers)
        counts: dict[Node, Integers] = {}
        for part in self._parts:
            more, lengths = part.observed(observation)
            columns |= more
            counts |= lengths
        same = before is not None and _same(counts, self._measured[1])
        self._observation, self._measured = observation, (columns, counts)
        if before is not None and same:
            self._evaluator = before.with_columns(columns)
        else:
            every = {**self._counts, **counts}
            self._evaluator = Evaluator(self._code, {**self._columns, **columns}, every, self._products)
        self._offset = self._constraints.offset(observation.centers) + sum(p.offset(observation) for p in self._parts)

    # ---- the protocol -----------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Parameters:
        """The parameters, in the order of the arguments."""
        return self._parameters

    def __repr__(self) -> str:
        names = ", ".join(c for p in self._parts for c in p.channels)
        free, interest = int(self._parameters.free.sum()), ", ".join(self._parameters.interest)
        said = f"{free} free parameters" + (f", of interest: {interest}" if interest else "")
        return f"<likelihood of {names}; {said}>"

    def tables(self) -> tuple[TextTable, ...]:
        """Return two tables: its channels with what was observed, and its parameters."""
        rows = []
        for part in self._parts:
            for channel in part.channels:
                rows.append((channel, *seen(self._observation.channels[channel])))
        header = ("channel", "data", "events")
        return (TextTable("likelihood", header, tuple(rows)), *self._parameters.tables())

    @property
    def channels(self) -> tuple[Any, ...]:
        """The channels as they were declared: `Channel`, `UnbinnedChannel` or `BinnedChannel`."""
        return tuple(c for p in self._parts for c in p.records)

    @property
    def observation(self) -> Observation:
        """What was measured."""
        return self._observation

    def value(self, x: Vector) -> float:
        """Return -ln L."""
        return self._evaluator.value(x) + self._offset

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """Return -ln L and its derivatives by all parameters, found in one pass."""
        value, slopes = self._evaluator.value_and_gradient(x)
        return value + self._offset, slopes

    def hessian(self, x: Vector) -> Matrix:
        """Return the second derivatives of -ln L, shape (n, n)."""
        return self._evaluator.hessian(x)

    def hessian_vector(self, x: Vector, v: Vector) -> Vector:
        """Return the product of the second derivatives with a vector."""
        return self._evaluator.hessian_vector(x, v)

    def score_covariance(self, x: Vector) -> Matrix:
        """Return how much the slopes of -ln L vary from one measurement to the next, shape (n, n).

        Rows are weighted ones that come at random; where all weights are 1 it is about the second derivatives.
        """
        found = self._variability.of_rows(self._values(x))
        code = self._variability.code
        if code is not None:
            columns, counts = {**self._columns, **self._measured[0]}, {**self._counts, **self._measured[1]}
            found += Evaluator(code, columns, counts, self._products).hessian(x)
        return found

    def given(self, observation: Observation) -> Self:
        """Return the likelihood of the same model, given another observation; nothing is compiled again."""
        made = self._copy()
        made._bind(observation, self._evaluator)
        return made

    def with_parameters(self, parameters: Parameters) -> Self:
        """Return the same with other starting values, bounds, fixed or interesting parameters; names stay."""
        if parameters.names != self._parameters.names:
            raise HzdslError("parameter", "a likelihood keeps the names of its parameters, in their order")
        if any(a.constraint != b.constraint for a, b in zip(parameters, self._parameters, strict=True)):
            fix = "give it another observation: global observables are its centers"
            raise HzdslError("parameter", "a likelihood keeps the constraints of its parameters", fix=fix)
        made = self._copy()
        made._parameters = parameters
        return made

    def fresh(self) -> Self:
        """Return the same for another thread."""
        made = self._copy()
        made._evaluator = self._evaluator.with_columns({})
        return made

    def _copy(self) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def remarks(self, x: Vector) -> tuple[str, ...]:
        """Return what is to be said of the model at a point: which integrals are less accurate than promised."""
        return tuple(said for p in self._parts for said in p.remarks(self._named(x)))

    @property
    def profiled(self) -> Mapping[str, Flags]:
        """Which bins have a parameter of limited simulation that is profiled by itself, and is not frozen."""
        found = {c: flags & np.isnan(self._held[c]) for p in self._parts for c, flags in p.profiled.items()}
        return {c: flags for c, flags in found.items() if flags.any()}

    def with_simulation_frozen(self, x: Vector | None = None, bins: Mapping[str, Flags] | None = None) -> Self:
        """Return the same with parameters that are profiled bin by bin frozen, at their best values for x or at 0."""
        wanted, held, columns = self.profiled if bins is None else bins, dict(self._held), dict[Node, Array]()
        for part in self._parts:
            best = part.shifts(self._values(x)) if x is not None else {}
            for c, flags in part.profiled.items():
                now = flags & np.isnan(held[c]) & wanted.get(c, False)
                held[c] = np.where(now, best.get(c, 0.0), held[c])
            columns |= part.held(held)
        made = self._copy()
        made._held, made._columns = held, {**self._columns, **columns}
        made._evaluator = self._evaluator.with_columns(columns)
        return made

    def expected(self, x: Vector) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected per channel and process: the contents of bins; of an unbinned channel one number."""
        found: dict[str, Mapping[str, Vector]] = {}
        for part in self._parts:
            found |= part.expected(self._named(x), self._values(x))
        return found

    def simulated(self, x: Vector, fitted: bool = True) -> Mapping[str, Simulated]:
        """Return what is profiled bin by bin, of channels with such bins; at its nominal value unless `fitted`."""
        found: dict[str, Simulated] = {}
        for part in self._parts:
            found |= part.simulated(self._values(x), fitted)
        return found

    def cumulative(self, x: Vector) -> Mapping[str, Vector]:
        """Return per channel of rows what part of its density lies below each row."""
        found: dict[str, Vector] = {}
        for part in self._parts:
            found |= part.cumulative(self._named(x), self._observation)
        return found

    def asimov(self, x: Vector, profiled: bool = True) -> Observation:
        """Return the observation that is exactly as expected; global observables are those of x."""
        return self._made(lambda p: p.asimov(self._named(x), self._values(x), profiled), self._constraints.centers(x))

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True, profiled: bool = True) -> Observation:
        """Return a random observation; `centers`: global observables are drawn, too, else they stay."""
        found = self._made(lambda p: p.toy(self._named(x), self._values(x), rng, profiled), self._observation.centers)
        if not centers:
            return Observation(found.channels, found.centers, self._observation.statistics)
        return Observation(found.channels, self._constraints.drawn(x, rng), found.statistics)

    def _made(self, make: Callable[[Part], Made], centers: Vector) -> Observation:
        channels: Channels = {}
        statistics: dict[str, Vector] = {}
        for part in self._parts:
            more, shifts = make(part)
            channels |= more
            statistics |= shifts
        return Observation(channels, centers, statistics)

    def shown(self, x: Vector) -> tuple[str, ...]:
        """Return the channels that count: all that are not masked."""
        return tuple(c for p in self._parts for c in p.shown(self._named(x)))

    def saturated(self) -> float:
        """Return -ln L where each bin's expectation is its count and each constraint is met.

        A channel that is masked adds to it what it adds to -ln L: what does not depend on parameters.
        """
        return sum(p.least() for p in self._parts) + self._offset

    def _named(self, x: Vector) -> dict[str, float]:
        return dict(zip(self._parameters.names, map(float, x), strict=True))

    def _values(self, x: Vector) -> Values:
        return lambda *nodes: self._evaluator.values(nodes, x)


def _same(a: Mapping[Node, Integers], b: Mapping[Node, Integers]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(v, b[k]) for k, v in a.items())
