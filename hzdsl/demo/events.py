"""Reconstructed events as columns: per-event numbers and two collections of leptons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.demo.four_vectors import Ints
from hzdsl.records import dataclass

Columns = dict[str, npt.NDArray[Any]]

EVENT_COLUMNS = {
    "run": np.dtype("i4"),
    "luminosityBlock": np.dtype("u4"),
    "event": np.dtype("u8"),
    "PV_npvs": np.dtype("i4"),
    "PV_x": np.dtype("f4"),
    "PV_y": np.dtype("f4"),
    "PV_z": np.dtype("f4"),
}
MET_COLUMNS = {"MET_pt": np.dtype("f4"), "MET_phi": np.dtype("f4")}

_KINEMATICS = ("pt", "eta", "phi", "mass", "charge")
_VERTEX = ("dxy", "dxyErr", "dz", "dzErr")
MUON_COLUMNS = (*_KINEMATICS, "pfRelIso03_all", "pfRelIso04_all", *_VERTEX)
ELECTRON_COLUMNS = (*_KINEMATICS, "pfRelIso03_all", *_VERTEX)


@dataclass(frozen=True)
class Leptons:
    """One collection: `counts` per event (i32) and flat columns (f32, charge i32)."""

    counts: npt.NDArray[np.int32]
    columns: Columns

    def take(self, events: Ints) -> Leptons:
        """Return the collection of the given events, in their order."""
        starts = np.cumsum(self.counts) - self.counts
        counts = self.counts[events]
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts[events] - (ends - counts), counts)
        return Leptons(counts, {name: column[rows] for name, column in self.columns.items()})


@dataclass(frozen=True)
class Events:
    """A table of events: `per_event` columns of EVENT_COLUMNS and MET_COLUMNS, muons and electrons."""

    per_event: Columns
    muons: Leptons
    electrons: Leptons

    def __len__(self) -> int:
        return len(self.muons.counts)

    def take(self, events: Ints) -> Events:
        """Return the given events, in their order."""
        per_event = {name: column[events] for name, column in self.per_event.items()}
        return Events(per_event, self.muons.take(events), self.electrons.take(events))

    def flat(self) -> Columns:
        """Return every column by its NanoAOD name, leptons flattened, counters included."""
        result = {name: self.per_event[name] for name in EVENT_COLUMNS}
        for name, leptons in (("Muon", self.muons), ("Electron", self.electrons)):
            result[f"n{name}"] = leptons.counts
            result |= {f"{name}_{column}": values for column, values in leptons.columns.items()}
        return result | {name: self.per_event[name] for name in MET_COLUMNS}


def concatenated(parts: Sequence[Events]) -> Events:
    """Return the events of all parts, one part after the other."""

    def leptons(of: Sequence[Leptons]) -> Leptons:
        columns = {name: np.concatenate([p.columns[name] for p in of]) for name in of[0].columns}
        return Leptons(np.concatenate([p.counts for p in of]), columns)

    per_event = {name: np.concatenate([p.per_event[name] for p in parts]) for name in parts[0].per_event}
    return Events(per_event, leptons([p.muons for p in parts]), leptons([p.electrons for p in parts]))
