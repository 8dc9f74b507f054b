"""Channels of bins whose expectations are integrals of densities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, reduce
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.algebra import along, plus, total
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.substitute import substituted
from hzdsl.ir.types import DType
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats import counts as counting
from hzdsl.stats.compiled import Array
from hzdsl.stats.constraints import poisson
from hzdsl.stats.declare import parameter_nodes
from hzdsl.stats.densities.density import ALL, Density
from hzdsl.stats.densities.integrated import OfDensities
from hzdsl.stats.densities.model import Extended
from hzdsl.stats.densities.quadrature import constants
from hzdsl.stats.fields import array, choice, name, put, wrong
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.masks import channels_shown, where_shown
from hzdsl.stats.observable import ROWS
from hzdsl.stats.parameters import Vector
from hzdsl.stats.part import Made, Values, WithoutRows
from hzdsl.stats.products import Integers
from hzdsl.stats.sparsity import Home

#: What is expected in a bin: the integral of the density, or (as RooFit has it where a density meets binned data) its
#: value in the middle times the width.
Rule = Literal["integral", "centre"]


@dataclass(frozen=True, eq=False)
class BinnedChannel:
    """Bins of one observable.

    Parameters
    ----------
    name : str
        Of the channel.
    density : Extended
        Yields and densities; yields are those of the whole range of the observable.
    edges : array of shape (bins + 1,)
        In the unit of the observable, within its range.
    rule : {"integral", "centre"}
        How expectations follow densities.
    """

    name: str
    density: Extended
    edges: Vector
    rule: Rule = "integral"

    def __post_init__(self) -> None:
        """Refuse what is no channel of bins."""
        name("the name of a channel of bins", self.name)
        where = f"channel '{self.name}'"
        if not isinstance(self.density, Extended):
            raise wrong(f"the density of {where}", self.density, "an extended one: hz.pdf.extended(signal=(n, …))")
        put(self, edges=array(f"the edges of {where}", self.edges))
        choice(f"the rule of {where}", self.rule, get_args(Rule))
        if len(self.edges) < 2 or not all(a < b for a, b in pairwise(self.edges)):
            fix = "give them in order, each once"
            raise HzdslError("binning", f"the edges of channel '{self.name}' do not rise", fix=fix)

    def __repr__(self) -> str:
        return f"<binned channel {self.name}: {self.bins} bins of {self.density!r}>"

    @property
    def bins(self) -> int:
        """How many there are."""
        return len(self.edges) - 1

    @cached_property
    def processes(self) -> dict[str, Node]:
        """What is expected of each process, along the bins."""
        return {name: self._own(n, p) for name, (n, p) in self.density.processes.items()}

    def _own(self, yield_: Value, density: Density) -> Node:
        low, high = (self._edge(side, density) for side in ("low", "high"))
        if self.rule == "integral":
            inside = density.mass(low, high) / density.mass_in(ALL)
        else:
            middle = density.observable
            inside = substituted_value(density.normalized(), middle, 0.5 * (low + high)) * (high - low)
        found = along((yield_ * inside).node, ROWS)
        axis = self.axis
        columns = {
            n: make("column", axis, **{**dict(n.attrs), "name": f"{self.name}.{n.text('attr')}"})
            for n in topological([found])
            if n.op == "column" and n.type.axis is ROWS
        }
        return substituted(found, {**columns, ROWS: axis})

    @staticmethod
    def _edge(side: str, density: Density) -> Value:
        unit = density.observable.node.type.unit
        return Value(make("column", ROWS, name=f"bin.{side}", attr=side, dtype=DType.F64, unit=unit))

    @property
    def axis(self) -> Node:
        """The axis of its bins."""
        return make("collection", EVENT, name=self.name)

    @property
    def count(self) -> Node:
        """What was seen in each bin."""
        unit = build.const(1.0).type.unit
        return make("column", self.axis, name=f"{self.name}.count", attr="count", dtype=DType.F64, unit=unit)

    @cached_property
    def nll(self) -> Node:
        """-ln L up to constants: (λ - n) - n ln(λ / n) of each bin."""
        mean = reduce(plus, self.processes.values())
        return total(poisson(self.count, mean), self.axis)


def substituted_value(value: Value, observable: Value, x: Value) -> Value:
    """Return an expression of an observable at another place."""
    return Value(substituted(value.node, {observable.node: x.node}))


class BinnedPart(OfDensities, WithoutRows):
    """Channels of bins with densities: see `hzdsl.stats.part.Part`. `masks` are parameters that switch them off."""

    def __init__(self, channels: tuple[BinnedChannel, ...], masks: Mapping[str, str] = MappingProxyType({})) -> None:
        self._channels = self.records = channels
        self._masks = masks
        self.channels = tuple(c.name for c in channels)
        self._terms = tuple(where_shown(c.nll, masks.get(c.name)) for c in channels)
        self.result: Node = reduce(plus, self._terms)
        given = constants([self.result])
        for c in channels:
            given |= {f"{c.name}.low": c.edges[:-1], f"{c.name}.high": c.edges[1:]}
        nodes = [n for n in topological([self.result]) if n.op == "column" and n.text("name") in given]
        self.columns: Mapping[Node, Array] = {n: np.asarray(given[n.text("name")], float) for n in nodes}
        lengths = {n.args[0]: np.array([len(v)], np.int64) for n, v in self.columns.items()}
        self.counts: Mapping[Node, Integers] = {**lengths, **{c.axis: np.array([c.bins]) for c in channels}}

    def homes(self) -> Iterator[tuple[str, Home]]:
        """Yield where parameters act."""
        for channel, term in zip(self.channels, self._terms, strict=True):
            yield from ((name, (channel,)) for name in parameter_nodes([term]))

    def _seen(self, observation: Observation) -> Iterator[tuple[BinnedChannel, Vector]]:
        return ((c, counting.counts_of(observation, c.name, c.bins)) for c in self._channels)

    def observed(self, observation: Observation) -> tuple[Mapping[Node, Array], Mapping[Node, Integers]]:
        """Return the columns of an observation."""
        return {c.count: seen for c, seen in self._seen(observation)}, {}

    def offset(self, observation: Observation) -> float:
        """Return -ln L of the counts where they are what is expected."""
        return sum(counting.offset(seen) for _, seen in self._seen(observation))

    def shown(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return the channels that are not masked."""
        return channels_shown(self.channels, self._masks, x)

    def least(self) -> float:
        """Return 0: -ln L, without `offset`, where each bin's expectation is its count."""
        return 0.0

    def expected(self, x: Mapping[str, float], values: Values) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected of each process in each bin."""
        return {c.name: dict(zip(c.processes, values(*c.processes.values()), strict=True)) for c in self._channels}

    def asimov(self, x: Mapping[str, float], values: Values, profiled: bool) -> Made:
        """Return counts that are exactly as expected."""
        return {c: np.sum(list(p.values()), axis=0) for c, p in self.expected(x, values).items()}, {}

    def toy(self, x: Mapping[str, float], values: Values, rng: np.random.Generator, profiled: bool) -> Made:
        """Return random counts."""
        mean, _ = self.asimov(x, values, profiled)
        return {c: rng.poisson(np.maximum(v, 0)).astype(float) for c, v in mean.items()}, {}  # type: ignore[arg-type]
