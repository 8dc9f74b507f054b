"""Documents of HistFactory, real and random, and pyhf's models of them."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "stats"
FILES = (
    "pyhf/2-bin_1-channel.json",
    "pyhf/bkg_only.json",
    "pyhf/example_bkgonly.json",
    "pyhf/validation/xmlimport_input_bkg.json",
    "hs3/simplemodel_correlated-background_hifa.json",
    "hs3/simplemodel_uncorrelated-background_hifa.json",
    "cabinetry/example_workspace.json",
    "own/model50x8x100.json",
)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference inputs of ../shared, or a skip that says why."""
    if not SHARED.is_dir():
        reason = f"no reference inputs: {SHARED} does not exist"
        print(reason)
        pytest.skip(reason)
    return SHARED
