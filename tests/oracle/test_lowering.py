"""Densities and functions of workspaces as expressions: RooFit's values, point by point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.observable import observable
from hzdsl.stats.roofit.lowering import Lowering
from hzdsl.stats.roofit.workspace import read_workspace
from tests.oracle.test_workspaces import run
from tests.stats.densities.evaluated import on_one

pytestmark = pytest.mark.oracle
FILE = Path(__file__).resolve().parents[1] / "stats" / "roofit" / "data" / "written_by_root.root"
POINTS = [100.7, 107.3, 118.0, 123.4, 125.1, 127.9, 140.2, 162.5, 179.2]
DENSITIES = {
    **dict.fromkeys(("gauss", "narrow", "cb", "expo", "bern", "cheb", "bifur", "bw", "template"), 1e-10),
    **dict.fromkeys(("two", "three", "extended", "ext", "flat", "poly"), 1e-10),
    "dcb": 1e-9,
    "argus": 1e-9,
    "landau": 2e-7,  # RooFit's integral is another approximation than its density
    "voigt": 1e-8,  # RooFit integrates by itself
    "power": 1e-7,
}
#: Those of a file that ROOT writes here, in the middle of its range: convolutions of RooFit have a period, and a grid.
OTHERS = {
    **dict.fromkeys(("logn", "steep", "other"), 1e-9),
    "argus": 1e-5,  # RooFit integrates by itself
    "landau": 2e-7,
    "smeared": 2e-3,
    "line": 5e-3,
}
MIDDLE = [78.3, 83.0, 88.8, 90.9, 91.4, 93.7, 97.5, 103.2]
FUNCTIONS = ("moved", "nsig", "total", "three_recursive_fraction_narrow_2", "three_recursive_fraction_expo_3")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    folder = tmp_path_factory.mktemp("densities")
    points, out = folder / "points.json", folder / "out.json"
    points.write_text(json.dumps(POINTS))
    run("root_stored_densities.py", str(FILE), "w", "m", str(points), str(out), *DENSITIES, *FUNCTIONS)
    found: dict[str, list[float]] = json.loads(out.read_text())
    return found


@pytest.fixture(scope="module")
def lowering() -> Lowering:
    w = read_workspace(str(FILE), "w")
    return Lowering(w, {"m": observable("m", 100, 180)})


def values(lowering: Lowering, value: Value) -> Any:
    given = {name: p.value for name, p in lowering.parameters.items()}
    return on_one([value], {"m": np.array(POINTS)}, given)[0]


@pytest.mark.parametrize("name", DENSITIES)
def test_density(name: str, lowering: Lowering, said: dict[str, list[float]]) -> None:
    found = values(lowering, lowering.density(name).normalized())
    np.testing.assert_allclose(found, said[name], rtol=DENSITIES[name], atol=1e-300)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str, lowering: Lowering, said: dict[str, list[float]]) -> None:
    found = values(lowering, Value(lowering.value(name)))
    np.testing.assert_allclose(np.broadcast_to(found, len(POINTS)), said[name], rtol=1e-13)


@pytest.fixture(scope="module")
def other_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lowering, dict[str, list[float]]]:
    folder = tmp_path_factory.mktemp("others")
    file, points, out = (folder / name for name in ("all.root", "points.json", "out.json"))
    run("root_write_densities.py", str(file))
    points.write_text(json.dumps(MIDDLE))
    run("root_stored_densities.py", str(file), "w", "m", str(points), str(out), *OTHERS)
    lowering = Lowering(read_workspace(str(file), "w"), {"m": observable("m", 60, 140)})
    return lowering, json.loads(out.read_text())


@pytest.mark.parametrize("name", OTHERS)
def test_other_densities(name: str, other_file: tuple[Lowering, dict[str, list[float]]]) -> None:
    lowering, said = other_file
    density = lowering.density(name).normalized()
    given = {name: p.value for name, p in lowering.parameters.items()}
    found = on_one([density], {"m": np.array(MIDDLE)}, given)[0]
    np.testing.assert_allclose(found, said[name], rtol=OTHERS[name])


def test_a_convolution_with_another_density_is_refused(other_file: tuple[Lowering, dict[str, list[float]]]) -> None:
    with pytest.raises(HzdslError, match="odd is a convolution with expo, which is no RooGaussian of m") as caught:
        other_file[0].density("odd")
    assert caught.value.code == "class-unknown"
