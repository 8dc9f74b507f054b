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
NAMES = ("signal", "zz", "data", "edges")
FEW = "few.root"
SELECTED = {"4mu": 200, "4el": 200, "2el2mu": 200}  # at least, of 4000


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, RootDf103]:
    require_root()
    folder = tmp_path_factory.mktemp("oracle")
    paths = [folder / f"{kind}_{seed}.root" for kind, seed in zip(KINDS, SEEDS, strict=True)]
    for path, kind, seed in zip(paths, KINDS, SEEDS, strict=True):
        write_random_events(path, seed, 20_000, kind)
    write_random_events(folder / FEW, 1, 4000)
    golden = [GOLDEN / f"{name}.root" for name in NAMES if GOLDEN.is_dir()]
    # One process of ROOT for all: most of its time it compiles the macro.
    return run_df103([*paths, folder / FEW, *golden], folder / "root")


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_random_events(oracle: dict[Path, RootDf103], kind: str, backend: str) -> None:
    path = next(p for p in oracle if p.stem.startswith(f"{kind}_"))
    assert sum(len(channel["cutflow"]) for channel in oracle[path].document["channels"].values()) == 26
    assert len(oracle[path].rows) > 100
    assert differences(hzdsl_df103(path, backend), oracle[path].document, oracle[path].rows) == []


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_golden_files(name: str, backend: str) -> None:
    if not GOLDEN.exists():
        pytest.skip(f"{GOLDEN} is not here")
    golden = read_result(GOLDEN / f"{name}.golden.json")
    result = hzdsl_df103(GOLDEN / f"{name}.root", backend, threads=2, chunk_size=7000)
    assert differences(result, golden.document, golden.rows) == []


@pytest.mark.oracle
@pytest.mark.shared
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared/data/df103_like")
@pytest.mark.parametrize("name", NAMES)
def test_root_reproduces_the_golden_files(oracle: dict[Path, RootDf103], name: str) -> None:
    """The oracle is the right one."""
    golden, found = read_result(GOLDEN / f"{name}.golden.json"), oracle[GOLDEN / f"{name}.root"]
    assert found.rows == golden.rows
    assert found.csv_path.read_bytes() == golden.csv_path.read_bytes()
    assert found.document["channels"] == golden.document["channels"]
    assert found.document["events"] == golden.document["events"]


@pytest.mark.oracle
def test_every_cut_of_root_rejects_and_keeps_some(oracle: dict[Path, RootDf103]) -> None:
    document = next(found for path, found in oracle.items() if path.name == FEW).document
    assert document["events"] == 4000
    for channel, least in SELECTED.items():
        result = document["channels"][channel]
        assert result["selected"] > least
        assert all(0 < step["passed"] < step["all"] for step in result["cutflow"])
