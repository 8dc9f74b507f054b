"""Terms of -ln L that are expressions of parameters and belong to no channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping
from functools import reduce
from typing import Any

import numpy as np

from hzdsl.ir.algebra import plus
from hzdsl.ir.node import Node, topological
from hzdsl.stats.compiled import Array
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parameters import Vector
from hzdsl.stats.part import Made, NotSimulated, Values, WithoutRows
from hzdsl.stats.products import Integers
from hzdsl.stats.sparsity import Home


def names_in(values: Iterable[Node]) -> KeysView[str]:
    """Return the names of the parameters that values depend on, in the order in which they are met."""
    return dict.fromkeys(n.text("name") for n in topological(values) if n.op == "param").keys()


class Terms(NotSimulated, WithoutRows):
    """Expressions that are added to -ln L, the same for all data: see `hzdsl.stats.part.Part`.

    Regularisation and the price of the choice of a function are such. Nothing is observed of them, so they are 0 in a
    saturated model.
    """

    records: tuple[Any, ...] = ()
    channels: tuple[str, ...] = ()
    columns: Mapping[Node, Array] = {}
    counts: Mapping[Node, Integers] = {}

    def __init__(self, terms: Iterable[Node]) -> None:
        self.result: Node = reduce(plus, terms)

    def homes(self) -> Iterator[tuple[str, Home]]:
        """Yield all parameters as such that act everywhere."""
        yield from ((name, ()) for name in sorted(names_in([self.result])))

    def observed(self, observation: Observation) -> tuple[Mapping[Node, Array], Mapping[Node, Integers]]:
        """Return nothing."""
        return {}, {}

    def offset(self, observation: Observation) -> float:
        """Return 0."""
        return 0.0

    def shown(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return nothing: there are no channels."""
        return ()

    def least(self) -> float:
        """Return 0."""
        return 0.0

    def expected(self, x: Mapping[str, float], values: Values) -> Mapping[str, Mapping[str, Vector]]:
        """Return nothing."""
        return {}

    def asimov(self, x: Mapping[str, float], values: Values, profiled: bool) -> Made:
        """Return nothing."""
        return {}, {}

    def toy(self, x: Mapping[str, float], values: Values, rng: np.random.Generator, profiled: bool) -> Made:
        """Return nothing."""
        return {}, {}
