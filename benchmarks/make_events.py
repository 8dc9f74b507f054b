"""Write the benchmark's file: NanoAOD-like events for df103, 60 % with a Z, few of them selected.

    python make_events.py [--events 2000000] [--basket 100000] [--seed 1] [--codec ZLIB] [--folder FOLDER]

Prints the file's path. A file that is there already is kept: its name holds all that decides its content.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from hzdsl.demo import cache_folder
from hzdsl.demo.cache import GENERATOR_VERSION
from hzdsl.demo.detector import reconstruct
from hzdsl.demo.events import Events, concatenated
from hzdsl.demo.files import write_events
from hzdsl.demo.four_vectors import FourVectors
from hzdsl.demo.processes import ELECTRON, MUON, Truth, higgs_to_4l, z_to_2l, zz_to_4l

EVENTS, BASKET, SEED = 2_000_000, 100_000, 1
PIECE = 100_000  # events in memory at once, more only where a basket holds more
SHARES = {"higgs": 0.01, "zz": 0.03, "z": 0.56, "nothing": 0.40}
FAKE_SCALE = 3.0


def nothing(rng, n):
    """Events without a true lepton."""
    z = z_to_2l(rng, n)
    none = FourVectors(*(np.zeros(n) for _ in range(4)))
    return Truth(np.zeros_like(z.flavour), z.charge, z.momentum, none)


MAKERS = {
    "higgs": higgs_to_4l,
    "zz": lambda rng, n: zz_to_4l(rng, n, (ELECTRON, MUON)),
    "z": z_to_2l,
    "nothing": nothing,
}


def piece(seed, index, first, n):
    """Generate events [first, first + n) from a stream of their own."""
    rng = np.random.Generator(np.random.PCG64([seed, index]))
    numbers = rng.multinomial(n, list(SHARES.values()))
    parts = [reconstruct(rng, MAKERS[name](rng, k), FAKE_SCALE) for name, k in zip(SHARES, numbers, strict=True)]
    events = concatenated(parts).take(rng.permutation(n))
    number = np.arange(first, first + n)
    identity = {
        "run": np.full(n, 194050, dtype=np.int32),
        "luminosityBlock": (1 + number // 1000).astype(np.uint32),
        "event": number.astype(np.uint64),
    }
    return Events(events.per_event | identity, events.muons, events.electrons)


def pieces(seed, events, basket):
    """Yield the events in pieces of whole baskets."""
    size = basket * max(1, PIECE // basket)
    for index, first in enumerate(range(0, events, size)):
        yield piece(seed, index, first, min(size, events - first))


def ensure_events(folder=None, events=EVENTS, basket=BASKET, seed=SEED, codec="ZLIB"):
    """Return the path of the file, written first if it is not there."""
    folder = Path(folder).resolve() if folder else cache_folder().with_name("benchmarks")
    packed = "" if codec == "ZLIB" else f"_{codec.lower()}"
    path = folder / f"df103_v{GENERATOR_VERSION}_{events}_basket{basket}_seed{seed}{packed}.root"
    if not path.exists():
        print(f"writing {path}", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        write_events(pieces(seed, events, basket), path, codec=(codec, 1), basket=basket)
    return path


def add_arguments(parser):
    """Options that choose the file, shared with the benchmarks."""
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--basket", type=int, default=BASKET, help="events per basket, 2000 to 200000")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--codec", choices=["ZLIB", "LZMA", "LZ4", "ZSTD"], default="ZLIB", help="how it is packed")
    parser.add_argument("--folder", help="where the file is kept (default: the user's cache)")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(options)
    chosen = options.parse_args()
    print(ensure_events(chosen.folder, chosen.events, chosen.basket, chosen.seed, chosen.codec))
