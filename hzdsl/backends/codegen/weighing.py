"""Weights of events: found once per event, all in one array, and added exactly to the sums of a row."""

from __future__ import annotations

from hzdsl.backends.base import WORDS
from hzdsl.backends.codegen.emitter import Emitter, Unit
from hzdsl.backends.codegen.layout import near_size
from hzdsl.backends.codegen.lltypes import F64, I64
from hzdsl.backends.codegen.near import adder, emptier
from hzdsl.backends.codegen.positions import Env
from hzdsl.ir.node import Node
from hzdsl.native import ir

Weights = tuple[Node, ...]


class Weighing:
    """The functions of a kernel that find weights, and what adds them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._found: dict[Weights, tuple[int, ir.Function]] = {}
        self._rows: dict[tuple[str, int], tuple[int, int]] = {}

    def add(self, e: Emitter, sums: tuple[str, int], rows: int, row: ir.Value, weights: Weights) -> None:
        """Emit the addition of all weights of the event to one of the `rows` of some sums."""
        number, function, n = *self._function(weights), len(weights)
        e.b.call(function, [e.entry, e.context])
        self._rows[sums] = rows, n
        words = e.element(e.slot(*sums), e.b.mul(row, I64(2 * n * WORDS)), I64)
        near = e.element(e.slot("near", *sums), e.b.mul(row, I64(near_size(n))), I64)
        e.b.call(adder(e.module), [words, near, e.slot("bases", *sums), e.slot("weights", number, n), I64(n)])

    def finish(self, e: Emitter) -> None:
        """Emit, after the last event, the addition of all that is beside the words to them."""
        for sums, (rows, n) in self._rows.items():
            given = [e.slot(*sums), e.slot("near", *sums), e.slot("bases", *sums)]
            with e.loop(I64(0), I64(rows)) as (row, _):
                words = e.element(given[0], e.b.mul(row, I64(2 * n * WORDS)), I64)
                near = e.element(given[1], e.b.mul(row, I64(near_size(n))), I64)
                e.b.call(emptier(e.module), [words, near, given[2], I64(n)])

    def _function(self, weights: Weights) -> tuple[int, ir.Function]:
        """Return the number of these weights, and the function that finds them, once per event."""
        if weights not in self._found:
            number = len(self._found)
            e = Emitter(self._unit, f"weigh_{number}")
            self._found[weights] = number, e.function
            with e.once(self._unit.layout.new_once()):
                for k, node in enumerate(weights):
                    value = e.eval(node, Env({})).value
                    e.b.store(value, e.element(e.slot("weights", number, len(weights)), I64(k), F64))
            e.finish()
        return self._found[weights]
