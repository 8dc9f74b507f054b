"""B0s -> mu mu up to the fit: what is generated is what is said, all of it is read, and its truth comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

import hzdsl as hz
from analyses.bsmm import candidates, generate, systematics
from hzdsl.errors import HzdslError
from hzdsl.ir.hash import analysis_hash
from hzdsl.plot import plot_histogram

ROOT = Path(__file__).resolve().parents[2]
BSMM = ROOT / "analyses" / "bsmm"
PARTS = generate.components(events=60_000, signal=0.05)
SEED = 7


@pytest.fixture(scope="module")
def columns() -> generate.Columns:
    return generate.generate(PARTS, SEED)


@pytest.fixture(scope="module")
def file(columns: generate.Columns, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("bsmm") / "bsmm.root")
    generate.write(path, columns)
    return path


def test_text_and_python() -> None:
    text, python = (hz.load(str(BSMM / f"bsmm.{kind}")).document for kind in ("toml", "py"))
    assert analysis_hash(text) == analysis_hash(python)


def passing(c: generate.Columns) -> np.ndarray:
    """The seed's selection, in NumPy."""
    return (c["B_mass"] > 4900) & (c["B_mass"] < 5800) & (c["vertex_chi2"] < 10) & (c["muon_pt"] > 4000)


@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_selected_as_in_numpy(file: str, columns: generate.Columns, backend: str) -> None:
    """All chunks, in order, masses in GeV."""
    found, result = candidates.select(file, chunk_size=10_000, backend=backend)
    rows = passing(columns)
    assert result.events == len(rows) > 2 * 10_000
    np.testing.assert_allclose(found.mass, columns["B_mass"][rows] * 1e-3, rtol=1e-15)
    np.testing.assert_array_equal(found.weight, columns["event_weight"][rows])
    np.testing.assert_array_equal(found.is_signal, columns["is_signal"][rows])
    inside, _ = np.histogram(columns["B_mass"][rows], 90, (4900, 5800))
    assert result["mass"].counts[1:-1].tolist() == inside.tolist()


def test_neither_chunks_nor_threads_nor_backend_show(file: str) -> None:
    _, whole = candidates.select(file)
    for chunk_size, threads, backend in (1_000, 2, "codegen"), (7_777, 1, "interpret"):
        _, found = candidates.select(file, chunk_size=chunk_size, threads=threads, backend=backend)
        assert found == whole


def test_several_files_are_one_sample(file: str) -> None:
    again = Path(file).with_name("again.root")
    again.write_bytes(Path(file).read_bytes())
    (one, _), (two, _) = candidates.select(file), candidates.select([file, again])
    assert two.mass.tolist() == one.mass.tolist() * 2


@pytest.mark.parametrize("name", PARTS)
def test_truth(file: str, name: str) -> None:
    """Within three statistical errors of what is expected, which is known before anything is generated."""
    found, _ = candidates.select(file)
    total, error = found.total(found.is_signal == (name == "signal"))
    assert abs(total - PARTS[name].expected()) < 3 * error
    assert error < 0.05 * total


def test_the_cuts_are_in_their_units(file: str, columns: generate.Columns) -> None:
    document = hz.load(str(BSMM / "bsmm.toml"))
    result = document.analysis.run(file, parameters={"min_muon_pt": 5 * hz.GeV})
    assert result.regions["selected"].selected == int((passing(columns) & (columns["muon_pt"] > 5000)).sum())


def test_the_plot_says_how_wide_its_bins_are(file: str) -> None:
    _, result = candidates.select(file)
    axes = plot_histogram(result["mass"]).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("m(μμ) [MeV]", "Weighted events / 10 MeV")
    assert np.allclose(np.diff(result["mass"].axes[0].edges), 10)


def textbook(t: float, alpha: float, n: float) -> float:
    """The Crystal Ball as it is printed (Gaiser, SLAC-R-255, appendix F)."""
    if t > -alpha:
        return float(np.exp(-0.5 * t * t))
    return float((n / alpha) ** n * np.exp(-0.5 * alpha**2) * (n / alpha - alpha - t) ** -n)


@pytest.mark.parametrize(("alpha", "n"), [(1.0, 3.0), (1.7, 1.5), (0.6, 8.0)])
def test_crystal_ball(alpha: float, n: float) -> None:
    ball = generate.CrystalBall(5366.9, 25.0, alpha, n)
    whole = sum(quad(textbook, *ends, args=(alpha, n))[0] for ends in ((-np.inf, -alpha), (-alpha, 12)))
    for t in (-6.0, -1.2, 0.3, 2.0):
        pieces = [(-np.inf, min(t, -alpha)), (-alpha, t)] if t > -alpha else [(-np.inf, t)]
        below = sum(quad(textbook, *ends, args=(alpha, n))[0] for ends in pieces)
        assert ball.below(ball.mean + t * ball.sigma) == pytest.approx(below / whole, rel=1e-6)
    drawn = ball.draw(np.random.Generator(np.random.PCG64(1)), 20_000)
    assert kstest(drawn, np.vectorize(ball.below)).pvalue > 1e-3
    assert kstest(drawn, "norm", (ball.mean, ball.sigma)).pvalue < 1e-12  # what the seed generated


def test_background_is_truncated() -> None:
    law = generate.Exponential(300.0)
    drawn = law.draw(np.random.Generator(np.random.PCG64(1)), 20_000)
    assert 4900 <= drawn.min() < 4901
    assert 5790 < drawn.max() <= 5800
    assert kstest(drawn, lambda m: np.expm1(-(m - 4900) / 300) / np.expm1(-3.0)).pvalue > 1e-3


def test_generated_columns(columns: generate.Columns) -> None:
    assert set(columns) == {
        "B_mass", "muon_pt", "muon_eta", "muon_phi", "vertex_chi2", "is_signal", "event_weight",
    }  # fmt: skip
    assert columns["event_weight"].min() > 1
    again, other = generate.generate(PARTS, SEED), generate.generate(PARTS, SEED + 1)
    assert all(np.array_equal(columns[name], again[name]) for name in columns)
    assert len(other["B_mass"]) != len(columns["B_mass"])


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "small.root")
    monkeypatch.setattr("sys.argv", ["generate", path, "--events", "2000", "--signal", "0.5", "--seed", "3"])
    generate.main()
    assert "signal: 1000 produced, 550.7 expected" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["candidates", path])
    candidates.main()
    assert "sum of weights" in capsys.readouterr().out


def test_the_seeds_five_add_up() -> None:
    known = systematics.read_systematics()
    seed = [s for s in known.items if s.group == "seed"]
    assert [s.effect["signal"] for s in seed] == [0.025, 0.015, 0.010, 0.020, 0.015]
    assert known.quadrature(group="seed") == pytest.approx(0.0397, abs=5e-5)
    assert {"alignment", "magnetic_field", "pile_up"} < set(known.names)


def test_correlations_count() -> None:
    known = systematics.read_systematics()
    pairs = 2 * 0.3 * 0.015 * 0.010 + 2 * 0.2 * 0.015 * 0.005
    assert known.total() ** 2 == pytest.approx(known.quadrature() ** 2 + pairs)
    assert known.total("mean") == pytest.approx(np.hypot(1e-4, 2e-4))


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[systematic.a]\neffect = {sinal = 0.1}", "name-unknown", "signal"),
        ("[systematic.a]\neffect = {signal = 25}", "spec-value", "0.02 is 2 %"),
        ("[systematic.a]\nefect = {signal = 0.1}", "spec-key", "efect"),
        ("[systematic.a", "spec-format", "TOML"),
        ("[systematic.a]\neffect = {mean = 0.1}\n[[correlation]]\nbetween = ['a', 'b']\nvalue = 0.1", "name-unknown", "b"),
        (
            "[systematic.a]\neffect = {mean = 0.1}\n[systematic.b]\neffect = {mean = 0.1}\n"
            "[[correlation]]\nbetween = ['a', 'b']\nvalue = 1.5",
            "spec-value", "smaller",
        ),
    ],
)  # fmt: skip
def test_wrong_tables(tmp_path: Path, text: str, code: str, words: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(HzdslError) as caught:
        systematics.read_systematics(path)
    assert caught.value.code == code
    assert words in str(caught.value)
