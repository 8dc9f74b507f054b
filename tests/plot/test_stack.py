from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from hzdsl.errors import HzdslError
from hzdsl.plot import plot_stack
from tests.plot.results import EDGES, MIDDLES, Z_PEAK, higgs, histogram, result, sample


def texts(figure):
    return {t.get_gid(): t.get_text() for t in figure.axes[0].texts if t.get_gid()}


def legend(figure):
    return [t.get_text() for t in figure.axes[0].get_legend().get_texts()]


def steps(axes, gid):
    return [p for p in axes.patches if isinstance(p, StepPatch) and p.get_gid() == gid]


def boxes_apart(figure):
    """Assert that neither legend nor texts touch each other or what is drawn."""
    axes, renderer = figure.axes[0], figure.canvas.get_renderer()
    words = [axes.get_legend(), *(t for t in axes.texts if t.get_gid() in ("information", "numbers", "mark"))]
    boxes = [w.get_window_extent(renderer) for w in words if w is not None]
    for i, box in enumerate(boxes):
        assert axes.bbox.x0 <= box.x0
        assert box.x1 <= axes.bbox.x1
        assert box.y1 <= axes.bbox.y1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
    for patch in steps(axes, "layer") + steps(axes, "uncertainty") + steps(axes, "histogram"):
        tops = np.nan_to_num(patch.get_data().values)
        edges = axes.transData.transform([(x, 1.0) for x in patch.get_data().edges])[:, 0]
        heights = axes.transData.transform([(1.0, max(y, axes.get_ylim()[0])) for y in tops])[:, 1]
        for box in boxes:
            below = (edges[1:] > box.x0) & (edges[:-1] < box.x1)
            assert heights[below].max(initial=0.0) < box.y0


def test_one_region():
    figure = plot_stack(higgs(), "4mu/h_mass")
    main, lower = figure.axes
    assert main.get_ylabel() == "Events / 3.06 GeV"
    assert lower.get_xlabel() == r"$m_{4\ell}$ [GeV]"
    assert lower.get_ylabel() == "Pull"
    assert texts(figure) == {
        "experiment": "CMS Open Data",
        "conditions": r"$\sqrt{s}$ = 8 TeV, 11.6 fb$^{-1}$",
        "information": "4mu",
    }
    shown = legend(figure)
    assert shown[0].startswith("Data (")
    assert shown[1].startswith("$m_H$ = 125 GeV (")
    assert shown[2].startswith("ZZ (")
    assert shown[3:] == ["Stat. uncertainty"]
    boxes_apart(figure)


def test_layers_lie_on_each_other_signal_on_top():
    figure = plot_stack(higgs(), "4mu/h_mass")
    background, signal = (p.get_data() for p in steps(figure.axes[0], "layer"))
    np.testing.assert_array_equal(signal.baseline, background.values)
    assert signal.values.max() > 0
    band = steps(figure.axes[0], "uncertainty")[0].get_data()
    np.testing.assert_allclose((band.values + band.baseline) / 2, signal.values)


def signal_line(figure):
    """The outline of the signal by bin: contents where it is drawn, nothing elsewhere."""
    (line,) = (x for x in figure.axes[0].lines if x.get_gid() == "signal")
    x, y = line.get_xdata(), line.get_ydata()
    return {round(float(a), 6): float(b) for a, b, c in zip(x, y, x[1:], strict=False) if c > a}


@pytest.mark.parametrize("log", ["", "y"])
def test_the_signal_is_outlined_where_it_is_seen(log):
    figure = plot_stack(higgs(), "4mu/h_mass", log=log)
    _, signal = (p.get_data() for p in steps(figure.axes[0], "layer"))
    added = signal.values - signal.baseline
    least = 0.04 * signal.baseline if log else 0.01 * signal.values.max()
    shown = {
        round(float(e), 6): v
        for e, v, a, b in zip(EDGES[:-1], signal.values, added, least + 0 * added, strict=True)
        if a > b
    }
    assert 3 < len(shown) < 20
    assert signal_line(figure) == pytest.approx(shown)


def test_a_signal_alone_is_outlined_everywhere():
    figure = plot_stack(result(*(sample(n, "signal", histogram("m", 20 + 0 * MIDDLES)) for n in "ab")), "m")
    assert [len(x.get_xdata()) for x in figure.axes[0].lines if x.get_gid() == "signal"] == [75, 75]


def test_data_are_called_data():
    h = histogram("m", 9 * Z_PEAK)
    figure = plot_stack(result(sample("B", "data", h, label="data"), sample("C", "data", h, label="data")), "m")
    assert legend(figure)[0].startswith("Data (")


def test_objects_are_entries():
    made = higgs(per_event=False)
    assert plot_stack(made, "4mu/h_mass").axes[0].get_ylabel() == "Entries / 3.06 GeV"
    assert plot_stack(made, ["4mu/h_mass", "4e/h_mass"]).axes[0].get_ylabel() == "Entries / 3.06 GeV"


def test_weights_that_are_scaled_to_nothing_are_said():
    h = histogram("m", 9 * Z_PEAK, weight=0.5)
    alone = result(sample("A", "signal", h), luminosity=None)
    assert plot_stack(alone, "m").axes[0].get_ylabel() == "Weighted events / 3.06 GeV"
    assert plot_stack(replace(alone, luminosity=36.0), "m").axes[0].get_ylabel() == "Events / 3.06 GeV"
    with_data = result(sample("A", "signal", h), sample("B", "data", histogram("m", 9 * Z_PEAK)), luminosity=None)
    assert plot_stack(with_data, "m").axes[0].get_ylabel() == "Events / 3.06 GeV"


def test_a_sum_of_regions_takes_each_sample_in_its_channels():
    result = higgs()
    keys = ["4mu/h_mass", "4e/h_mass", "2e2mu/h_mass"]
    figure = plot_stack(result, keys)
    assert texts(figure)["information"] == "4mu + 4e + 2e2mu"
    background = steps(figure.axes[0], "layer")[0].get_data().values
    one = result.samples["ZZa"].histograms["4mu/h_mass"].values[1:-1]
    np.testing.assert_allclose(background, 3 * one)  # ZZa fills 4mu, ZZb the two others


def test_points_leave_out_empty_bins_and_have_poisson_errors():
    result = higgs()
    figure = plot_stack(result, "4mu/h_mass")
    line, _, (bars,) = figure.axes[0].containers[0].lines
    counts = result.samples["Run2012"].histograms["4mu/h_mass"].counts[1:-1]
    np.testing.assert_array_equal(line.get_ydata(), counts[counts != 0])
    ends = {round(s[0][1] - s[0][1]) for s in bars.get_segments()}
    assert ends == {0}
    one = next(s for s in bars.get_segments() if s[0][1] == pytest.approx(1 - 0.8272, abs=1e-3))
    assert one[1][1] == pytest.approx(3.2995, abs=1e-3)


def test_pull_and_ratio_panels():
    pull = plot_stack(higgs(), "4mu/h_mass").axes[1]
    assert len(steps(pull, "pulls")[0].get_data().values) == 36
    assert pull.get_ylim()[0] == -pull.get_ylim()[1]
    ratio = plot_stack(higgs(), "4mu/h_mass", panel="ratio").axes[1]
    assert ratio.get_ylabel() == "Data / Pred."
    assert sum(ratio.get_ylim()) == pytest.approx(2)
    assert len(plot_stack(higgs(), "4mu/h_mass", panel="none").axes) == 1


def test_simulation_alone_says_so_and_has_no_panel():
    whole = higgs()
    figure = plot_stack(replace(whole, samples={k: whole.samples[k] for k in ("H", "ZZa")}), "4mu/h_mass")
    assert len(figure.axes) == 1
    assert texts(figure)["experiment"] == "CMS Open Data Simulation"
    assert not any(t.startswith("Data") for t in legend(figure))


def test_a_process_without_this_histogram_is_named_and_nothing_compared():
    made = higgs(["4mu", "4e"])
    del made.samples["ZZb"].histograms["4e/h_mass"]
    figure = plot_stack(made, "4e/h_mass")
    assert len(figure.axes) == 1
    assert texts(figure)["information"].splitlines() == ["4e", "without ZZ"]
    assert len(plot_stack(made, "4mu/h_mass").axes) == 2
    assert "without ZZ" in texts(plot_stack(made, ["4mu/h_mass", "4e/h_mass"]))["information"]


def test_data_alone():
    h = histogram("m", 9 * Z_PEAK)
    figure = plot_stack(result(sample("B", "data", h), sample("C", "data", h)), "m")
    assert len(figure.axes) == 1
    total = 2 * h.counts[1:-1].sum()
    assert legend(figure) == [f"Data ({total})"]
    assert "information" not in texts(figure)


def test_no_luminosity_no_text():
    assert texts(plot_stack(replace(higgs(), luminosity=None, energy=""), "4mu/h_mass"))["conditions"] == ""
    unweighted = replace(higgs(), samples={"a": sample("a", "background", histogram("m", Z_PEAK))})
    a = unweighted.samples["a"]
    bare = replace(a, sample=replace(a.sample, name="", xsec=None))
    figure = plot_stack(replace(unweighted, samples={"": bare}, histograms=bare.histograms), "m")
    assert "fb" not in texts(figure)["conditions"]


def test_colours_are_those_of_the_process_in_every_region():
    a, b = 5 * Z_PEAK, 50 * Z_PEAK
    low = [histogram("m", x, "low") for x in (a, b)]
    high = [histogram("m", x, "high") for x in (b, a)]
    made = result(*(sample(n, "background", low[i], high[i]) for i, n in enumerate("ab")))
    faces = {}
    for region in ("low", "high"):
        figure = plot_stack(made, f"{region}/m")
        names = [t.split()[0] for t in legend(figure)[:2]]
        patches = figure.axes[0].get_legend().get_patches()
        faces[region] = {n: p.get_facecolor() for n, p in zip(names, patches, strict=False)}
        assert names == (["b", "a"] if region == "low" else ["a", "b"])  # the larger lies on top
    assert faces["low"] == faces["high"]


def test_ratios_beyond_the_panel_are_triangles_at_its_border():
    flat = np.full(36, 100.0)
    data = flat.copy()
    data[:3] = 400, 1, 0
    made = result(sample("b", "background", histogram("m", flat)), sample("d", "data", histogram("m", data)))
    panel = plot_stack(made, "m", panel="ratio").axes[1]
    above, below = (line for line in panel.lines if line.get_gid() == "outside")
    assert above.get_xdata().tolist() == [MIDDLES[0]]
    assert below.get_xdata().tolist() == []  # the range reaches down to 0; empty bins have no point
    assert panel.get_ylim() == (0, 2)


def test_colours_that_come_again_are_hatched():
    made = result(*(sample(f"b{i}", "background", histogram("m", 5 * Z_PEAK)) for i in range(20)))
    patches = plot_stack(made, "m").axes[0].get_legend().get_patches()[:20]
    assert len({(p.get_facecolor(), p.get_hatch()) for p in patches}) == 20


@pytest.mark.parametrize("scales", ["", "xy"])
@pytest.mark.parametrize("contents", ["zero", "negative", "small", "large", "one side"])
def test_any_contents(contents, scales):
    shape, weight = {
        "zero": (0 * MIDDLES, 1.0),
        "negative": (np.round(5 * np.sin(MIDDLES)), 0.7),
        "small": (20 + 0 * MIDDLES, 5e-4),
        "large": (20 + 0 * MIDDLES, 5e4),
        "one side": (MIDDLES - 70, 1.0),
    }[contents]
    made = result(
        sample("b", "background", histogram("m", shape, "r", weight)),
        sample("s", "signal", histogram("m", shape, "r", weight / 3)),
        sample("d", "data", histogram("m", np.maximum(np.round(shape * weight), 0), "r")),
    )
    figure = plot_stack(made, "r/m", log=scales)
    figure.canvas.draw()
    boxes_apart(figure)


def test_many_processes_with_long_names():
    names = [f"process {i} with a name that is much longer than useful {i}" for i in range(14)]
    backgrounds = [sample(n, "background", histogram("m", 30 * Z_PEAK, "region")) for n in names]
    figure = plot_stack(result(*backgrounds, sample("d", "data", histogram("m", 400 * Z_PEAK, "region"))), "region/m")
    assert len(legend(figure)) == 16
    boxes_apart(figure)


def test_unicode_and_broken_labels_draw_without_warning(caplog):
    made = result(
        sample("背景", "background", histogram("質量", 9 * Z_PEAK, "信号 😀", label=r"$\nosuch{$ 4ℓ")),
        sample("d", "data", histogram("質量", 9 * Z_PEAK, "信号 😀"), label="Daten ü"),
    )
    figure = plot_stack(made, "信号 😀/質量")
    figure.canvas.draw()
    assert "not LaTeX" in caplog.text


def test_variable_bins_have_horizontal_bars():
    edges = np.array([0.0, 10, 20, 40, 80, 200])
    made = result(
        sample("b", "background", histogram("pt", [9, 8, 7, 6, 5], edges=edges)),
        sample("d", "data", histogram("pt", [9, 8, 7, 6, 5], edges=edges)),
    )
    figure = plot_stack(made, "pt")
    assert figure.axes[0].get_ylabel() == "Events / bin"
    assert len(figure.axes[0].containers[0].lines[2]) == 2


def test_many_bins_are_drawn_as_few_artists():
    edges = np.linspace(0, 1, 5001)
    h = histogram("m", np.arange(5000) % 7, edges=edges, unit="")
    figure = plot_stack(result(sample("b", "background", h), sample("d", "data", h)), "m", panel="none")
    assert len(figure.axes[0].patches) < 10
    assert not figure.axes[0].containers


@pytest.mark.parametrize(
    ("call", "code", "text"),
    [
        (lambda r: plot_stack(r, "4mu/h_mas"), "name-unknown", "did you mean 4mu/h_mass"),
        (lambda r: plot_stack(r, "4mu/h_mass", panel="pulls"), "arguments", "pull or ratio or none"),
        (lambda r: plot_stack(r, []), "arguments", "no histogram"),
        (lambda r: plot_stack(r, ["4mu/h_mass", "4e/other"]), "binning", "different axes"),
    ],
)
def test_errors(call, code, text):
    made = higgs()
    other = histogram("other", [1, 2], "4e", edges=EDGES[:3])
    data = made.samples["Run2012"]
    samples = {**made.samples, "Run2012": replace(data, histograms={**data.histograms, other.key: other})}
    with pytest.raises(HzdslError, match=text) as caught:
        call(replace(made, samples=samples, histograms={**made.histograms, other.key: other}))
    assert caught.value.code == code
