"""Cards whose functions are chosen by indices: -ln L in NumPy, and fits that take the best of all choices.

`choices.root` is written by tests/oracle/root_write_choices.py, which says what is in it; tests/oracle/test_choices.py
compares with RooFit's minima.
"""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import norm

from hzdsl.errors import HzdslError
from hzdsl.stats.combine.model import read_model
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.methods.envelope import choices, envelope
from hzdsl.stats.methods.scans import scan
from hzdsl.stats.methods.significance import significance
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.roofit.records import Histogram, Table
from hzdsl.stats.roofit.workspace import read_workspace

FILE = Path(__file__).resolve().parents[1] / "roofit" / "data" / "choices.root"
CARD = """imax 2
jmax 1
kmax *
shapes sig rows {file} w:sig
shapes bkg rows {file} w:multi
shapes data_obs rows {file} w:rows
shapes sig bins {file} w:narrow
shapes bkg bins {file} w:binned
shapes data_obs bins {file} w:bins
bin rows bins
observation -1 -1
bin rows rows bins bins
process sig bkg sig bkg
process 0 1 0 1
rate 20 1 20 1
lumi lnN 1.02 - 1.02 -
{lines}
"""
STATES = tuple(product(range(3), range(2)))


def written(folder: Path, lines: str = "index discrete\nother discrete") -> str:
    path = folder / "card.txt"
    path.write_text(CARD.format(file=FILE, lines=lines))
    return str(path)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> JointLikelihood:
    made = read_model(written(tmp_path_factory.mktemp("card"))).likelihood()
    return made.with_parameters(made.parameters.changed({"r": {"low": -3.0}}))


def bernstein(u: np.ndarray, c: list[float]) -> np.ndarray:
    n = len(c) - 1
    return sum(v * math.comb(n, k) * u**k * (1 - u) ** (n - k) for k, v in enumerate(c)) * (n + 1) / sum(c)


def function_of_rows(state: int, m: np.ndarray, at: dict[str, float]) -> np.ndarray:
    u = (m - 100) / 50
    if state == 0:
        c = at["c"]
        return c * np.exp(c * m) / (np.exp(150 * c) - np.exp(100 * c))
    return bernstein(u, [1.0, *(at[n] for n in (("p1", "p2"), ("q1", "q2", "q3"))[state - 1])]) / 50


def function_of_bins(state: int, edges: np.ndarray, at: dict[str, float]) -> np.ndarray:
    if state == 0:
        return np.diff(np.exp(at["e"] * edges)) / np.expm1(10 * at["e"])
    u = edges / 5 - 1  # 1 + t u from -1 to 1
    return np.diff(u + 0.5 * at["t1"] * u * u) / 2


def nll(states: tuple[int, int], at: dict[str, float]) -> float:
    """-ln L of the card: half of the parameters (RooMultiPdf counts the observable) is added, of `binned` 3/4."""
    workspace = read_workspace(str(FILE))
    rows, bins = workspace.dataset("rows"), workspace.dataset("bins")
    assert isinstance(rows, Table)
    assert isinstance(bins, Histogram)
    signal, m, edges, n = 20 * at["r"] * 1.02 ** at["lumi"], rows.columns["m"], np.linspace(0, 10, 21), bins.contents
    peak = norm.pdf(m, 125, 2) / (norm.cdf(12.5) - norm.cdf(-12.5))
    each = signal * peak + at["multi_norm"] * function_of_rows(states[0], m, at)
    inside = np.diff(norm.cdf((edges - 4) / 0.5)) / (norm.cdf(12) - norm.cdf(-8))
    mean = signal * inside + at["binned_norm"] * function_of_bins(states[1], edges, at)
    found = signal + at["multi_norm"] - np.log(each).sum()
    found += (mean - n * np.log(mean) + gammaln(n + 1)).sum()
    found += 0.5 * at["lumi"] ** 2 + 0.5 * np.log(2 * np.pi)
    return float(found + 0.5 * (2, 3, 4)[states[0]] + 0.75 * 2)


@pytest.mark.parametrize("states", STATES)
def test_values(model: JointLikelihood, states: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(states))
    at = {n: float(v) for n, v in zip(model.parameters.names, model.parameters.values, strict=True)}
    for name in at:
        at[name] += float(rng.uniform(0, 0.1)) * (abs(at[name]) or 1.0)
    at["index"], at["other"] = states
    x = np.array([at[n] for n in model.parameters.names])
    assert model.value(x) == pytest.approx(nll(states, at), rel=1e-9)


def test_parameters_of_functions(model: JointLikelihood) -> None:
    parameters = model.parameters
    assert [(c.name, c.parameters) for c in parameters["index"].choices] == [
        *(("exp", ("c",)), ("bern", ("p1", "p2")), ("more", ("q1", "q2", "q3")))
    ]
    assert [(c.name, c.parameters) for c in parameters["other"].choices] == [("fall", ("e",)), ("line", ("t1",))]
    assert not parameters.free[[parameters.index("index"), parameters.index("other")]].any()


@pytest.mark.parametrize("r", [None, -1.0, 0.0, 1.0, 2.0, 4.0])
def test_the_best_of_all_choices(model: JointLikelihood, r: float | None) -> None:
    held = {} if r is None else {"r": r}
    each = {s: fit(model, fixed={**held, "index": s[0], "other": s[1]}) for s in STATES}
    best = min(STATES, key=lambda s: each[s].minimum)
    found = fit(model, fixed=held)
    assert found.valid
    assert found.minimum == pytest.approx(each[best].minimum, abs=1e-6)
    assert (found.value("index"), found.value("other")) == best
    assert found.value("r") == pytest.approx(each[best].value("r"), abs=1e-4)
    np.testing.assert_allclose(found.errors, each[best].errors, rtol=1e-3, atol=1e-9)
    own = {
        n
        for p in ("index", "other")
        for k, c in enumerate(model.parameters[p].choices)
        for n in c.parameters
        if k == found.value(p)
    }
    assert {n for n, free in zip(model.parameters.names, found.free, strict=True) if free} == {
        *("lumi", "multi_norm", "binned_norm", *own, *(["r"] if r is None else []))
    }


def test_several_functions_are_best_somewhere(model: JointLikelihood) -> None:
    """The profile is the envelope of the curves of all choices, which cross; MINOS follows it."""
    grid = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    profile = scan(model, {"r": grid})
    curves = envelope(choices(model), grid, "r", penalty=0.0)
    np.testing.assert_allclose(profile.minus_2_delta_ln_l, curves.minus_2_delta_ln_l, atol=2e-5)
    assert len(set(curves.chosen)) >= 3
    assert set(curves.curves) == {f"{a}, {b}" for a in ("exp", "bern", "more") for b in ("fall", "line")}
    found = fit(model, minos=["r"]).minos["r"]
    assert (found.low, found.high) == pytest.approx((curves.interval.low, curves.interval.high), abs=1e-3)
    for end in (found.low, found.high):
        least = min(fit(model, fixed={"r": end, "index": a, "other": b}).minimum for a, b in STATES)
        assert least - fit(model).minimum == pytest.approx(0.5, abs=1e-4)


def test_tests_profile_indices(model: JointLikelihood) -> None:
    def least(**held: float) -> float:
        return min(fit(model, fixed={**held, "index": a, "other": b}).minimum for a, b in STATES)

    assert significance(model).z == pytest.approx(math.sqrt(2 * (least(r=0.0) - least())), abs=1e-4)


def test_toys_are_of_the_chosen_functions(model: JointLikelihood) -> None:
    """Of a falling function none is above where one that rises would have most."""
    x = model.parameters.values
    given = {"index": 0.0, "other": 0.0, "c": -0.3, "e": -1.5, "r": 0.0, "p1": 9.0, "t1": 1.0}
    for name, value in given.items():
        x[model.parameters.index(name)] = value
    toy = model.toy(x, np.random.default_rng(1))
    rows, bins = toy.channels["rows"], toy.channels["bins"]
    assert isinstance(rows, Rows)
    assert not isinstance(bins, Rows)
    assert np.mean(rows.columns["m"] > 120) < 0.02
    assert bins[10:].sum() < 5
    assert fit(model.given(toy)).value("other") == 0


def test_an_index_that_stays(tmp_path: Path) -> None:
    """Without a `discrete` line it is as stored; parameters of the other functions count for nothing."""
    made = read_model(written(tmp_path, "other discrete")).likelihood()
    assert made.parameters["index"].fixed
    found = fit(made)
    assert found.valid
    assert found.value("index") == 0
    frozen = made.with_parameters(made.parameters.changed({"index": {"value": 2.0}, "other": {"fixed": True}}))
    again = fit(frozen)
    assert again.valid
    assert (again.value("index"), again.value("other")) == (2, 0)
    assert not again.free[made.parameters.index("c")]
    assert again.free[made.parameters.index("q3")]


def test_a_frozen_index_and_one_in_a_group(tmp_path: Path) -> None:
    lines = "index discrete\nother discrete\nshapes_ group = index c\nnuisance edit freeze other"
    parameters = read_model(written(tmp_path, lines)).parameters
    assert parameters["other"].fixed
    assert not parameters["index"].fixed
    assert parameters["index"].groups == parameters["c"].groups == ("shapes_",)


def test_a_constrained_parameter_of_a_function_always_counts(tmp_path: Path) -> None:
    made = read_model(written(tmp_path, "index discrete\nother discrete\nt1 param -0.4 0.1")).likelihood()
    assert made.parameters["other"].choices[1].parameters == ()
    assert fit(made).free[made.parameters.index("t1")]


@pytest.mark.parametrize("line", ["wrong discrete", "index discrete\nc discrete"])
def test_an_index_of_nothing(tmp_path: Path, line: str) -> None:
    with pytest.raises(HzdslError, match="chooses no function of the shapes of this card") as caught:
        read_model(written(tmp_path, line))
    assert caught.value.code == "datacard"
    assert "card.txt:1" in str(caught.value)
