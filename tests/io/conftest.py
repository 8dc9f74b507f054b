from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.event_files import fill

collect_ignore = ["data/write.py"]  # run by hand, with ROOT
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data of ../shared, or a skip that says why."""
    if not SHARED.is_dir():
        reason = f"no real data: {SHARED} does not exist"
        print(reason)
        pytest.skip(reason)
    return SHARED


@pytest.fixture(scope="session")
def events():
    """Columns of 1000 made-up events: flat ones of every type, and two collections."""
    import awkward as ak

    rng = np.random.default_rng(7)
    n = 1000
    counts = {"Muon": rng.integers(0, 5, n), "Jet": rng.integers(0, 9, n)}
    columns = {
        "run": np.full(n, 194075, np.uint32),
        "event": np.arange(n, dtype=np.uint64) * 1000003,
        "trigger": rng.random(n) < 0.3,
        "met": rng.exponential(30, n).astype(np.float32),
        "weight": rng.normal(1, 0.1, n),
        "small": rng.integers(-128, 128, n).astype(np.int8),
        "box": rng.normal(size=(n, 3)).astype(np.float32),
        "grid": rng.integers(0, 99, (n, 2, 3)).astype(np.int32),
    }
    for name, count in counts.items():
        total = int(count.sum())
        fields = {
            "pt": rng.exponential(20, total).astype(np.float32),
            "eta": rng.normal(0, 2, total).astype(np.float32),
            "charge": rng.choice([-1, 1], total).astype(np.int32),
        }
        columns[name] = ak.unflatten(ak.zip(fields), count)
    return columns


@pytest.fixture(scope="session")
def event_file(events, tmp_path_factory) -> Path:
    """A ROOT file of these events in four sets of baskets, with a histogram and a tree in a directory."""
    import uproot

    path = tmp_path_factory.mktemp("events") / "events.root"
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, "Events", events, 4)
        fill(file, "dir/Other", {"x": np.arange(10.0)}, 1)
        file.mktree("Empty", {"x": np.float64, "y": "var * float32"})
        file["hist"] = np.histogram(events["met"], bins=10, range=(0, 100))
    return path


@pytest.fixture(scope="session")
def root_written() -> Path:
    """A file written by ROOT itself, see data/write.py."""
    return Path(__file__).parent / "data" / "written_by_root.root"
