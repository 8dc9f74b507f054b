"""Densities are those of RooFit, point by point, and so is an extended likelihood."""

from __future__ import annotations

import json
import os
import subprocess
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.likelihood import Rows
from tests.oracle.run_root import require_root

SCRIPT = Path(__file__).with_name("root_densities.py")
LOW, HIGH = 100.0, 160.0
X = hz.observable("x", LOW, HIGH)
PLACES = np.concatenate([np.linspace(LOW, HIGH, 31), np.random.default_rng(3).uniform(LOW, HIGH, 30)])
EDGES, CONTENTS = [100.0, 110, 140, 160], [3.0, 7.0, 2.0]

#: RooFit's Crystal Balls have √2 and √(π/2) to ten decimals.
ITS_ROOTS = 3e-11
#: What it is here, what RooFit's factory calls it, and how far both may be apart: RooFit's own numeric integrals.
SAME: dict[str, tuple[Any, list[str], float]] = {
    "gaussian": (lambda: hz.pdf.gaussian(X, 125, 2), ["Gaussian::p(x,125,2)"], 1e-11),
    "gaussian_outside": (lambda: hz.pdf.gaussian(X, 97, 1.5), ["Gaussian::p(x,97,1.5)"], 1e-11),
    "crystal_ball": (lambda: hz.pdf.crystal_ball(X, 125, 2, 1.5, 3), ["CBShape::p(x,125,2,1.5,3)"], ITS_ROOTS),
    "crystal_ball_right": (lambda: hz.pdf.crystal_ball(X, 125, 2, -1.5, 3), ["CBShape::p(x,125,2,-1.5,3)"], ITS_ROOTS),
    "double_crystal_ball": (
        lambda: hz.pdf.double_crystal_ball(X, 125, 2, sigma_high=3, alpha_low=1.5, n_low=3, alpha_high=2, n_high=5),
        ["RooCrystalBall::p(x,125,2,3,1.5,3,2,5)"],
        ITS_ROOTS,
    ),
    "double_crystal_ball_of_n_1": (
        lambda: hz.pdf.double_crystal_ball(X, 125, 2, alpha_low=1.5, n_low=1, alpha_high=2, n_high=1),
        ["RooCrystalBall::p(x,125,2,2,1.5,1,2,1)"],
        1e-10,
    ),
    "exponential": (lambda: hz.pdf.exponential(X, -0.03), ["Exponential::p(x,-0.03)"], 1e-11),
    "rising": (lambda: hz.pdf.exponential(X, 0.2), ["Exponential::p(x,0.2)"], 1e-11),
    "bernstein": (lambda: hz.pdf.bernstein(X, [1, 0.4, 2, 0.7]), ["Bernstein::p(x,{1,0.4,2,0.7})"], 1e-11),
    "chebyshev": (lambda: hz.pdf.chebyshev(X, [0.3, -0.2, 0.1]), ["Chebychev::p(x,{0.3,-0.2,0.1})"], 1e-11),
    "polynomial": (lambda: hz.pdf.polynomial(X, [0.01, 1e-4]), ["Polynomial::p(x,{0.01,0.0001})"], 1e-11),
    "power_law": (lambda: hz.pdf.power_law(X, -3.5), ["EXPR::p('pow(x,-3.5)',x)"], 1e-8),
    "uniform": (lambda: hz.pdf.uniform(X), ["Uniform::p(x)"], 1e-14),
    "lognormal": (lambda: hz.pdf.lognormal(X, 125, 0.1), [f"Lognormal::p(x,125,{exp(0.1)!r})"], 1e-10),
    "breit_wigner": (lambda: hz.pdf.breit_wigner(X, 125, 4), ["BreitWigner::p(x,125,4)"], 1e-11),
    "voigt": (lambda: hz.pdf.voigt(X, 125, 4, 2), ["Voigtian::p(x,125,4,2)"], 1e-7),
    "landau": (lambda: hz.pdf.landau(X, 120, 4), ["Landau::p(x,120,4)"], 2e-7),
    "landau_outside": (lambda: hz.pdf.landau(X, 95, 0.5), ["Landau::p(x,95,0.5)"], 2e-6),
    "argus": (lambda: hz.pdf.argus(X, 150, -5), ["ArgusBG::p(x,150,-5,0.5)"], 1e-9),
    "sum": (
        lambda: hz.pdf.sum([hz.pdf.gaussian(X, 125, 2), hz.pdf.exponential(X, -0.03)], [0.3]),
        ["Gaussian::g(x,125,2)", "Exponential::e(x,-0.03)", "SUM::p(0.3*g,e)"],
        1e-11,
    ),
    "product": (
        lambda: hz.pdf.product([hz.pdf.gaussian(X, 125, 8), hz.pdf.exponential(X, -0.03)]),
        ["Gaussian::g(x,125,8)", "Exponential::e(x,-0.03)", "PROD::p(g,e)"],
        1e-8,
    ),
    "convolved": (
        lambda: hz.pdf.convolved(hz.pdf.breit_wigner(X, 125, 4), hz.pdf.gaussian(X, 0, 2), (-16, 16), nodes=200),
        ["Voigtian::p(x,125,4,2)"],
        1e-7,
    ),
    "extended": (
        lambda: hz.pdf.sum([hz.pdf.gaussian(X, 125, 2), hz.pdf.exponential(X, -0.03)], [0.375]),
        ["Gaussian::g(x,125,2)", "Exponential::e(x,-0.03)", "SUM::p(30*g,50*e)"],
        1e-11,
    ),
}  # fmt: skip
ROWS = [float(x) for x in PLACES[20:50]]


@pytest.fixture(scope="module")
def roofit(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What RooFit finds, all in one process."""
    python, folder = require_root(), tmp_path_factory.mktemp("roofit")
    asked = {
        "range": [LOW, HIGH],
        "places": PLACES.tolist(),
        "densities": {name: expressions for name, (_, expressions, _) in SAME.items()},
        "rows": {"extended": ROWS},
    }
    (folder / "in.json").write_text(json.dumps(asked), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    command = [python, str(SCRIPT), str(folder / "in.json"), str(folder / "out.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"ROOT failed with status {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    found: dict[str, Any] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", SAME)
def test_values(name: str, roofit: dict[str, Any]) -> None:
    build, _, tolerance = SAME[name]
    (found,) = RowEvaluator([build().normalized()])({"x": PLACES})
    expected = np.array(roofit[name]["values"])
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-300)


def test_an_extended_likelihood(roofit: dict[str, Any]) -> None:
    processes = {"g": (30, hz.pdf.gaussian(X, 125, 2)), "e": (50, hz.pdf.exponential(X, -0.03))}
    model = UnbinnedModel([UnbinnedChannel("c", hz.pdf.extended(processes))])
    likelihood = UnbinnedLikelihood(model, {"c": Rows({"x": np.array(ROWS)})})
    assert likelihood.value(np.zeros(0)) == pytest.approx(roofit["extended"]["nll"], rel=1e-11)
