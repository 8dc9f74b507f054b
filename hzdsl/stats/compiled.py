"""A likelihood that is a graph, compiled: its value, gradient and second derivatives, for any data of one model."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hzdsl.backends.passes.data import Bound
from hzdsl.backends.passes.program import Compiled, compile_graph
from hzdsl.backends.passes.structure import axis_of
from hzdsl.ir.autodiff import gradient, tangents
from hzdsl.ir.node import Node, make, topological
from hzdsl.native.kernels import kernel_cache
from hzdsl.records import dataclass
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector
from hzdsl.stats.products import Integers, Products, one_by_one

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Graph:
    """-ln L as an expression, and where its parameters stand in it.

    Parameters
    ----------
    result : Node
        -ln L up to a constant, per event.
    names : tuple of str
        The parameters, in the order of arguments: `param` nodes have these names.
    theta : Node, optional
        A column along a list of all parameters, for expressions that refer to them by number; one more position at its
        end is always 1.
    """

    result: Node
    names: tuple[str, ...]
    theta: Node | None = None

    @cached_property
    def params(self) -> tuple[Node, ...]:
        """The nodes of parameters that the expression names: several of one name, where defaults differ, are one."""
        own = set(self.names)
        return tuple(n for n in topological([self.result]) if n.op == "param" and n.text("name") in own)

    @property
    def moving(self) -> tuple[Node, ...]:
        """What the expression is differentiated by."""
        return self.params if self.theta is None else (*self.params, self.theta)

    @cached_property
    def slopes(self) -> list[Node]:
        """The gradient, by what moves."""
        return gradient(self.result, self.moving)

    @cached_property
    def rates(self) -> dict[Node, Node]:
        """For each of what moves the node that says at which rate, in products with second derivatives."""
        found = {p: make("param", **{**dict(p.attrs), "name": _rate(p.text("name"))}) for p in self.params}
        if self.theta is not None:
            axis = self.theta.type.axis
            assert axis is not None
            attrs = {**dict(self.theta.attrs), "name": _rate(self.theta.text("name")), "attr": "rate"}
            found[self.theta] = make("column", axis, **attrs)
        return found

    @cached_property
    def bends(self) -> list[Node]:
        """The product of the second derivatives with a vector of rates, by what moves."""
        return tangents(self.slopes, self.rates)


def _rate(name: str) -> str:
    return f"{name}'"


class Code:
    """The functions of one graph, each compiled when it is first asked for; shared by likelihoods and threads."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._lock = threading.Lock()
        self._compiled: dict[str, Compiled] = {}
        self._values: dict[tuple[Node, ...], Compiled] = {}

    def function(self, what: str) -> Compiled:
        """Return ``"value"``, ``"slopes"`` (with the value) or ``"bends"``."""
        with self._lock:
            if what not in self._compiled:
                g = self.graph
                outputs = {
                    "value": lambda: [g.result],
                    "slopes": lambda: [g.result, *g.slopes],
                    "bends": lambda: g.bends,
                }
                self._compiled[what] = compile_graph(outputs[what](), cache=kernel_cache())
            return self._compiled[what]

    def values(self, nodes: tuple[Node, ...]) -> Compiled:
        """Return a function that finds further values of the graph."""
        with self._lock:
            if nodes not in self._values:
                self._values[nodes] = compile_graph(nodes, cache=kernel_cache())
            return self._values[nodes]


class Evaluator:
    """A graph with data: numbers for parameters, from one thread at a time.

    Parameters
    ----------
    code : Code
        The functions.
    columns, counts
        Data, as `hzdsl.backends.passes.data.Bound` takes them; without the list of parameters.
    products : Products, optional
        By which products second derivatives are found; else by one for each parameter.
    """

    def __init__(
        self,
        code: Code,
        columns: Mapping[Node, Array],
        counts: Mapping[Node, Integers],
        products: Products | None = None,
    ) -> None:
        self._code, self._columns, self._counts = code, dict(columns), counts
        self._products = one_by_one(len(code.graph.names)) if products is None else products
        self._bound: dict[str, _Function] = {}
        #: What this was made from, and the columns that differ: what is laid out there is not laid out again.
        self._origin: tuple[Evaluator, Mapping[Node, Array]] | None = None
        self._further: dict[tuple[Node, ...], Bound] = {}

    def with_columns(self, columns: Mapping[Node, Array]) -> Evaluator:
        """Return the same with other values of some columns; the lengths of lists stay."""
        made = Evaluator(self._code, {**self._columns, **columns}, self._counts, self._products)
        origin, before = self._origin or (self, {})
        made._origin = origin, {**before, **columns}
        return made

    def _function(self, what: str) -> _Function:
        if what not in self._bound:
            if self._origin is None:
                made = _Function(self._code.graph, self._code.function(what), self._columns, self._counts)
            else:
                origin, columns = self._origin
                made = origin._function(what).with_columns(columns)
            self._bound[what] = made
        return self._bound[what]

    def values(self, nodes: Sequence[Node], x: Vector) -> list[Vector]:
        """Return further values of the graph: per event, or along axes in the order of their positions."""
        graph, bound = self._code.graph, self._binding(tuple(nodes))
        theta = None if graph.theta is None else bound.place(graph.theta)
        if theta is not None:
            theta[: len(x)] = x
        results = bound([x[graph.names.index(p.text("name"))] for p in bound.params])
        return [results[[k]] if axis_of(n).op == "event" else bound.along(n).copy() for k, n in enumerate(nodes)]

    def _binding(self, nodes: tuple[Node, ...]) -> Bound:
        """Return a function for further values with its data, made once: toys ask for them again and again."""
        graph = self._code.graph
        if nodes not in self._further:
            theta = {} if graph.theta is None else {graph.theta: np.ones(len(graph.names) + 1)}
            if self._origin is None:
                made = Bound(self._code.values(nodes), {**self._columns, **theta}, self._counts)
            else:
                origin, columns = self._origin
                made = origin._binding(nodes).with_columns(columns, list(theta))
            self._further[nodes] = made
        return self._further[nodes]

    def value(self, x: Vector) -> float:
        """Return -ln L up to a constant."""
        return float(self._function("value").call(x)[0])

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """Return -ln L up to a constant, and its derivatives by all parameters."""
        f = self._function("slopes")
        results = f.call(x)
        return float(results[0]), f.by_parameters(results[1:])

    def hessian_vector(self, x: Vector, v: Vector) -> Vector:
        """Return the product of the second derivatives with a vector."""
        f = self._function("bends")
        return f.by_parameters(f.call(x, v))

    def hessian(self, x: Vector) -> Matrix:
        """Return the second derivatives, by products with vectors."""
        if not len(x):
            return np.zeros((0, 0))
        return self._products.matrix(self._function("bends").products(x, self._products.members))


class _Function:
    """One compiled function with data, called with all parameters."""

    def __init__(
        self, graph: Graph, compiled: Compiled, columns: Mapping[Node, Array], counts: Mapping[Node, Integers]
    ) -> None:
        self._graph = graph
        every = dict(columns)
        if graph.theta is not None:
            ones = np.ones(len(graph.names) + 1)
            every |= {graph.theta: ones, graph.rates[graph.theta]: 0 * ones}
        self._bind(Bound(compiled, every, counts), compiled)

    def _bind(self, bound: Bound, compiled: Compiled) -> None:
        names = self._graph.names
        rates = {_rate(name): k for k, name in enumerate(names)}
        at = {name: k for k, name in enumerate(names)}
        asked = [p.text("name") for p in compiled.params]
        self._compiled, self._call = compiled, bound
        #: Where in the parameters, and in the rates behind them, each argument stands.
        self._arguments = np.array([at[n] if n in at else len(names) + rates[n] for n in asked], int)
        self._params = [at[p.text("name")] for p in self._graph.params]
        self._list = self._rates = None
        if self._graph.theta is not None:
            self._list = bound.place(self._graph.theta)
            self._rates = bound.place(self._graph.rates[self._graph.theta])
        #: The derivatives by the list of parameters, as each call leaves them.
        last = compiled.outputs[-1]
        self._slopes = None if axis_of(last).op == "event" else bound.along(last)[: len(names)]

    def with_columns(self, columns: Mapping[Node, Array]) -> _Function:
        made = object.__new__(_Function)
        made._graph = self._graph
        lists = [] if self._graph.theta is None else [self._graph.theta, self._graph.rates[self._graph.theta]]
        made._bind(self._call.with_columns(columns, lists), self._compiled)
        return made

    def call(self, x: Vector, v: Vector | None = None) -> Vector:
        n = len(x)
        if self._list is not None:
            self._list[:n] = x
        if self._rates is not None and v is not None:
            self._rates[:n] = v
        if not len(self._arguments):
            return self._call(())
        given = x if v is None else np.concatenate([x, v])
        return self._call(given[self._arguments])

    def products(self, x: Vector, groups: Sequence[Integers]) -> Matrix:
        """Return a row for each group of parameters: what `call` finds where their rates are 1, all others 0."""
        n = len(x)
        given, found = np.concatenate([x, np.zeros(n)]), np.empty((len(groups), n))
        self.call(x, given[n:])
        places = [given[n:]] if self._rates is None else [given[n:], self._rates]
        for k, members in enumerate(groups):
            for rates in places:
                rates[members] = 1.0
            results = self._call(given[self._arguments] if len(self._arguments) else ())
            found[k] = self.by_parameters(results) if self._params else self._slopes
            for rates in places:
                rates[members] = 0.0
        return found

    def by_parameters(self, results: Vector) -> Vector:
        """Return derivatives by all parameters: of those that are named, and of the list."""
        found = np.zeros(len(self._graph.names)) if self._slopes is None else self._slopes.copy()
        if self._params:
            np.add.at(found, self._params, results[: len(self._params)])
        return found
