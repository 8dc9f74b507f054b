"""Several histograms of one file, which is opened once."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import HistogramFile, read_histogram
from tests.stats.cards.histograms import write_histograms


@pytest.fixture
def path(tmp_path) -> str:
    return str(write_histograms(tmp_path / "in.root", {"top": [1.0, 2.0], "a/h": [3.0], "a/b/h": [4.0, 5.0]}))


@pytest.mark.parametrize("name", ["top", "a/h", "a/b/h"])
def test_reading(path: str, name: str) -> None:
    with HistogramFile(path) as file:
        assert file.has(name)
        found, alone = file.read(name), read_histogram(path, name)
    assert found.values.tolist() == alone.values.tolist()
    assert found.edges[0].tolist() == alone.edges[0].tolist()


@pytest.mark.parametrize("name", ["none", "a/none", "none/h", "a/b/none", "top/h", "a", ""])
def test_what_is_not_there(path: str, name: str) -> None:
    with HistogramFile(path) as file:
        assert file.has(name) == (name == "a")
        with pytest.raises(HzdslError, match=r"has no histogram|is a ReadOnlyDirectory") as caught:
            file.read(name)
    assert caught.value.code == "histogram-missing"
