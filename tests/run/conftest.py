from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.muons import muon_file


@pytest.fixture(scope="session")
def events(tmp_path_factory) -> Path:
    """1000 events in three sets of baskets."""
    return muon_file(tmp_path_factory.mktemp("run") / "a.root")


@pytest.fixture(scope="session")
def more(tmp_path_factory) -> Path:
    """300 other events."""
    return muon_file(tmp_path_factory.mktemp("run") / "b.root", n=300, seed=2, first=5000)
