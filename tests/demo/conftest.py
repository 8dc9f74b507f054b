"""Small versions of the demo's samples, quick to generate."""

from dataclasses import replace

import pytest

from hzdsl.demo import cache, samples


@pytest.fixture
def small_demo(monkeypatch):
    """Shrink every sample; returns the specifications in use."""
    small = tuple(replace(s, generated=s.generated and 400) for s in samples.SAMPLES)
    for module in (cache, samples):
        monkeypatch.setattr(module, "SAMPLES", small)
    monkeypatch.setattr(samples, "Z_EXPECTED", 500.0)
    return small
