"""The oracle is the right one: it writes the golden files again."""

from pathlib import Path

import pytest

from tests.oracle.run_root import read_result, run_df103

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "df103_like"
NAMES = ("signal", "zz", "data", "edges")


@pytest.mark.oracle
@pytest.mark.shared
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared/data/df103_like")
def test_root_reproduces_the_golden_files(tmp_path):
    paths = {name: GOLDEN / f"{name}.root" for name in NAMES}
    results = run_df103(list(paths.values()), tmp_path)
    for name, path in paths.items():
        golden, found = read_result(GOLDEN / f"{name}.golden.json"), results[path]
        assert found.rows == golden.rows
        assert found.csv_path.read_bytes() == golden.csv_path.read_bytes()
        assert found.document["channels"] == golden.document["channels"]
        assert found.document["events"] == golden.document["events"]
