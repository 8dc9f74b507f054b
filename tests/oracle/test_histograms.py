"""Histograms that hzdsl writes, read by ROOT: contents, errors, edges, integrals, as Combine asks for them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hzdsl.io.histograms import StoredHistogram, read_histogram, write_histograms
from tests.oracle.run_root import require_root

SCRIPT = Path(__file__).with_name("root_histograms.py")


@pytest.mark.oracle
def test_written_histograms(tmp_path: Path) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    edges = {"ww_sr_jesUp": np.array([60, 80, 95, 110, 135, 200.0]), "sr/ww": np.linspace(0, 1, 6)}
    written = {
        name: StoredHistogram((e,), rng.gamma(2, 3, 7) - 1, rng.gamma(1, 1, 7), name, f"{name} [GeV]")
        for name, e in edges.items()
    }
    path = tmp_path / "histograms.root"
    write_histograms(path, written.values())
    command = [require_root(), "-W", "ignore", str(SCRIPT), str(path), *written]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    for name, seen in json.loads(done.stdout.splitlines()[-1]).items():
        h, again = written[name], read_histogram(str(path), name)
        inner, centres = h.values[1:-1], (edges[name][1:] + edges[name][:-1]) / 2
        assert (seen["class"], seen["title"]) == ("TH1D", h.title)
        assert seen["contents"] == h.values.tolist() == again.values.tolist()
        assert seen["errors"] == np.sqrt(h.variances).tolist()
        assert again.variances.tolist() == h.variances.tolist()
        assert seen["edges"] == edges[name].tolist() == again.edges[0].tolist()
        assert seen["integral"] == pytest.approx(inner.sum(), rel=1e-14)
        assert seen["mean"] == pytest.approx((inner * centres).sum() / inner.sum(), rel=1e-12)
