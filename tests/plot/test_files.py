from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.plot import plot_result, plot_stack
from hzdsl.plot.pages import combined
from hzdsl.results import CutRow, HistogramResult, RegionResult
from tests.plot.results import EDGES, Z_PEAK, higgs, histogram, result, sample
from tests.plot.test_single import plane

STARTS = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


@pytest.fixture
def undrawn(monkeypatch):
    """Write empty files: the test is about their names."""
    monkeypatch.setattr("hzdsl.plot.pages.draw_page", lambda *_: None)
    monkeypatch.setattr("hzdsl.plot.pages.picture", lambda *_: b"")


def names(paths):
    return [p.name for p in paths]


def test_a_plot_per_histogram_and_one_of_all_regions(tmp_path):
    written = plot_result(higgs(["4mu", "4e"]), tmp_path / "new" / "folder")
    assert names(written) == ["4mu_h_mass.png", "4e_h_mass.png", "h_mass.png"]
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(written)
    for path in written:
        pixels = matplotlib.image.imread(path)
        assert pixels.shape[:2] == (1200, 1200)
        red, green, blue = (pixels[..., i] for i in range(3))
        assert 0.4 < (pixels[..., :3].min(axis=2) > 0.99).mean() < 0.97  # mostly paper
        assert ((blue > 0.95) & (red < 0.65)).sum() > 1000  # the light blue of ZZ
        assert ((red > 0.8) & (green < 0.2)).sum() > 100  # the red line


def test_formats_and_the_same_bytes_again(tmp_path):
    made = higgs(regions=["4mu"])
    first = plot_result(made, tmp_path / "a", ("PNG", ".pdf", "svg", "png"))
    assert names(first) == ["4mu_h_mass.png", "4mu_h_mass.pdf", "4mu_h_mass.svg"]
    for one, two in zip(first, plot_result(made, tmp_path / "b", ["png", "pdf", "svg"]), strict=True):
        content = one.read_bytes()
        assert content.startswith(STARTS[one.suffix[1:]])
        assert content == two.read_bytes()
    assert b"4mu/h_mass" in first[2].read_bytes()


@pytest.mark.parametrize("formats", [["png", "gif"], [], "tiff"])
def test_unknown_formats(tmp_path, formats):
    with pytest.raises(HzdslError) as caught:
        plot_result(higgs(), tmp_path / "new", formats)
    assert caught.value.code == "spec-value"
    assert "png, pdf, svg" in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_failure_leaves_the_old_files_and_no_others(tmp_path, monkeypatch):
    made = higgs(["4mu"])
    (tmp_path / "4mu_h_mass.png").write_bytes(b"old")

    def fail(*_):
        raise RuntimeError("no ink")

    monkeypatch.setattr("hzdsl.plot.pages.draw_single", fail)
    single = histogram("alone", Z_PEAK, "4mu")
    samples = {**made.samples, "x": sample("x", "background", single)}
    with pytest.raises(RuntimeError):
        plot_result(replace(made, samples=samples, histograms={**made.histograms, single.key: single}), tmp_path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("4mu_h_mass.png", b"old")]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HzdslError) as caught:
        plot_result(higgs(), tmp_path / "file")
    assert caught.value.code == "output"


def test_names_that_collide(tmp_path, undrawn):
    h = [histogram("m", Z_PEAK, region) for region in (None, "a", "b", "a/b", "A")]
    other = histogram("b_m", Z_PEAK, "a")
    written = names(plot_result(result(sample("", "background", *h, other)), tmp_path))
    assert len({n.casefold() for n in written}) == len(written) == 7
    assert written[0] == "m.png"
    assert written[-1] == "m_combined.png"


def test_what_is_not_added_up():
    shifted = histogram("m", Z_PEAK, "b", edges=EDGES + 1)
    assert combined(result(sample("x", "data", histogram("m", Z_PEAK, "a"), shifted))) == []

    def region(name, *events):
        return RegionResult(
            name, tuple(CutRow(f"cut {i}", n, n, n) for i, n in enumerate(events)), CutRow("(all)", 9, 9, 9)
        )

    h = [histogram("m", Z_PEAK, r) for r in ("loose", "tight", "apart")]
    regions = [region("loose", 90, 50), region("tight", 90, 50, 20), region("apart", 90, 40)]
    assert combined(result(sample("x", "data", *h), regions=regions)) == []
    assert combined(result(sample("x", "data", *h[1:]), regions=regions)) == [("tight/m", "apart/m")]


def test_two_dimensions_are_drawn_by_kind_and_three_left_out(tmp_path, caplog, undrawn):
    zeros = np.zeros((6, 6, 6))
    cube = HistogramResult("cube", "r", (plane(0).axes[0],) * 3, zeros.astype(int), zeros, zeros)
    made = result(sample("b", "background", plane(3), cube), sample("d", "data", plane(4)))
    assert names(plot_result(made, tmp_path)) == ["r_zz_simulation.png", "r_zz_data.png"]
    assert "'r/cube' has 3 axes and is not drawn" in caplog.text


def test_bare_files_of_several_regions(tmp_path):
    made = result(sample("", "background", *(histogram("m", 9 * Z_PEAK, r) for r in "ab")))
    assert names(plot_result(made, tmp_path)) == ["a_m.png", "b_m.png", "m.png"]


def test_a_result_without_histograms(tmp_path):
    assert plot_result(result(), tmp_path) == []


def test_figures_show_in_notebooks():
    assert plot_stack(higgs(), "4mu/h_mass")._repr_png_().startswith(STARTS["png"])


def test_importing_is_cheap_and_drawing_leaves_pyplot_alone():
    code = """
import sys
import hzdsl.plot
assert not {"matplotlib", "mplhep", "hist"} & set(sys.modules), "heavy import"
from tests.plot.results import higgs
hzdsl.plot.plot_stack(higgs(), "4mu/h_mass")
import matplotlib
assert matplotlib.get_backend(auto_select=False) is None
import matplotlib.pyplot
assert matplotlib.pyplot.get_fignums() == []
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
