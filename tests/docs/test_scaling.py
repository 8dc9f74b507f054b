"""docs/scaling.md: its tables are those of the model, its recipes make the job scripts that they say."""

from __future__ import annotations

import ast
import importlib.util
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import dask_jobqueue
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def model() -> Any:
    spec = importlib.util.spec_from_file_location("model", ROOT / "benchmarks" / "scaling" / "model.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_tables_are_those_of_the_model() -> None:
    found = model()
    assert found.page(PAGE, found.read("measured"), found.read("scheduler")) == PAGE, (
        "python benchmarks/scaling/model.py"
    )


def test_more_cores_never_take_longer_to_compute() -> None:
    found = model()
    times = [p.compute for p in found.predictions(found.Site(), found.read("measured"), found.read("scheduler"))]
    assert all(a > b for a, b in pairwise(times[: len(found.CORES)]))


RECIPES = {
    "SLURMCluster": ["#SBATCH -p short", "#SBATCH --cpus-per-task=8", "-t 02:00:00", "--nworkers 8", "hzdsl-env/bin/activate"],
    "HTCondorCluster": ["RequestCpus", '+JobFlavour = "longlunch"', "/cvmfs/sft.example.org/hzdsl/bin/python", "--nthreads 1"],
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_the_recipe_makes_its_job_script(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = [b for b in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if name in b]
    assert len(blocks) == 1
    compile(blocks[0], "docs/scaling.md", "exec")
    (call,) = [
        n for n in ast.walk(ast.parse(blocks[0])) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name
    ]  # fmt: skip
    given = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    given.pop("scheduler_options", None)  # of the cluster, which would listen to a port; what it submits are jobs
    script = getattr(dask_jobqueue, name).job_cls(scheduler="tcp://head:8786", name="worker", **given).job_script()
    assert [x for x in RECIPES[name] if x not in script] == []
