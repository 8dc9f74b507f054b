"""The demo's events as ROOT files: branches and types of the CMS 2012 outreach NanoAOD."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from hzdsl.demo.events import ELECTRON_COLUMNS, EVENT_COLUMNS, MET_COLUMNS, MUON_COLUMNS, Events, Leptons

TREE = "Events"
BASKET = 20_000  # events


def identity(events: Events) -> str:
    """Return the SHA-256 of the events' content: names, types and values of all columns in order.

    The bytes of a ROOT file hold the time it was written; this does not.
    """
    digest = hashlib.sha256()
    for name, column in events.flat().items():
        digest.update(f"{name}:{column.dtype.str}:{len(column)};".encode())
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def write_events(
    pieces: Iterable[Events], path: Path, *, codec: tuple[str, int] = ("ZLIB", 1), basket: int = BASKET
) -> None:
    """Write events to `path` as TTree `Events`; the file appears whole or not at all.

    Parameters
    ----------
    pieces : iterable of Events
        What to write, a piece at a time; counters `nMuon` and `nElectron` are shared by their columns.
    path : Path
        The file, replaced if it exists.
    codec : (str, int)
        "ZLIB", "LZ4", "LZMA" or "ZSTD", and its level.
    basket : int
        Events per basket; a piece never shares one with the next.
    """
    import uproot

    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    compression = getattr(uproot, codec[0])(codec[1])
    try:
        with uproot.recreate(part, compression=compression) as file:
            tree = file.mktree(TREE, _branch_types(), title="Events")
            for events in pieces:
                for start in range(0, len(events), basket):
                    tree.extend(_branches(events.take(np.arange(start, min(start + basket, len(events))))))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _branch_types() -> dict[str, Any]:
    from awkward.types import from_datashape

    def record(columns: tuple[str, ...]) -> Any:
        fields = ", ".join(f"{c}: {'int32' if c == 'charge' else 'float32'}" for c in columns)
        return from_datashape(f"var * {{{fields}}}", highlevel=False)

    collections = {"Muon": record(MUON_COLUMNS), "Electron": record(ELECTRON_COLUMNS)}
    return {**EVENT_COLUMNS, **collections, **MET_COLUMNS}


def _branches(events: Events) -> dict[str, Any]:
    per_event = events.per_event
    return {
        **{name: per_event[name] for name in EVENT_COLUMNS},
        "Muon": _jagged(events.muons),
        "Electron": _jagged(events.electrons),
        **{name: per_event[name] for name in MET_COLUMNS},
    }


def _jagged(leptons: Leptons) -> Any:
    import awkward as ak

    return ak.unflatten(ak.Array(leptons.columns), leptons.counts)
