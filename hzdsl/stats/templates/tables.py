"""The numbers of a binned model in the order in which its graph reads them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from hzdsl.ir.algebra import number
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.lists import PARAMETERS, numbers, reference
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates import axes
from hzdsl.stats.templates.checks import check_model
from hzdsl.stats.templates.graph import Parts, row_of
from hzdsl.stats.templates.model import Added, Channel, Gammas, Process, Shape, TemplateModel
from hzdsl.stats.templates.norms import coefficients

Array = npt.NDArray[np.generic]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tables:
    """What a graph of templates reads.

    Parameters
    ----------
    parts : Parts
        Which graph.
    columns : mapping of Node to array
        By column, in the order of the positions of its axis; but for the values of parameters.
    counts : mapping of Node to int64 array
        The lengths of lists.
    """

    parts: Parts
    columns: dict[Node, Array]
    counts: dict[Node, Integers]


def tables(model: TemplateModel) -> Tables:
    """Return the tables of a model.

    Raises
    ------
    HzdslError
        ``model`` where lengths do not fit, or numbers are none that there can be; ``name-twice``.
    """
    return _Tables(model).made()


class _Tables:
    def __init__(self, model: TemplateModel) -> None:
        check_model(model)
        self._channels, self._parameters = model.channels, model.parameters
        self._one = len(model.parameters)  # the parameter that is always 1
        self._processes = [p for c in model.channels for p in c.processes]
        self._columns: dict[Node, Array] = {}
        self._counts: dict[Node, Integers] = {}

    def made(self) -> Tables:
        self._lists()
        self._processes_and_cells()
        kinds = {
            "norms": self._norms(),
            "shapes": self._shapes("shapes", lambda s: not s.log),
            "log_shapes": bool(self._shapes("log_shapes", lambda s: s.log)),
        }
        parts = Parts(
            **kinds,  # type: ignore[arg-type]
            **self._gammas(),  # type: ignore[arg-type]
            **self._options(),  # type: ignore[arg-type]
            factors=self._factors(),
            scales=self._scales(),
            cell_scales=self._cell_scales(),
        )
        return Tables(parts, self._columns, self._counts)

    # ---- helpers ------------------------------------------------------------------------------------------------

    def _number(self, axis: Node, name: str, values: Iterable[float] | Vector) -> None:
        self._columns[numbers(axis, name)] = np.asarray(
            values if isinstance(values, np.ndarray) else list(values), float
        )

    def _index(self, axis: Node, name: str, into: Node, values: Iterable[int]) -> None:
        self._columns[reference(axis, name, into).args[0]] = np.array(list(values), np.int64)

    def _parameter(self, axis: Node, name: str, names: Iterable[str | None]) -> None:
        found = (self._one if n is None else self._parameters.index(n) for n in names)
        self._index(axis, name, PARAMETERS, found)

    def _cells(self, of_process: Callable[[Process, int], Vector]) -> Vector:
        """Return values of bins, given by process, in the order of cells: bin by bin, all processes of each."""
        found = [np.stack([of_process(p, len(c.counts)) for p in c.processes], axis=1).ravel() for c in self._channels]
        return np.concatenate(found)

    # ---- parts --------------------------------------------------------------------------------------------------

    def _lists(self) -> None:
        channels = self._channels
        self._counts |= {
            axes.CHANNELS: np.array([len(channels)]),
            axes.BINS: np.array([len(c.counts) for c in channels]),
            axes.PROCESSES: np.array([len(c.processes) for c in channels]),
        }
        self._columns[axes.COUNTS] = np.concatenate([np.asarray(c.counts, float) for c in channels])

    def _processes_and_cells(self) -> None:
        self._number(axes.PROCESSES, "processes.rate", (p.rate for p in self._processes))
        self._number(axes.CELLS, "cells.nominal", self._cells(lambda p, n: np.asarray(p.contents, float)))

    def _norms(self) -> tuple[str, ...]:
        rules = tuple(dict.fromkeys(n.rule for p in self._processes for n in p.norms))
        for rule in rules:
            of_rule = [[n for n in p.norms if n.rule == rule] for p in self._processes]
            axis, name = axes.effects(f"norms.{rule}"), f"norms.{rule}"
            self._counts[axis] = np.array([len(x) for x in of_rule])
            every = [n for found in of_rule for n in found]
            self._parameter(axis, f"{name}.parameter", (n.parameter for n in every))
            for key, values in coefficients(rule, every).items():
                self._number(axis, f"{name}.{key}", values)
        return rules

    def _shapes(self, name: str, wanted: Callable[[Shape], bool]) -> tuple[str, ...]:
        rules = tuple(dict.fromkeys(s.rule for p in self._processes for s in p.shapes if wanted(s)))
        for rule in rules:
            self._shapes_of(name, rule, lambda s, rule=rule: wanted(s) and s.rule == rule)  # type: ignore[misc]
        return rules

    def _shapes_of(self, name: str, rule: str, wanted: Callable[[Shape], bool]) -> None:
        of_process = {id(p): [s for s in p.shapes if wanted(s)] for p in self._processes}
        label = f"{name}.{rule}"
        axis = axes.effects(label)
        self._counts[axis] = np.array([len(of_process[id(p)]) for p in self._processes])
        every = [s for p in self._processes for s in of_process[id(p)]]
        self._parameter(axis, f"{label}.parameter", (s.parameter for s in every))
        self._number(axis, f"{label}.scale", (s.scale for s in every))
        self._number(axis, f"{label}.joined", (s.joined for s in every))
        for part, sign in (("odd", -1.0), ("even", 1.0)):
            found = []
            for c in self._channels:
                rows = [0.5 * (s.up + sign * s.down) for p in c.processes for s in of_process[id(p)]]
                found.append(np.stack(rows, axis=1).ravel() if rows else np.zeros(0))
            self._number(axes.in_cells(axis), f"{label}.{part}", np.concatenate(found))

    def _factors(self) -> int:
        most = max(len(p.factors) for p in self._processes)
        for k in range(most):
            names = (p.factors[k].parameter if k < len(p.factors) else None for p in self._processes)
            self._parameter(axes.PROCESSES, f"processes.factor{k}", names)
        return most

    def _scales(self) -> tuple[Node, ...]:
        return self._chosen(axes.PROCESSES, "processes.scale", [p.scale for p in self._processes])

    def _cell_scales(self) -> tuple[Node, ...]:
        found = [
            None if p.bin_scales is None else p.bin_scales[b]
            for c in self._channels
            for b in range(len(c.counts))
            for p in c.processes
        ]
        return self._chosen(axes.CELLS, "cells.scale", found)

    def _chosen(self, axis: Node, name: str, expressions: Sequence[Node | None]) -> tuple[Node, ...]:
        """Say which of the distinct expressions each position of an axis has; the first is 1."""
        distinct = dict.fromkeys(x for x in expressions if x is not None)
        if not distinct:
            return ()
        known = tuple(dict.fromkeys([number(1), *distinct]))
        places = {x: k for k, x in enumerate(known)}
        self._index(axis, name, row_of(known), (0 if x is None else places[x] for x in expressions))
        return known

    def _gammas(self) -> dict[str, object]:
        """Put a factor that several processes of each channel share bin by bin along bins, all others along cells."""
        common = [_common_gammas(c) for c in self._channels]
        if any(g is not None for g in common):
            of_bins = [
                n
                for c, g in zip(self._channels, common, strict=True)
                for n in (g.parameters if g is not None else [None] * len(c.counts))
            ]
            self._parameter(axes.BINS, "bins.gamma", of_bins)
            shares = (
                float(g is not None and any(x.parameters == g.parameters for x in p.gammas))
                for c, g in zip(self._channels, common, strict=True)
                for p in c.processes
            )
            self._number(axes.PROCESSES, "processes.in_gamma", shares)
        rest = {
            id(p): [x for x in p.gammas if g is None or x.parameters != g.parameters]
            for c, g in zip(self._channels, common, strict=True)
            for p in c.processes
        }
        most = max(len(x) for x in rest.values())
        for k in range(most):
            names = [
                rest[id(p)][k].parameters[b] if k < len(rest[id(p)]) else None
                for c in self._channels
                for b in range(len(c.counts))
                for p in c.processes
            ]
            self._parameter(axes.CELLS, f"cells.gamma{k}", names)
        return {"bin_gammas": any(g is not None for g in common), "cell_gammas": most}

    def _options(self) -> dict[str, bool]:
        found = {
            "floors": any(p.floor is not None for p in self._processes),
            "normalized": any(p.normalized for p in self._processes),
            "profiled": any(c.profiled is not None and np.any(c.profiled) for c in self._channels),
            "masks": any(c.mask is not None for c in self._channels),
            "added": any(p.added is not None for p in self._processes),
            "bin_floors": any(c.floor is not None for c in self._channels),
        }
        if found["floors"]:
            floors = (-math.inf if p.floor is None else p.floor for p in self._processes)
            self._number(axes.PROCESSES, "processes.floor", floors)
        if found["normalized"]:
            self._number(axes.PROCESSES, "processes.normalized", (float(p.normalized) for p in self._processes))
        if any(s.log for p in self._processes for s in p.shapes):
            flags = (float(any(s.log for s in p.shapes)) for p in self._processes)
            self._number(axes.PROCESSES, "processes.log_shaped", flags)
        if found["profiled"]:
            errors = self._cells(lambda p, n: np.zeros(n) if p.errors is None else np.asarray(p.errors, float))
            self._number(axes.CELLS, "cells.error", errors)
            flags_ = [np.zeros(len(c.counts)) if c.profiled is None else c.profiled for c in self._channels]
            self._number(axes.BINS, "bins.profiled", np.concatenate(flags_).astype(float))
            self._number(axes.BINS, "bins.center", np.zeros(sum(len(c.counts) for c in self._channels)))
        if found["added"]:
            self._added()
        if found["bin_floors"]:
            least = (-math.inf if c.floor is None else c.floor for c in self._channels)
            self._number(axes.CHANNELS, "channels.floor", least)
        if found["masks"]:
            names = [c.mask for c in self._channels]
            self._parameter(axes.CHANNELS, "channels.mask", names)
            self._number(axes.CHANNELS, "channels.masked", (float(n is not None) for n in names))
        return found

    def _added(self) -> None:
        names = (
            None if p.added is None else p.added.parameters[b]
            for c in self._channels
            for b in range(len(c.counts))
            for p in c.processes
        )
        self._parameter(axes.CELLS, "cells.added", names)
        errors = self._cells(lambda p, n: np.zeros(n) if p.added is None else _addends(p.added))
        self._number(axes.CELLS, "cells.added_error", errors)


def _addends(added: Added) -> Vector:
    """Return what parameters are multiplied by: 0 where there is none."""
    return np.where([n is not None for n in added.parameters], added.errors, 0.0)


def _common_gammas(channel: Channel) -> Gammas | None:
    """Return the factors of bins that most processes of a channel share, where more than one does."""
    found = [g for p in channel.processes for g in p.gammas]
    times = Counter(g.parameters for g in found)
    most = max(found, key=lambda g: times[g.parameters], default=None)
    return most if most is not None and times[most.parameters] > 1 else None
