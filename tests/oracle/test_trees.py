"""Trees that ROOT wrote, read by the native loop, equal what uproot reads; few of their baskets begin together."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from tests.io.compare import same
from tests.oracle.run_root import require_root

SCRIPT = Path(__file__).with_name("root_trees.py")
ORDINARY = {"n", "x", "y", "u", "flag", "s", "l", "m", "c"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trees")
    subprocess.run([require_root(), "-W", "ignore", str(SCRIPT), str(made)], check=True, timeout=600)
    return made


@pytest.mark.oracle
@pytest.mark.parametrize("method", ["ZLIB", "LZMA", "LZ4", "ZSTD", "NONE"])
@pytest.mark.parametrize("tree", ["ragged", "clusters"])
def test_equal_to_uproot(folder: Path, method: str, tree: str) -> None:
    path = folder / f"{method}.root"
    rng = np.random.default_rng(3)
    with open_source(str(path), tree) as source, uproot.open(path) as file:
        names = list(source.columns)
        whole = file[tree].arrays(names)
        for start, stop in [(0, 5000), (0, 1), (4999, 5000), *np.sort(rng.integers(0, 5001, (12, 2)))]:
            read = source.read(names, int(start), int(stop))
            for name in names:
                expected = whole[name][int(start) : int(stop)]
                assert same(read[name], expected, source.columns[name].dtype), (name, start, stop)
        assert {n for n in names if source.is_ordinary(n)} == ORDINARY
        if tree == "ragged":
            assert source.boundaries(["n", "x", "y"])[1] < 5000


@pytest.mark.oracle
@pytest.mark.parametrize("method", ["ZLIB", "ZSTD"])
def test_baskets_of_several_blocks(folder: Path, method: str) -> None:
    with open_source(str(folder / f"{method}.root"), "blocks") as source:
        read = source.read(["n", "flat", "x"], 1_000_000, 4_500_000)
        assert all(source.is_ordinary(n) for n in read)
    i = np.arange(1_000_000, 4_500_000)
    assert np.array_equal(read["n"].content, i % 3)
    assert np.array_equal(read["flat"].content, i // 7)
    signs = np.stack([i, -i], axis=1)[np.stack([i % 3 > 0, i % 3 > 1], axis=1)]
    assert np.array_equal(read["x"].content, signs.astype(np.float32))


@pytest.mark.oracle
def test_a_branch_that_is_shorter_than_its_tree(folder: Path) -> None:
    with open_source(str(folder / "ZLIB.root"), "later") as source:
        assert np.array_equal(source.read(["late"], 100, 600)["late"].content, np.arange(100, 600, dtype=np.float32))
        assert len(source.read(["n"], 0, 1000)["n"].content) == 1000
        for start, stop in ((0, 1000), (500, 700), (600, 601), (999, 1000)):
            with pytest.raises(HzdslError, match="the branch late has 600 entries") as caught:
                source.read(["n", "late"], start, stop)
            assert caught.value.code == "branch-type"


@pytest.mark.oracle
def test_leaves_that_uproot_cannot_interpret_are_listed_as_unreadable(folder: Path) -> None:
    with open_source(str(folder / "ZLIB.root"), "later") as source:
        assert set(source.columns) == {"n", "late"}
        assert [n for n in source.unreadable if n.startswith("pq")]
