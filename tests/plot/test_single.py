from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.plot import plot_histogram
from hzdsl.results import AxisResult, HistogramResult
from tests.plot.results import Z_PEAK, histogram
from tests.plot.test_stack import boxes_apart, steps, texts

RESONANCES = (
    (0.548, r"$\eta$"), (0.78, r"$\rho,\omega$"), (1.02, r"$\phi$"), (3.097, r"J/$\psi$"), (3.686, r"$\psi'$"),
    (9.46, r"$\Upsilon$(1,2,3S)"), (91.2, "Z"), (500.0, "beyond"),
)  # fmt: skip


def spectrum(bins=30000):
    """A falling spectrum with peaks at the resonances."""
    edges = np.linspace(0.25, 300, bins + 1)
    x = (edges[1:] + edges[:-1]) / 2
    contents = 300 / x
    for mass, _ in RESONANCES:
        contents += 3000 * np.exp(-(((x - mass) / (0.015 * mass)) ** 2) / 2) / mass**0.7
    return histogram("mass", contents, edges=edges, label=r"$m_{\mu\mu}$", log="xy", marks=RESONANCES)


def test_bins_of_a_category_have_names():
    axis = AxisResult("kind", "", "", np.arange(4.0), regular=False, categories=("4e", "4µ", "2e2µ"))
    contents = np.array([0.0, 3.0, 1.0, 2.0, 0.0])
    figure = plot_histogram(HistogramResult("kind", None, (axis,), contents.astype(int), contents, contents))
    figure.canvas.draw()
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["4e", "4µ", "2e2µ"]
    assert figure.axes[0].get_xticks().tolist() == [0.5, 1.5, 2.5]
    flat = HistogramResult("two", None, (axis, axis), np.ones((5, 5), int), np.ones((5, 5)), np.ones((5, 5)))
    figure = plot_histogram(flat)
    figure.canvas.draw()
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["4e", "4µ", "2e2µ"]


def test_few_entries_in_many_bins_can_be_seen():
    contents = np.zeros(30000)
    contents[[5, 6, 275, 9094, 9095, 9100]] = 1
    few = histogram("mass", contents, edges=np.linspace(0.25, 300, 30001), log="xy")
    figure = plot_histogram(few)
    (step,) = steps(figure.axes[0], "histogram")
    values, edges, _ = step.get_data()
    assert len(values) <= 100
    assert values.sum() == 6
    assert values[(edges[:-1] < 91.1) & (edges[1:] > 91.3)].tolist() == [3]
    assert set(edges) <= set(few.axes[0].edges)
    assert texts(figure)["numbers"].splitlines()[0] == f"Entries {few.counts.sum()}"
    assert figure.axes[0].get_ylabel() == "Events / bin"
    (step,) = steps(plot_histogram(spectrum()).axes[0], "histogram")
    assert len(step.get_data().values) == 30000


def test_step_with_numbers():
    figure = plot_histogram(histogram("m", 50 * Z_PEAK, "4e", nan=2, title="Before"), label="ZZ", energy="8 TeV")
    (axes,) = figure.axes
    (step,) = steps(axes, "histogram")
    np.testing.assert_array_equal(step.get_data().values, (50 * Z_PEAK).astype(int))
    assert axes.get_xlabel() == "m [GeV]"
    entries = (50 * Z_PEAK).astype(int).sum() + 8
    assert texts(figure)["numbers"].splitlines() == [
        f"Entries {entries}",
        "Underflow 3",
        "Overflow 5",
        "of which NaN 2",
    ]
    assert texts(figure)["information"].splitlines() == ["Before", "4e", "ZZ"]
    boxes_apart(figure)


def test_weighted_numbers():
    figure = plot_histogram(histogram("m", 50 * Z_PEAK, weight=0.5))
    lines = texts(figure)["numbers"].splitlines()
    assert lines[1].startswith("Sum of weights ")
    assert lines[2:] == ["Underflow 1.50", "Overflow 2.50"]


def test_marks_stand_above_the_curve_and_apart():
    figure = plot_histogram(spectrum())
    axes = figure.axes[0]
    assert axes.get_xscale() == axes.get_yscale() == "log"
    marks = [t for t in axes.texts if t.get_gid() == "mark"]
    assert [t.get_text() for t in marks] == [label for _, label in RESONANCES[:-1]]
    boxes_apart(figure)
    for text, (mass, _) in zip(marks, RESONANCES, strict=False):
        box = text.get_window_extent(figure.canvas.get_renderer())
        place = axes.transData.transform((mass, 1.0))[0]
        assert box.x0 - 5 <= place <= box.x1 + 5


def test_marks_in_a_crowd():
    marks = tuple((x, f"name {x}") for x in (87.0, 88.0, 89.0, 90.0, 91.0, 92.0, 93.0, 94.0, 70.0, 180.0))
    boxes_apart(plot_histogram(histogram("m", 50 * Z_PEAK, "region", marks=marks)))


def test_many_bins_are_two_artists():
    axes = plot_histogram(spectrum(bins=1000)).axes[0]
    assert len(axes.patches) == 2
    assert not axes.containers


def test_more_bins_than_pixels_are_an_area_without_lines():
    h = spectrum()
    (area,) = plot_histogram(h).axes[0].patches
    assert area.get_linewidth() == 0
    np.testing.assert_array_equal(area.get_data().values, h.values[1:-1])


def test_lines_of_marks_cross_no_names():
    figure = plot_histogram(spectrum())
    axes, renderer = figure.axes[0], figure.canvas.get_renderer()
    names = [t.get_window_extent(renderer) for t in axes.texts if t.get_gid() == "mark"]
    crowd = tuple((x, f"a long name {x}") for x in (87.0, 88.0, 89.0, 91.0, 92.0, 94.0, 97.0))
    other = plot_histogram(histogram("m", 50 * Z_PEAK, "region", marks=crowd))
    names_of = {figure: names}
    names_of[other] = [
        t.get_window_extent(other.canvas.get_renderer()) for t in other.axes[0].texts if t.get_gid() == "mark"
    ]
    for made, boxes in names_of.items():
        for line in (x for x in made.axes[0].lines if x.get_gid() == "mark-line"):
            (x, low), (_, high) = made.axes[0].transData.transform(line.get_xydata())
            assert not any(b.x0 < x < b.x1 and b.y0 < high and b.y1 > low for b in boxes)


def test_objects_are_entries():
    h = replace(histogram("pt", 50 * Z_PEAK), per_event=False)
    assert plot_histogram(h).axes[0].get_ylabel() == "Entries / 3.06 GeV"
    mesh = plot_histogram(replace(plane(1), per_event=False)).axes[0]
    assert mesh.child_axes[0].get_ylabel() == "Entries / bin"


def test_sums_of_weights_are_said_to_be_such():
    h = histogram("pt", 50 * Z_PEAK, weight=0.5)
    assert plot_histogram(h).axes[0].get_ylabel() == "Weighted events / 3.06 GeV"
    assert plot_histogram(replace(h, per_event=False)).axes[0].get_ylabel() == "Weighted entries / 3.06 GeV"
    flat = plane(1)
    mesh = plot_histogram(replace(flat, values=flat.values * 0.5)).axes[0]
    assert mesh.child_axes[0].get_ylabel() == "Weighted events / bin"


def test_a_title_that_names_the_region():
    shown = texts(plot_histogram(histogram("m", 50 * Z_PEAK, "z_window", title="Z window: muons")))
    assert shown["information"] == "Z window: muons"


def test_a_logarithmic_axis_from_zero_begins_at_the_first_edge_above():
    edges = np.arange(0.0, 11)
    assert plot_histogram(histogram("m", np.arange(10), edges=edges, log="x")).axes[0].get_xlim() == (
        1.0,
        10.0,
    )
    negative = plot_histogram(histogram("m", np.arange(10), edges=edges - 20, log="x")).axes[0]
    assert negative.get_xscale() == "linear"


def test_not_finite_contents_are_left_out(caplog):
    h = histogram("m", 50 * Z_PEAK)
    h.values[5], h.variances[6], h.variances[0] = np.nan, np.inf, np.nan
    figure = plot_histogram(h)
    assert np.isfinite(figure.axes[0].get_ylim()).all()
    assert "2 bins are not finite" in caplog.text


def plane(contents, region="r", log=""):
    x = AxisResult("z1", "GeV", "$m_{Z1}$", np.linspace(40, 120, 5), True)
    y = AxisResult("z2", "", "y", np.array([1.0, 2, 4, 8]), False)
    values = np.zeros((6, 5))
    values[1:-1, 1:-1] = contents
    return HistogramResult("zz", region, (x, y), values.astype(int), values, values, log=log)


def test_mesh():
    figure = plot_histogram(plane(np.arange(12).reshape(4, 3)), experiment="CMS Open Data")
    axes, bar = figure.axes[0], figure.axes[0].child_axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("$m_{Z1}$ [GeV]", "y", "Events / bin")
    array = axes.collections[0].get_array()
    assert array.shape == (3, 4)
    assert array.mask.sum() == 1
    assert array[0, 1] == 3


@pytest.mark.parametrize("log", ["", "xyz"])
@pytest.mark.parametrize("contents", [0, 1, -1, 7e6])
def test_mesh_of_anything(contents, log):
    plot_histogram(plane(contents), log=log).canvas.draw()


def test_three_dimensions_are_refused():
    axis = plane(0).axes[0]
    zeros = np.zeros((6, 6, 6))
    with pytest.raises(HzdslError, match="3 axes"):
        plot_histogram(HistogramResult("h", None, (axis,) * 3, zeros.astype(int), zeros, zeros))
