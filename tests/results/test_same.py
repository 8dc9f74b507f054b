"""Results and histograms compared with ``==``: names, shapes, and all bits of all numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.run import run
from tests.run.muons import document, muon_file


@pytest.fixture
def result(tmp_path):
    return run(document(), str(muon_file(tmp_path / "a.root", n=100)), tables=True, backend="interpret")


def test_the_same_run_elsewhere_is_equal(result, tmp_path):
    other = run(document(), str(muon_file(tmp_path / "b.root", n=100)), tables=True, backend="interpret", chunk_size=30)
    assert other == result
    assert (other.regions, other.histograms, other.samples) == (result.regions, result.histograms, result.samples)
    assert other.samples[""].tables == result.samples[""].tables
    assert other.inputs != result.inputs


def test_other_numbers_are_not(result, tmp_path):
    other = run(document(), str(muon_file(tmp_path / "b.root", n=100, seed=9)), tables=True, backend="interpret")
    assert other != result
    assert result != "result"
    key, h = next(iter(result.histograms.items()))
    assert h == replace(h, title="another", values=h.values.copy())
    assert h != replace(h, values=np.nextafter(h.values, 1e9))
    assert h != replace(h, values=h.values[:-1])
    assert h != replace(h, name="another")
    assert replace(result, histograms={key: replace(h, values=-0.0 * h.values)}) != replace(
        result, histograms={key: replace(h, values=0.0 * h.values)}
    )


def test_nan_is_nan(result):
    h = next(iter(result.histograms.values()))
    one, other = (replace(h, values=np.full_like(h.values, np.nan)) for _ in range(2))
    assert one == other
    assert one != h


def test_arrays_have_no_hash(result):
    for x in (result, next(iter(result.histograms.values()))):
        with pytest.raises(TypeError, match="unhashable"):
            hash(x)
