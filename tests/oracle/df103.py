"""hzdsl's df103 beside ROOT's: selected events, float32 bits of the masses, histograms, every step of the cutflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import hzdsl as hz
from hzdsl.results.result import Result
from hzdsl.run import run

SPEC = Path(__file__).resolve().parents[2] / "analyses" / "higgs4l" / "higgs4l.toml"
CHANNELS = {"4mu": "4mu", "4el": "4e", "2el2mu": "2e2mu"}
MASSES = ("z1_mass", "z2_mass", "h_mass")


def hzdsl_df103(path: Path, backend: str, **options: Any) -> Result:
    """Run the repository's three-channel spec on a file."""
    return run(hz.load(str(SPEC)).document, str(path), backend=backend, tables=True, **options)


def rows_of(result: Result) -> dict[tuple[str, int], tuple[int, int, int]]:
    """Return (ROOT's channel, event) to the bits of the three masses."""
    (sample,) = result.samples.values()
    names = {ours: roots for roots, ours in CHANNELS.items()}
    found = {}
    for table in sample.tables:
        bits = [np.asarray(table.columns[m], np.float32).view(np.uint32) for m in MASSES]
        for event, *masses in zip(table.columns["event"], *bits, strict=True):
            key = names[table.region], int(event)
            assert key not in found, f"event {key} stands twice"
            found[key] = tuple(int(m) for m in masses)
    return found  # type: ignore[return-value]


def differences(
    result: Result, document: dict[str, Any], rows: dict[tuple[str, int], tuple[str, str, str]]
) -> list[str]:
    """Return what differs from ROOT, in words."""
    wanted = {
        key: tuple(int(np.float32(float.fromhex(m)).view(np.uint32)) for m in masses) for key, masses in rows.items()
    }
    ours = rows_of(result)
    found = [
        f"{key}: ROOT {wanted.get(key)} hzdsl {ours.get(key)}"
        for key in sorted(wanted.keys() | ours.keys())
        if wanted.get(key) != ours.get(key)
    ]
    for root_name, name in CHANNELS.items():
        expected = document["channels"][root_name]
        cutflow = [row.events for row in result.regions[name].cutflow]
        steps = [step["passed"] for step in expected["cutflow"]]
        if cutflow != steps:
            found.append(f"{name}: cutflow {cutflow}, ROOT {steps}")
        h, histogram = expected["histogram_h_mass_36_70_180"], result.histograms[f"{name}/h_mass"].counts
        if histogram.tolist() != [h["underflow"], *h["values"], h["overflow"]]:
            found.append(f"{name}: histogram {histogram}, ROOT {h}")
    return found
