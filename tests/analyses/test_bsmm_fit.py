"""B0s -> mu mu from a file to the result: what is measured, that weights count, and what is drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import crystalball

from analyses.bsmm import fit, generate, inference
from analyses.bsmm.candidates import select
from analyses.bsmm.model import CHANNEL, rotation
from analyses.bsmm.systematics import read_systematics
from hzdsl.errors import HzdslError
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.methods.toys import How

ROOT = Path(__file__).resolve().parents[2]
PARTS = generate.components(events=20_000, signal=0.02)
KNOWN = read_systematics()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("bsmm") / "bsmm.root")
    generate.write(path, generate.generate(PARTS, 3))
    return path


@pytest.fixture(scope="module")
def likelihood(file: str) -> inference.WeightedLikelihood:
    return fit.likelihood_of(select(file)[0], KNOWN)


@pytest.fixture(scope="module")
def found(likelihood: inference.WeightedLikelihood) -> fit.Study:
    return fit.study(likelihood, KNOWN, How(60, seed=1))


def weights(likelihood: inference.WeightedLikelihood) -> np.ndarray:
    rows = likelihood.observation.channels[CHANNEL]
    assert isinstance(rows, Rows)
    assert rows.weights is not None
    return rows.weights


def test_density_is_that_of_scipy(likelihood: inference.WeightedLikelihood) -> None:
    """-ln L with all that was left out by the seed: normalised within the range, and extended."""
    x = likelihood.parameters.values.copy()
    values = {"nsig": 210.0, "nbkg": 8000.0, "mean": 5360.0, "sigma": 28.0, "slope": 0.0022}
    for name, value in values.items():
        x[likelihood.parameters.index(name)] = value
    low, high = generate.LOW, generate.HIGH
    peak = crystalball(1.0, 3.0, loc=5360, scale=28)
    whole, _ = quad(lambda m: np.exp(-0.0022 * (m - low)), low, high)
    mass = likelihood.observation.channels[CHANNEL].columns["B_mass"]  # type: ignore[union-attr]
    density = 210 * peak.pdf(mass) / (peak.cdf(high) - peak.cdf(low)) + 8000 * np.exp(-0.0022 * (mass - low)) / whole
    constraints = len(KNOWN.items) * 0.5 * np.log(2 * np.pi)
    expected = 210 + 8000 - (weights(likelihood) * np.log(density)).sum() + constraints
    assert likelihood.value(x) == pytest.approx(expected, rel=1e-12)


def test_yields_are_sums_of_weights(likelihood: inference.WeightedLikelihood, found: fit.Study) -> None:
    """The extended term: what is expected is what was seen, and its error is the root of the sum of squares."""
    result, w = found.fit.result, weights(likelihood)
    assert result.value("nsig") + result.value("nbkg") == pytest.approx(w.sum(), rel=1e-6)
    assert abs(result.value("nsig") - PARTS["signal"].expected()) < 3 * result.error("nsig")
    assert abs(result.value("nbkg") - PARTS["background"].expected()) < 3 * result.error("nbkg")
    assert result.error("nbkg") == pytest.approx(np.sqrt((w**2).sum()), rel=0.3)
    assert result.error("nbkg") > 1.1 * found.fit.unweighted.error("nbkg")
    assert found.fit.shrinkage() == pytest.approx(w.sum() / (w**2).sum(), rel=0.2)


def test_correlated_nuisance_parameters(found: fit.Study) -> None:
    """L Lᵀ are the correlations, and the yield's systematic uncertainty is that of the table."""
    turn = rotation(KNOWN)
    np.testing.assert_allclose(turn @ turn.T, KNOWN.correlation, atol=1e-14)
    sizes = found.uncertainties
    assert sizes.quadrature == pytest.approx(0.0397, abs=5e-5)
    assert sizes.systematic == pytest.approx(sizes.correlated, rel=0.03)
    values, errors = inference.of_theta(KNOWN, found.fit.result)
    np.testing.assert_allclose(values, 0, atol=1e-3)
    np.testing.assert_allclose(errors, 1, atol=1e-2)


def test_scan_rises_as_errors_say(found: fit.Study) -> None:
    """-2 Δln L is 1 about one error away, and its ends are those of the fit's own profile."""
    result, scan = found.fit.result, found.scan
    one, two = scan.intervals
    assert one.plus + one.minus == pytest.approx(2 * result.error("nsig"), rel=0.1)
    assert two.plus + two.minus == pytest.approx(2 * 1.96 * result.error("nsig"), rel=0.1)
    for ends, level in ((one, 0.5), (two, 1.9207)):
        np.testing.assert_allclose(
            np.interp([ends.low, ends.high], scan.grid[0], scan.minus_2_delta_ln_l), 2 * level, atol=0.1
        )
    assert scan.failed == 0


def test_significance(found: fit.Study) -> None:
    """Of 60 toys none is as extreme: p = 1/61, which the error of Z takes into account."""
    assert found.toys is not None
    p = found.toys.found
    assert found.significance.z > 3.5
    assert (p.extreme, p.toys, p.failed) == (0, 60, 0)
    assert p.p == 1 / 61
    assert p.z == pytest.approx(2.135, abs=1e-3)
    assert p.z_error == pytest.approx(p.error / (np.exp(-0.5 * p.z**2) / np.sqrt(2 * np.pi)))


def test_toys_without_signal_have_the_asymptotic_distribution(likelihood: inference.WeightedLikelihood) -> None:
    """Half of them have q0 = 0; the mean of what counts of q0 is ½ (half of a χ² of one degree of freedom)."""
    shape = inference.of_known_shape(likelihood)
    q0 = inference.from_toys(shape, How(150, seed=2)).q0 * inference.fitted(shape).shrinkage()
    assert np.mean(q0 == 0) == pytest.approx(0.5, abs=0.13)
    assert q0.mean() == pytest.approx(0.5, abs=4 * np.sqrt(5 / 4 / 150))


def test_a_deficit_has_no_significance() -> None:
    rng = np.random.default_rng(6)
    mass = rng.uniform(generate.LOW, generate.HIGH, 600)
    mass = mass[abs(mass - 5366.9) > 30]
    shape = inference.of_known_shape(inference.WeightedLikelihood(KNOWN, mass, rng.uniform(1, 2, len(mass))))
    found = inference.asymptotic(shape)
    assert (found.best, found.q0, found.z, found.p) == (0, 0, 0, 0.5)


def test_toys_have_weights(likelihood: inference.WeightedLikelihood) -> None:
    x, rng = likelihood.parameters.values, np.random.default_rng(4)
    sums = []
    for _ in range(100):
        rows = likelihood.toy(x, rng).channels[CHANNEL]
        assert isinstance(rows, Rows)
        assert rows.weights is not None
        assert set(rows.weights) <= set(weights(likelihood))
        sums.append(rows.weights.sum())
    w = weights(likelihood)
    expected, error = w.sum(), np.sqrt((w**2).sum())
    assert np.mean(sums) == pytest.approx(expected, abs=4 * error / 10)
    assert np.std(sums) == pytest.approx(error, rel=0.3)


def test_pictures(likelihood: inference.WeightedLikelihood, found: fit.Study) -> None:
    """Bins are 10 MeV wide and labelled so; lines are where they should be; yields are in the legend."""
    drawn = fit.pictures(found, likelihood)
    main, below = drawn["mass"].axes[:2]
    assert main.get_ylabel() == "Events / 10 MeV"
    assert below.get_xlabel() == "B_mass [MeV]"
    assert len(main.get_legend().get_texts()) == 4
    levels = [line.get_ydata()[0] for line in drawn["scan"].axes[0].lines if line.get_gid() == "level"]
    assert levels == pytest.approx([1.0, 3.84], abs=2e-3)


def test_command(file: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analyses.bsmm.fit", file, "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "significance" in done.stdout
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["mass.png", "result.json", "scan.png"]
    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert result["fit"]["result"]["valid"]
    assert len(result["scan"]["minus_2_delta_ln_l"]) == inference.POINTS


def test_nothing_selected(tmp_path: Path) -> None:
    empty = np.zeros(0)
    with pytest.raises(HzdslError, match="no candidate"):
        inference.WeightedLikelihood(KNOWN, empty, empty)
