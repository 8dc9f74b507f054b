"""Write the ADL benchmark's file: the real 1000 events of Run2012B_SingleMu, one after the other, 4000 times.

    python make_adl_events.py [--events 4000000] [--basket 100000] [--folder FOLDER]

Only the branches that the eight tasks need. Prints the file's path. A file that is there already is kept: its name
holds all that decides its content.
"""

import argparse
import os
import sys
from pathlib import Path

from harness import REPOSITORY

from hzdsl.demo import cache_folder

EVENTS, BASKET = 4_000_000, 100_000
DATA = REPOSITORY.parent / "shared" / "data" / "adl_benchmark"
REAL = DATA / "Run2012B_SingleMu_1000.root"
MOMENTUM = ("pt", "eta", "phi", "mass")
COLLECTIONS = {"Muon": (*MOMENTUM, "charge"), "Electron": (*MOMENTUM, "charge"), "Jet": (*MOMENTUM, "btag")}
PER_EVENT = ("MET_pt", "MET_phi")


def real_events():
    """Return the real events, the attributes of a collection as one jagged record array."""
    import awkward as ak
    import uproot

    with uproot.open(REAL) as file:
        tree = file["Events"]
        scalars = tree.arrays(PER_EVENT)
        found = {
            name: ak.zip({x: tree[f"{name}_{x}"].array() for x in attributes})
            for name, attributes in COLLECTIONS.items()
        }
        return ak.zip(found | {name: scalars[name] for name in PER_EVENT}, depth_limit=1)


def repeated(events, n):
    """Return the first n of the events repeated without end."""
    import numpy as np

    return events[np.arange(n) % len(events)]


def ensure_events(folder=None, events=EVENTS, basket=BASKET):
    """Return the path of the file, written first if it is not there."""
    folder = Path(folder).resolve() if folder else cache_folder().with_name("benchmarks")
    path = folder / f"adl_v1_{events}_basket{basket}.root"
    if path.exists():
        return path
    if not REAL.exists():
        sys.exit(f"the ADL benchmark repeats real events, and {REAL} is not here: put the file there to run it")
    print(f"writing {path}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(part, real_events(), events, basket)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _write(path, real, events, basket):
    """Write baskets of `basket` events each; every one begins with the first of the real events."""
    import uproot

    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        whole = repeated(real, min(basket, events))
        tree = file.mktree("Events", {name: whole[name].type.content for name in whole.fields})
        for start in range(0, events, basket):
            batch = whole[: min(basket, events - start)]
            tree.extend({name: batch[name] for name in batch.fields})


def add_arguments(parser):
    """Options that choose the file, shared with the benchmark."""
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--basket", type=int, default=BASKET, help="events per basket, a multiple of 1000")
    parser.add_argument("--folder", help="where the file is kept (default: the user's cache)")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(options)
    chosen = options.parse_args()
    print(ensure_events(chosen.folder, chosen.events, chosen.basket))
