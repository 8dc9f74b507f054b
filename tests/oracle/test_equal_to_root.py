"""df103, event for event and bit for bit: ROOT, interpreter and compiled code on random events of fixed seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.df103 import differences, hzdsl_df103
from tests.oracle.random_events import write_random_events
from tests.oracle.run_root import RootDf103, read_result, require_root, run_df103

SEEDS = (20260101, 20260102, 20260103, 20260104)
KINDS = ("mixed", "4mu", "4e", "2e2mu")
GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "df103_like"


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, RootDf103]:
    require_root()
    folder = tmp_path_factory.mktemp("oracle")
    paths = [folder / f"{kind}_{seed}.root" for kind, seed in zip(KINDS, SEEDS, strict=True)]
    for path, kind, seed in zip(paths, KINDS, SEEDS, strict=True):
        write_random_events(path, seed, 20_000, kind)
    return run_df103(paths, folder / "root")


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_random_events(oracle: dict[Path, RootDf103], kind: str, backend: str) -> None:
    path = next(p for p in oracle if p.stem.startswith(f"{kind}_"))
    assert sum(len(channel["cutflow"]) for channel in oracle[path].document["channels"].values()) == 26
    assert len(oracle[path].rows) > 100
    assert differences(hzdsl_df103(path, backend), oracle[path].document, oracle[path].rows) == []


@pytest.mark.shared
@pytest.mark.parametrize("name", ["signal", "zz", "data", "edges"])
@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_golden_files(name: str, backend: str) -> None:
    if not GOLDEN.exists():
        pytest.skip(f"{GOLDEN} is not here")
    golden = read_result(GOLDEN / f"{name}.golden.json")
    result = hzdsl_df103(GOLDEN / f"{name}.root", backend, threads=2, chunk_size=7000)
    assert differences(result, golden.document, golden.rows) == []
