"""The likelihood of a binned model: compiled once for each kind of model, whatever its size, data and constraints."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.backends.passes.data import Bound
from hzdsl.backends.passes.program import compile_graph
from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.stats.compiled import Array, Code, Evaluator, Graph
from hzdsl.stats.likelihood import Matrix, Observation, Rows
from hzdsl.stats.parameters import Counted, Normal, Parameters, Vector, offset_of
from hzdsl.stats.templates import axes
from hzdsl.stats.templates.graph import expected, negative_log_likelihood
from hzdsl.stats.templates.model import TemplateModel
from hzdsl.stats.templates.tables import Tables, constrained, tables


class TemplateLikelihood:
    """-ln L of a `TemplateModel`, with all constants: see `hzdsl.stats.likelihood.Likelihood`.

    Parameters
    ----------
    model : TemplateModel
        Channels with their observed counts, and parameters with what was measured of them.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.model import Channel, Factor, Process
    >>> signal = Process("signal", np.array([2.0]), factors=(Factor("mu"),))
    >>> channel = Channel("only", (signal, Process("background", np.array([8.0]))), np.array([11.0]))
    >>> likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([Parameter("mu", 1.0)])))
    >>> round(likelihood.value(np.array([1.5])), 6)
    2.126907
    """

    def __init__(self, model: TemplateModel) -> None:
        self._tables = tables(model)
        result = negative_log_likelihood(self._tables.parts)
        graph = Graph(result, model.parameters.names, axes.THETA)
        self._model, self._parameters = model, model.parameters
        self._code = Code(graph)
        self._evaluator = Evaluator(self._code, self._tables.columns, self._tables.counts)
        counts = {c.name: np.asarray(c.counts, float) for c in model.channels}
        self._observation = Observation(counts, model.parameters.centers)
        self._offset = self._constant()

    @property
    def parameters(self) -> Parameters:
        """The parameters, in the order of the arguments."""
        return self._parameters

    @property
    def observation(self) -> Observation:
        """What was measured."""
        return self._observation

    @property
    def model(self) -> TemplateModel:
        """What it is made of."""
        return self._model

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

    # ---- other data ---------------------------------------------------------------------------------------------

    def given(self, observation: Observation) -> TemplateLikelihood:
        """Return the likelihood of the same model, given another observation; nothing is compiled again."""
        made = self._copy()
        made._observation = observation
        made._evaluator = self._evaluator.with_columns(_observed(self._tables, self._model, observation))
        made._offset = made._constant()
        return made

    def with_parameters(self, parameters: Parameters) -> TemplateLikelihood:
        """Return the same with other starting values, bounds, fixed or interesting parameters; names stay."""
        if parameters.names != self._parameters.names:
            raise HzdslError("parameter", "a likelihood keeps the names of its parameters, in their order")
        made = self._copy()
        made._parameters = parameters
        return made

    def fresh(self) -> TemplateLikelihood:
        """Return the same for another thread: one evaluates from one thread at a time."""
        made = self._copy()
        made._evaluator = self._evaluator.with_columns({})
        return made

    def _copy(self) -> TemplateLikelihood:
        made = object.__new__(TemplateLikelihood)
        made.__dict__.update(self.__dict__)
        return made

    # ---- expectations -------------------------------------------------------------------------------------------

    def expected(self, x: Vector) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected per channel and process in each bin."""
        each, found, begin = self._each(x), {}, 0
        for channel in self._model.channels:
            shape = len(channel.counts), len(channel.processes)
            block = each[begin : begin + shape[0] * shape[1]].reshape(shape)
            begin += shape[0] * shape[1]
            found[channel.name] = {p.name: block[:, k].copy() for k, p in enumerate(channel.processes)}
        return found

    def _each(self, x: Vector) -> Vector:
        """Return what is expected of each cell."""
        node = expected(self._tables.parts)
        compiled = compile_graph([node])
        theta = np.append(x, 1.0)
        bound = Bound(compiled, {**self._tables.columns, axes.THETA: theta}, self._tables.counts)
        names = self._parameters.names
        bound([x[names.index(p.text("name"))] for p in compiled.params])
        return bound.along(node)

    def asimov(self, x: Vector) -> Observation:
        """Return the observation that is exactly as expected; global observables are those of x."""
        counts = {c: np.sum(list(p.values()), axis=0) for c, p in self.expected(x).items()}
        return Observation(counts, self._centers(x))

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True) -> Observation:
        """Return a random observation; `centers`: global observables are drawn, too, else they stay."""
        counts = {c: rng.poisson(v).astype(float) for c, v in self.asimov(x).channels.items()}  # type: ignore[arg-type]
        return Observation(counts, self._drawn(x, rng) if centers else self._observation.centers)

    def _centers(self, x: Vector) -> Vector:
        found = np.full(len(x), np.nan)
        for k, constraint in constrained(self._parameters):
            found[k] = x[k] if isinstance(constraint, Normal) else constraint.scale * x[k]
        return found

    def _drawn(self, x: Vector, rng: np.random.Generator) -> Vector:
        found = self._centers(x)
        for k, constraint in constrained(self._parameters):
            found[k] = drawn(constraint, found[k], rng)
        return found

    def saturated(self) -> float:
        """Return the value of -ln L where each bin's expectation is its count and each constraint is met."""
        total = 0.0
        for counts in self._observation.channels.values():
            assert not isinstance(counts, Rows)
            some = counts[counts > 0]
            total += float(np.sum(counts) - np.sum(some * np.log(some)))
        for k, constraint in constrained(self._parameters):
            n = self._observation.centers[k]
            if isinstance(constraint, Counted):
                total += float(n - (n * np.log(n) if n > 0 else 0.0))
        return total + self._offset

    def _constant(self) -> float:
        """Return what does not depend on parameters: ln n!, and the normalisation of constraints."""
        from scipy.special import gammaln

        total = sum(float(np.sum(gammaln(np.asarray(c) + 1))) for c in self._observation.channels.values())
        centers = self._observation.centers
        return total + sum(offset_of(c, float(centers[k])) for k, c in constrained(self._parameters))


def drawn(constraint: Normal | Counted, expected_: float, rng: np.random.Generator) -> float:
    """Return a random global observable where its parameter has a value."""
    if isinstance(constraint, Counted):
        return float(rng.poisson(max(expected_, 0.0)))
    below = constraint.sigma if constraint.sigma_low is None else constraint.sigma_low
    # a two-sided constraint ½((x - c)/σ±)²: c lies above x with the width of "x below c"
    if rng.random() < below / (below + constraint.sigma):
        return float(expected_ + abs(rng.normal(0.0, below)))
    return float(expected_ - abs(rng.normal(0.0, constraint.sigma)))


def _observed(own: Tables, model: TemplateModel, observation: Observation) -> dict[Node, Array]:
    """Return the columns that an observation replaces."""
    counts = []
    for channel in model.channels:
        found = observation.channels.get(channel.name)
        if found is None or isinstance(found, Rows) or np.shape(found) != np.shape(channel.counts):
            what = f"channel '{channel.name}' has {len(channel.counts)} bins, and the observation "
            what += "lacks it" if found is None else "has other ones"
            raise HzdslError("model", what, fix="give one count for each bin of each channel")
        counts.append(np.asarray(found, float))
    columns: dict[Node, Array] = {axes.COUNTS: np.concatenate(counts)}
    found_ = list(constrained(model.parameters))
    for kind, axis, name in ((Normal, axes.NORMALS, "normals.center"), (Counted, axes.COUNTED, "counted.count")):
        which = [k for k, c in found_ if isinstance(c, kind)]
        if which:
            columns[axes.numbers(axis, name)] = observation.centers[which]
    return columns
