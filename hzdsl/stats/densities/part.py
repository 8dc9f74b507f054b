"""The unbinned channels of a likelihood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, reduce
from types import MappingProxyType

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import plus
from hzdsl.ir.node import Node, topological
from hzdsl.lang.places import located
from hzdsl.stats.compiled import Array
from hzdsl.stats.declare import parameter_nodes
from hzdsl.stats.densities.cumulative import Cumulative
from hzdsl.stats.densities.integrated import OfDensities
from hzdsl.stats.densities.model import Extended, UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.quadrature import constants
from hzdsl.stats.densities.toys import RowToys, asimov_rows
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.masks import channels_shown, where_shown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.part import Made, Values
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.products import Integers
from hzdsl.stats.sparsity import Home


class UnbinnedPart(OfDensities):
    """Channels of an `UnbinnedModel`: see `hzdsl.stats.part.Part`. `masks` are parameters that switch them off."""

    def __init__(
        self, model: UnbinnedModel, observation: Observation, masks: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._model, self._observation, self._masks = model, observation, masks
        self.records = model.channels
        self.channels = tuple(c.name for c in model.channels)
        self._terms = tuple(where_shown(c.nll, masks.get(c.name)) for c in model.channels)
        self.result: Node = reduce(plus, self._terms)
        self.columns: Mapping[Node, Array] = self._by_node(constants([self.result]))
        self.counts: Mapping[Node, Integers] = _lengths(self.columns)
        self._cumulatives: dict[str, Cumulative] = {}

    def homes(self) -> Iterator[tuple[str, Home]]:
        """Yield where parameters act."""
        for channel, term in zip(self.channels, self._terms, strict=True):
            yield from ((name, (channel,)) for name in parameter_nodes([term]))

    def scores(self) -> Iterator[Mapping[str, Node]]:
        """Yield the slopes of each row's weighted logarithm, by parameter, channel after channel."""
        for c in self._model.channels:
            yield {name: where_shown(slope, self._masks.get(c.name)) for name, slope in c.scores.items()}

    def _by_node(self, columns: Mapping[str, Vector]) -> dict[Node, Array]:
        nodes = (n for n in topological([self.result]) if n.op == "column" and n.text("name") in columns)
        return {n: columns[n.text("name")] for n in nodes}

    # ---- observations -------------------------------------------------------------------------------------------

    def _rows(self, channel: UnbinnedChannel, observation: Observation) -> Rows:
        found = observation.channels.get(channel.name)
        if not isinstance(found, Rows):
            what = f"channel '{channel.name}' is unbinned, and the observation "
            what += "lacks it" if found is None else "has counts of it"
            raise HzdslError("model", what, fix="give Rows({'m': values})")
        return found

    def observed(self, observation: Observation) -> tuple[Mapping[Node, Array], Mapping[Node, Integers]]:
        """Return the columns of an observation, and how many rows there are."""
        columns: dict[str, Vector] = {}
        for channel in self._model.channels:
            columns |= channel.data(self._rows(channel, observation))
        found = self._by_node(columns)
        return found, _lengths(found)

    def offset(self, observation: Observation) -> float:
        """Return 0: rows have no constant of their own (RooFit's convention)."""
        return 0.0

    def shown(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return the channels that are not masked."""
        return channels_shown(self.channels, self._masks, x)

    def least(self) -> float:
        """Refuse: rows have no bins.

        Raises
        ------
        HzdslError
            ``unsupported``
        """
        fix = "test its distribution, by ks or ad; toys give a p-value"
        what = f"channel '{self.channels[0]}' has rows, which have no saturated model"
        raise HzdslError("unsupported", what, fix=fix)

    # ---- expectations -------------------------------------------------------------------------------------------

    def expected(self, x: Mapping[str, float], values: Values) -> Mapping[str, Mapping[str, Vector]]:
        """Return how many rows are expected, per extended channel and process."""
        found: dict[str, dict[str, Vector]] = {}
        for channel in self._model.channels:
            if isinstance(channel.density, Extended):
                names = list(channel.density.processes)
                numbers = values(*(n.node for n, _ in channel.density.processes.values()))
                found[channel.name] = dict(zip(names, numbers, strict=True))
        return found

    def cumulative(self, x: Mapping[str, float], observation: Observation) -> Mapping[str, Vector]:
        """Return what part of its channel's density lies below each row, of the channels that are shown."""
        found, shown = {}, self.shown(x)
        for c in (c for c in self._model.channels if c.name in shown):
            if c.name not in self._cumulatives:  # of a masked one there may be none: its rows may have no order
                self._cumulatives[c.name] = Cumulative(c)
            found[c.name] = self._cumulatives[c.name](self._rows(c, observation).columns[c.columns[0].text("name")], x)
        return found

    def asimov(self, x: Mapping[str, float], values: Values, profiled: bool) -> Made:
        """Return a fine grid of weighted rows."""
        return {c.name: asimov_rows(c, x) for c in self._model.channels}, {}

    def toy(self, x: Mapping[str, float], values: Values, rng: np.random.Generator, profiled: bool) -> Made:
        """Return random rows."""
        own = self._model.parameters.names
        return {**self._toys.draw({name: x[name] for name in own}, rng)}, {}

    @cached_property
    def _toys(self) -> RowToys:
        """What toys are drawn with, made once for all of them."""
        return RowToys(self._model, self._observation)


def _lengths(columns: Mapping[Node, Array]) -> dict[Node, Integers]:
    found = {}
    for node, values in columns.items():
        axis = node.type.axis
        assert axis is not None
        found[axis] = np.array([len(values)], np.int64)
    return found


class UnbinnedLikelihood(JointLikelihood):
    """-ln L of an `UnbinnedModel`: see `hzdsl.stats.likelihood.Likelihood`.

    Parameters
    ----------
    model : UnbinnedModel
        Channels.
    observation : Observation, mapping of str to Rows, or Rows
        What was measured (rows alone of a model with one channel); without global observables those of the model's
        constraints.

    Examples
    --------
    >>> import numpy as np
    >>> import hzdsl as hz
    >>> x, mean = hz.observable("x", 0, 10), hz.parameter("mean", 4.0, bounds=(0, 10))
    >>> channel = UnbinnedChannel("only", hz.pdf.gaussian(x, mean, 1))
    >>> likelihood = UnbinnedLikelihood(UnbinnedModel((channel,)), {"only": Rows({"x": np.array([3.0, 4.0, 5.5])})})
    >>> value, slopes = likelihood.value_and_gradient(np.array([4.0]))
    >>> round(value, 6), slopes.round(6)
    (4.381721, array([-0.499599]))
    """

    @located
    def __init__(self, model: UnbinnedModel, observation: Observation | Mapping[str, Rows] | Rows) -> None:
        if not isinstance(model, UnbinnedModel):
            fix = "UnbinnedLikelihood(UnbinnedModel([channel]), {'mumu': Rows({'m': values})})"
            raise HzdslError("arguments", f"{model!r:.60} is no UnbinnedModel", fix=fix)
        self.model = model
        if isinstance(observation, Rows) and len(model.channels) == 1:
            observation = {model.channels[0].name: observation}
        if not isinstance(observation, Observation | Mapping):
            fix = "{'mumu': Rows({'m': values})}, or an Observation"
            raise HzdslError("arguments", f"the data of {model!r} are {observation!r:.60}", fix=fix)
        if not isinstance(observation, Observation):
            observation = Observation(dict(observation), model.parameters.centers)
        super().__init__([UnbinnedPart(model, observation)], model.parameters, observation)
