from __future__ import annotations

import matplotlib as mpl
import pytest


def settings():
    return {k: mpl.rcParams[k] for k in mpl.rcParams if k != "backend"}


@pytest.fixture(autouse=True)
def _untouched():
    """No plot leaves anything behind in the user's matplotlib."""
    before = settings()
    yield
    assert settings() == before
