"""Workspaces as ROOT itself reads them: every variable, value, range, argument, data set, set and snapshot.

ROOT 6 reads no collections of RooFit before 5.34 (class version 1) and ends on classes that only Combine has, so files
with such are compared elsewhere (tests/stats/roofit).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.stats.roofit.records import Category, Histogram, Table, Unknown, Variable, Workspace
from hzdsl.stats.roofit.workspace import read_data, read_workspace
from tests.oracle.run_root import require_root

pytestmark = pytest.mark.oracle
HERE = Path(__file__).parent
SHARED = HERE.resolve().parents[2] / "shared" / "data" / "stats"
READABLE = {
    "combine-ci/Workspace_m4l.root": "ws",
    "combine/tutorials/CAT23001/parametric-analysis-datacard-input.root": "w",
    "combine/tutorials/roofit/tutorial.root": "workspace",
    "combine/tutorials/shapes/simple-shapes-parametric_input.root": "w",
}


def run(script: str, *arguments: str) -> None:
    command = [require_root(), "-W", "ignore", str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that ROOT writes now, with every class that an analysis would use."""
    path = tmp_path_factory.mktemp("workspaces") / "all.root"
    run("root_write_workspace.py", str(path))
    return path


@pytest.fixture(scope="module")
def by_root(written: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Any]:
    """What ROOT says of all files that are there."""
    shared = {SHARED / file: name for file, name in READABLE.items()}
    places = {written: "w", **{path: name for path, name in shared.items() if path.exists()}}
    out = tmp_path_factory.mktemp("said") / "root.json"
    run("root_read_workspaces.py", str(out), *(f"{path}:{name}" for path, name in places.items()))
    said = json.loads(out.read_text())
    return {path: said[f"{path}:{name}"] for path, name in places.items()}


@pytest.fixture(scope="module", params=[None, *(pytest.param(f, marks=pytest.mark.shared) for f in READABLE)])
def pair(request: pytest.FixtureRequest, written: Path, by_root: Mapping[Path, Any]) -> tuple[Workspace, Any]:
    """A workspace as hzdsl reads it, and what ROOT says of it."""
    path = written if request.param is None else SHARED / request.param
    if path not in by_root:
        pytest.skip(f"needs {path}")
    return read_workspace(str(path), READABLE.get(request.param, "w")), by_root[path]


def equal(ours: Any, theirs: Any) -> None:
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        np.testing.assert_allclose(ours, [float(x) for x in theirs], rtol=1e-14, atol=1e-14)


def test_variables(pair: tuple[Workspace, Any]) -> None:
    workspace, root = pair
    variables = workspace.variables
    unknown = {n for n, node in workspace.nodes.items() if isinstance(node, Unknown)}
    assert unknown <= {"bounded"}  # its range are functions
    assert {*variables} | unknown == {*root["variables"], *root["constants"]}
    assert {n: variables[n].value for n in root["constants"]} == root["constants"]
    for name, v in variables.items():
        if name in root["constants"]:
            continue
        said = root["variables"][name]
        assert (v.title, v.value, v.constant, v.unit) == (
            *(said["title"], said["value"], said["constant"], said["unit"]),
        )
        assert [v.low, v.high] == [float(x) for x in said["range"]]
        assert v.error == said["error"]
        assert v.errors == (None if said["errors"] is None else tuple(said["errors"]))
        assert {*v.ranges} == {*said["ranges"]}
        for n, edges in said["ranges"].items():
            equal(v.ranges[n].edges(), edges)
        if -inf < v.low and v.high < inf:
            assert v.binning is not None
            equal(v.binning.edges(), said["edges"])


def test_categories(pair: tuple[Workspace, Any]) -> None:
    workspace, root = pair
    found = {n: c for n, c in workspace.nodes.items() if isinstance(c, Category)}
    assert {n: {"index": c.index, "states": c.states} for n, c in found.items()} == root["categories"]


def test_functions(pair: tuple[Workspace, Any]) -> None:
    workspace, root = pair
    functions = workspace.functions
    assert {*functions} == {*root["functions"]} - {*root["constants"]}
    for name, function in functions.items():
        said = root["functions"][name]
        assert (function.type, sorted(function.names())) == (said["type"], said["servers"]), name
        if "formula" in said:
            assert re.sub(r"@(\d+)", r"x[\1]", function.attributes["formExpr"]) == said["formula"]


def assert_data(ours: Any, theirs: Any) -> None:
    if isinstance(ours, Histogram):
        assert theirs["class"] == "RooDataHist"
        equal(ours.contents.ravel(), theirs["weights"])
        equal((ours.contents if ours.squares is None else ours.squares).ravel(), theirs["squares"])
        for v in ours.variables:
            if isinstance(v, Variable):
                assert v.binning is not None
                equal(v.binning.edges(), theirs["variables"][v.name])
        return
    assert isinstance(ours, Table)
    assert theirs["class"] == "RooDataSet"
    assert (ours.weights is not None) == theirs["weighted"]
    if ours.weights is not None:
        equal(ours.weights, theirs["weights"])
    assert {*ours.columns} == {*theirs["columns"]}
    for name, column in ours.columns.items():
        np.testing.assert_array_equal(column, theirs["columns"][name])


def test_data(pair: tuple[Workspace, Any]) -> None:
    workspace, root = pair
    for ours, theirs in ((workspace.data, root["data"]), (workspace.embedded, root["embedded"])):
        assert {*ours} == {*theirs}
        for name in theirs:
            assert_data(ours[name], theirs[name])


def test_sets_and_snapshots(pair: tuple[Workspace, Any]) -> None:
    workspace, root = pair
    assert {n: [*s] for n, s in workspace.sets.items()} == root["sets"]
    assert workspace.snapshots == root["snapshots"]


def test_data_by_itself(written: Path, by_root: Mapping[Path, Any]) -> None:
    for name in ("plain", "binned", "treed"):
        assert_data(read_data(str(written), f"{name}_alone"), by_root[written]["data"][name])
