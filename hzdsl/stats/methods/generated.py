"""Toys that are thrown and kept: the data themselves, and what they are like."""

from __future__ import annotations

from typing import Any

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number
from hzdsl.stats.likelihood import Likelihood, Observation, Rows
from hzdsl.stats.methods.toys import How, Origin, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class Generated(Record):
    """Toys: per channel the contents of bins, or rows; and the global observables."""

    parameters: tuple[str, ...]
    truth: Vector
    seed: int | None
    toys: tuple[Observation, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return the events per channel: mean, least and most."""
        channels = self.toys[0].channels if self.toys else {}
        rows = tuple((name, *_spread([_events(t, name) for t in self.toys])) for name in channels)
        seed = "" if self.seed is None else f"seed {self.seed}"
        header = ("channel", "mean events", "least", "most")
        return (TextTable(f"{len(self.toys)} data sets", header, rows, note=seed),)

    def data(self) -> dict[str, Any]:
        """Return the data of all toys."""
        toys = [_plain(t) for t in self.toys]
        return {
            "kind": "Generated", "seed": self.seed, "parameters": list(self.parameters),
            "truth": self.truth.tolist(), "toys": toys,
        }  # fmt: skip


def _plain(toy: Observation) -> dict[str, Any]:
    channels: dict[str, Any] = {}
    for name, found in toy.channels.items():
        if isinstance(found, Rows):
            channels[name] = {c: v.tolist() for c, v in found.columns.items()}
            if found.weights is not None:
                channels[name]["weights"] = found.weights.tolist()
        else:
            channels[name] = found.tolist()
    statistics = {name: v.tolist() for name, v in toy.statistics.items()}
    return {"channels": channels, "centers": toy.centers.tolist(), "statistics": statistics}


def _events(toy: Observation, channel: str) -> float:
    found = toy.channels[channel]
    if not isinstance(found, Rows):
        return float(np.sum(found))
    first: Vector = next(iter(found.columns.values()))
    return float(len(first) if found.weights is None else found.weights.sum())


def _spread(events: list[float]) -> tuple[str, str, str]:
    return number(float(np.mean(events))), number(min(events)), number(max(events))


def generated(likelihood: Likelihood, at: Vector, how: How) -> Generated:
    """Throw toys and keep them.

    Parameters
    ----------
    likelihood : Likelihood
        The model.
    at : array of shape (n,)
        The truth, all parameters.
    how : How
        How many, and from which seed.
    """
    toys = thrown(likelihood, at, _kept, how, "toys")
    return Generated(likelihood.parameters.names, at, how.seed, tuple(toys.results))


def _kept(likelihood: Likelihood, origin: Origin) -> Observation:
    return likelihood.observation
