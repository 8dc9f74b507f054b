"""A likelihood that is a graph, compiled: its value, gradient and second derivatives, for any data of one model."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hzdsl.backends.passes.data import Bound
from hzdsl.backends.passes.program import Compiled, compile_graph
from hzdsl.ir.autodiff import gradient, tangents
from hzdsl.ir.node import Node, make, topological
from hzdsl.native.kernels import kernel_cache
from hzdsl.records import dataclass
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.parameters import Vector

Array = npt.NDArray[np.generic]
Integers = npt.NDArray[np.int64]


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
        """Parameters that the expression names, each one once."""
        found = {
            n.text("name"): n for n in topological([self.result]) if n.op == "param" and n.text("name") in self.names
        }
        return tuple(found[name] for name in self.names if name in found)

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


class Evaluator:
    """A graph with data: numbers for parameters, from one thread at a time.

    Parameters
    ----------
    code : Code
        The functions.
    columns, counts
        Data, as `hzdsl.backends.passes.data.Bound` takes them; without the list of parameters.
    """

    def __init__(self, code: Code, columns: Mapping[Node, Array], counts: Mapping[Node, Integers]) -> None:
        self._code, self._columns, self._counts = code, dict(columns), counts
        self._bound: dict[str, _Function] = {}

    def with_columns(self, columns: Mapping[Node, Array]) -> Evaluator:
        """Return the same with other values of some columns; the lengths of lists stay."""
        made = Evaluator(self._code, {**self._columns, **columns}, self._counts)
        made._bound = {k: f.with_columns(columns) for k, f in self._bound.items()}
        return made

    def _function(self, what: str) -> _Function:
        if what not in self._bound:
            self._bound[what] = _Function(self._code.graph, self._code.function(what), self._columns, self._counts)
        return self._bound[what]

    def value(self, x: Vector) -> float:
        """Return -ln L up to a constant."""
        return float(self._function("value").call(x)[0])

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        """Return -ln L up to a constant, and its derivatives by all parameters."""
        f = self._function("slopes")
        results = f.call(x)
        return float(results[0]), f.by_parameters(results[1:], self._code.graph.slopes)

    def hessian_vector(self, x: Vector, v: Vector) -> Vector:
        """Return the product of the second derivatives with a vector."""
        f = self._function("bends")
        return f.by_parameters(f.call(x, v), self._code.graph.bends)

    def hessian(self, x: Vector) -> Matrix:
        """Return the second derivatives: a product for each parameter, made symmetric."""
        n = len(x)
        found, v = np.empty((n, n)), np.zeros(n)
        for k in range(n):
            v[k] = 1.0
            found[k] = self.hessian_vector(x, v)
            v[k] = 0.0
        result: Matrix = 0.5 * (found + found.T)
        return result


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
        given = x if v is None else np.concatenate([x, v])
        return self._call(given[self._arguments])

    def by_parameters(self, results: Vector, outputs: Sequence[Node]) -> Vector:
        """Return derivatives by all parameters: of those that are named, and of the list."""
        n = len(self._graph.names)
        found = np.zeros(n) if self._graph.theta is None else self._call.along(outputs[-1])[:n].copy()
        if self._params:
            found[self._params] += results[: len(self._params)]
        return found
