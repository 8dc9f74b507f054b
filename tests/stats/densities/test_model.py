"""Unbinned models: -ln L is the formula, of all channels; rows that make no sense are refused."""

from __future__ import annotations

from math import lgamma, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.parameters import Constraint, Normal
from tests.stats.densities.evaluated import on_both

M = hz.observable("m", 105 * GeV, 160 * GeV)
RNG = np.random.default_rng(11)
MASSES = np.concatenate([RNG.normal(125, 2, 40), RNG.uniform(105, 160, 60)])


def pieces() -> dict[str, Any]:
    mean = hz.parameter("mean", 124 * GeV, constraint=hz.normal(125 * GeV, 200 * MeV, 0.1 * GeV))
    return {
        "signal": hz.pdf.gaussian(M, mean, hz.parameter("sigma", 2.0 * GeV)),
        "flat": hz.pdf.uniform(M),
        "n": hz.parameter("n", 30.0, bounds=(0, None)),
        "b": hz.parameter("b", 65.0, constraint=hz.counted(130, scale=2.0)),
    }


def gaussian(m: Any, mean: float, sigma: float) -> Any:
    density = stats.norm(mean, sigma)
    return density.pdf(m) / (density.cdf(160) - density.cdf(105))


def constant(constraint: Constraint | None, center: float) -> float:
    """What -ln of a constraint has that does not depend on its parameter."""
    if isinstance(constraint, Normal):
        low = constraint.sigma if constraint.sigma_low is None else constraint.sigma_low
        return log(0.5 * (low + constraint.sigma) * sqrt(2 * pi))
    return 0.0 if constraint is None else lgamma(center + 1)


def value(model: UnbinnedModel, channels: dict[str, Rows], at: dict[str, float], **centers: float) -> float:
    """-ln L, compiled, without what is the same for all parameters; its channels on both backends, too."""
    start = model.parameters
    measured = np.array([centers.get(p.name, c) for p, c in zip(start, start.centers, strict=True)])
    likelihood = UnbinnedLikelihood(model, Observation(channels, measured))
    x = np.array([at.get(p.name, p.value) for p in start])
    found = likelihood.value(x) - sum(constant(p.constraint, c) for p, c in zip(start, measured, strict=True))
    data = {k: v for c in model.channels for k, v in c.data(channels[c.name]).items()}
    rows = sum(float(v[0]) for v in on_both([Value(c.nll) for c in model.channels], data, at))
    terms = [p for p in start if p.constraint is not None]
    if not terms:
        assert found == pytest.approx(rows, rel=1e-12)
    return float(found)


def test_an_extended_channel() -> None:
    p = pieces()
    model = UnbinnedModel(
        (UnbinnedChannel("four", hz.pdf.extended(sig=(p["n"], p["signal"]), bkg=(p["b"], p["flat"]))),)
    )
    at = {"n": 33.0, "b": 70.0, "mean": 124.5, "sigma": 1.8}
    densities = 33 * gaussian(MASSES, 124.5, 1.8) + 70 / 55
    expected = 103 - np.log(densities).sum() + 0.5 * ((124.5 - 125.1) / 0.1) ** 2 + (140 - 129 * log(140))
    assert value(model, {"four": Rows({"m": MASSES})}, at, mean=125.1, b=129.0) == pytest.approx(expected, rel=1e-12)


def test_weights_and_ranges_and_channels_that_share_parameters() -> None:
    p = pieces()
    sides = [(105 * GeV, 115 * GeV), (135 * GeV, 160 * GeV)]
    outside = MASSES[(MASSES <= 115) | (MASSES >= 135)]
    weights = RNG.uniform(0.5, 2, len(MASSES))
    model = UnbinnedModel(
        (
            UnbinnedChannel("weighted", hz.pdf.extended(sig=(p["n"], p["signal"]))),
            UnbinnedChannel("sides", hz.pdf.sum([p["signal"], p["flat"]], [0.1]), ranges={"m": sides}),
        )
    )
    found = value(
        model,
        {"weighted": Rows({"m": MASSES}, weights), "sides": Rows({"m": outside})},
        {"mean": 125.0, "sigma": 3.0, "n": 50.0},
    )
    density = stats.norm(125, 3)
    held = density.cdf(115) - density.cdf(105) + density.cdf(160) - density.cdf(135)
    beside = 0.1 * density.pdf(outside) / held + 0.9 / 35
    expected = 50 - (weights * np.log(50 * gaussian(MASSES, 125, 3))).sum() - np.log(beside).sum()
    assert found == pytest.approx(expected, rel=1e-12)
    assert set(model.parameters.names) == {"n", "mean", "sigma"}


def test_rows_of_a_density_without_columns_are_counted() -> None:
    model = UnbinnedModel((UnbinnedChannel("c", hz.pdf.uniform(M)),))
    assert value(model, {"c": Rows({"m": MASSES})}, {}) == pytest.approx(100 * log(55), rel=1e-13)


def test_no_rows_at_all() -> None:
    p = pieces()
    model = UnbinnedModel((UnbinnedChannel("c", hz.pdf.extended(sig=(p["n"], p["signal"]))),))
    assert value(model, {"c": Rows({"m": []})}, {"n": 3.5, "mean": 125.0}) == pytest.approx(3.5, rel=1e-15)


def test_several_observables_and_their_units() -> None:
    t = hz.observable("t", 0, 5)
    density = hz.pdf.product([hz.pdf.gaussian(M, 125, 2), hz.pdf.exponential(t, -1.0)])
    model = UnbinnedModel((UnbinnedChannel("c", density),))
    times = RNG.uniform(0, 5, len(MASSES))
    expected = -np.log(gaussian(MASSES, 125, 2) * np.exp(-times) / (1 - np.exp(-5))).sum()
    assert value(model, {"c": Rows({"m": MASSES, "t": times})}, {}) == pytest.approx(expected, rel=1e-12)


def test_what_varies_per_fit_stays_outside_of_the_loop() -> None:
    """Per row: one exponential of the peak, one of the background, one logarithm; nothing is divided."""
    from hzdsl.ir.axes import EVENT
    from hzdsl.ir.node import topological

    p = pieces()
    slope = hz.pdf.exponential(M, hz.parameter("slope", -0.02 / GeV))
    model = UnbinnedModel((UnbinnedChannel("c", hz.pdf.extended(s=(p["n"], p["signal"]), b=(p["b"], slope))),))
    rows = [
        n for n in topological([model.channels[0].nll]) if n.type.axis is not EVENT and n.op not in ("lift", "column")
    ]
    functions = sorted(n.text("name") for n in rows if n.op == "math")
    assert functions == ["exp", "exp", "log"]
    assert not [n for n in rows if n.op in ("div", "where", "pow")]
    assert len([n for n in rows if not n.is_axis]) < 17


def test_the_hessian_of_the_mean() -> None:
    """Of a normal density in an endless range: n/sigma², as everybody knows."""
    x = hz.observable("x", -1e3, 1e3)
    mean = hz.parameter("mean", 0.25)
    model = UnbinnedModel((UnbinnedChannel("c", hz.pdf.gaussian(x, mean, 2.0)),))
    likelihood = UnbinnedLikelihood(model, {"c": Rows({"x": np.linspace(-3, 3, 50)})})
    assert likelihood.value_and_gradient(np.array([0.25]))[1][0] == pytest.approx(0.25 * 50 / 4, rel=1e-12)
    assert likelihood.hessian(np.array([0.25]))[0, 0] == pytest.approx(50 / 4, rel=1e-12)


# ---- what is refused -----------------------------------------------------------------------------------------------


def refused(model: UnbinnedModel, **channels: Any) -> HzdslError:
    with pytest.raises(HzdslError) as error:
        UnbinnedLikelihood(model, channels)
    return error.value


@pytest.fixture
def model() -> UnbinnedModel:
    sides = {"m": [(105 * GeV, 120 * GeV), (130 * GeV, 160 * GeV)]}
    return UnbinnedModel((UnbinnedChannel("c", hz.pdf.gaussian(M, 125, 2), ranges=sides),))


def test_rows_that_are_no_numbers(model: UnbinnedModel) -> None:
    error = refused(model, c=Rows({"m": [110, np.nan, 111, np.inf]}))
    assert "2 of 4 values of 'm' in channel 'c' are not finite; the first is nan, in row 1" in str(error)


def test_rows_outside_of_the_ranges(model: UnbinnedModel) -> None:
    error = refused(model, c=Rows({"m": [110, 125, 111, 170, 105]}))
    said = (
        "2 of 5 values of 'm' in channel 'c' are outside of 105 to 120 and 130 to 160 GeV; the first is 125, in row 1"
    )
    assert said in str(error)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (np.full((1, 3), 110.0), "has the shape (1, 3), not (rows,)"),
        (np.full((3, 1), 110.0), "has the shape (3, 1), not (rows,)"),
        (np.full((2, 2), 110.0), "has the shape (2, 2), not (rows,)"),
        (110.0, "is a single number"),
        (None, "is a single number"),
        (np.full(2, 110 + 1j), "is not a column of numbers"),
        ([[110.0, 111.0], [112.0]], "is not a column of numbers"),
    ],
)
def test_columns_that_are_no_lists_of_numbers(model: UnbinnedModel, column: Any, said: str) -> None:
    error = refused(model, c=Rows({"m": column}))
    assert error.code == "dtype"
    assert f"column 'm' of channel 'c' {said}" in error.message
    assert error.fix == "give one number for each row, in one list"


@pytest.mark.parametrize("weights", [np.ones((1, 2)), 2.0, "heavy"])
def test_weights_that_are_no_list_of_numbers(model: UnbinnedModel, weights: Any) -> None:
    error = refused(model, c=Rows({"m": [110.0, 111.0]}, weights))
    assert (error.code, error.fix) == ("dtype", "give one number for each row, in one list")


@pytest.mark.parametrize("columns", [np.full((1, 3), 110.0), [110.0], 110.0, "m"])
def test_rows_without_names(columns: Any) -> None:
    with pytest.raises(HzdslError, match="the columns of rows are a ") as caught:
        Rows(columns)
    assert caught.value.fix == "Rows({'m': values}), by observable"


def test_columns_that_are_missing_or_too_short(model: UnbinnedModel) -> None:
    assert "have no column 'm'" in str(refused(model, c=Rows({"mass": [110.0]})))
    assert "there is no channel 'd'" in str(refused(model, d=Rows({"m": [110.0]})))
    assert "is unbinned" in str(refused(model, c=np.ones(3)))
    assert "differ in length: 1, 2" in str(refused(model, c=Rows({"m": [110.0]}, np.ones(2))))
    assert "1 of 1 weights of channel 'c' are not finite" in str(refused(model, c=Rows({"m": [110.0]}, [np.nan])))
    assert refused(model, c=Rows({"m": ["a"]})).code == "dtype"


def test_one_name_of_two_parameters() -> None:
    one, other = (hz.pdf.gaussian(M, hz.parameter("mean", v * GeV), 2) for v in (125, 126))
    with pytest.raises(HzdslError, match=r"parameter 'mean' is defined twice: value 125\.0 and 126\.0"):
        UnbinnedModel((UnbinnedChannel("a", one), UnbinnedChannel("b", other)))


def test_ranges_that_make_no_sense() -> None:
    density = hz.pdf.uniform(M)
    for ranges, said in (
        ({"m": [(110 * GeV, 120 * GeV), (119 * GeV, 130 * GeV)]}, "overlap"),
        ({"m": [(100 * GeV, 120 * GeV)]}, "leaves its own"),
        ({"m": [(120 * GeV, 110 * GeV)]}, r"in GeV: \(120.0, 110.0\)"),
        ({"x": [(110 * GeV, 120 * GeV)]}, "no density of"),
        ({"m": []}, "no range at all"),
        ({"m": [(110, 120)]}, "plain number"),
    ):
        with pytest.raises(HzdslError, match=said):
            _ = UnbinnedChannel("c", density, ranges=ranges).fitted


def test_channels_of_one_name_or_none() -> None:
    with pytest.raises(HzdslError, match="two channels have one name"):
        UnbinnedModel((UnbinnedChannel("c", hz.pdf.uniform(M)),) * 2)
    with pytest.raises(HzdslError, match="no channels"):
        UnbinnedModel(())
