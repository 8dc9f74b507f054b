"""ROOT files with histograms, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import hist
import numpy as np
import uproot


def write_histograms(path: Path, contents: Mapping[str, object], edges: Mapping[str, object] | None = None) -> Path:
    """Write TH1D with Σw² (a tenth of the contents squared); bins are [0, 1), [1, 2), … unless edges are given."""
    with uproot.recreate(path) as file:
        for name, values in contents.items():
            values = np.asarray(values, float)
            at = (edges or {}).get(name, np.arange(len(values) + 1.0))
            made = hist.Hist(hist.axis.Variable(at, name="x"), storage=hist.storage.Weight())
            made.view().value, made.view().variance = values, (0.1 * values) ** 2
            made.view(flow=True).value[-1] = 99.0  # overflow, which counts nowhere
            file[name] = made
    return path
