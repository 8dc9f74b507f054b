"""Shapes before and after fits: binned, unbinned, and how they follow one parameter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import StepPatch

import hzdsl as hz
from hzdsl import GeV
from hzdsl.errors import HzdslError
from hzdsl.plot.inference import Subject, figures, plot_response, plot_rows, plot_shapes, subject_of
from hzdsl.plot.model import Header
from hzdsl.results.result import AxisResult
from hzdsl.stats.densities.model import UnbinnedChannel
from hzdsl.stats.fits.yields import prefit
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Norm, Process, TemplateModel
from tests.plot.inference.records import subject, yields
from tests.plot.inference.words import apart


def steps(axes, gid):
    return [p.get_data() for p in axes.patches if isinstance(p, StepPatch) and p.get_gid() == gid]


def legend(axes):
    return [t.get_text() for t in axes.get_legend().get_texts()]


def model() -> tuple[TemplateLikelihood, tuple[Channel, ...]]:
    signal = Process("signal", np.array([1.0, 5.0]), factors=(Factor("r"),), signal=True)
    background = Process("bkg", np.array([20.0, 10.0]), norms=(Norm("lumi", 1.1, 0.9),))
    channel = Channel("sr", (signal, background), np.array([19.0, 17.0]), np.array([0.0, 50.0, 100.0]), "mass [GeV]")
    known = Parameters([Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("lumi", constraint=Normal())])
    return TemplateLikelihood(TemplateModel((channel,), known)), (channel,)


def test_the_band_is_that_of_the_covariance() -> None:
    found = yields()
    ((channel, figure),) = plot_shapes(found, subject=subject())
    main, lower = figure.axes
    (band,) = steps(main, "uncertainty")
    total = found.channels["sr"]["total"]
    assert (band.values - band.baseline) / 2 == pytest.approx(total.errors)
    background, signal = steps(main, "layer")
    assert background.values == pytest.approx(found.channels["sr"]["bkg"].values)
    assert signal.values == pytest.approx(total.values)
    assert legend(main)[-1] == "Uncertainty"
    assert main.get_ylabel() == "Events / 20 GeV"
    assert (channel, lower.get_ylabel(), lower.get_xlabel()) == ("sr", "Data / Pred.", "mass [GeV]")
    apart(figure)


def test_ratios_are_shown_with_their_errors() -> None:
    """Points near 1, whose bars reach farther than the points do."""
    likelihood, channels = model()
    known = subject_of(likelihood.given(likelihood.asimov(likelihood.parameters.values)), channels)
    ((_, figure),) = plot_shapes(prefit(likelihood), subject=known)
    lower = figure.axes[1]
    (bars,) = [c for c in lower.collections if isinstance(c, LineCollection)]
    ends = np.concatenate([s[:, 1] for s in bars.get_segments()])
    low, high = lower.get_ylim()
    assert 0 < low < ends.min() < 0.9
    assert 1.1 < ends.max() < high


def test_what_stands_above_a_plot_has_room_where_there_is_something() -> None:
    ((_, named),) = plot_shapes(yields(), subject=subject())
    ((_, bare),) = plot_shapes(yields(), subject=replace(subject(), header=Header()))
    assert named.axes[0].get_position().y1 == pytest.approx(0.94)
    assert bare.axes[0].get_position().y1 == pytest.approx(0.975)
    apart(bare)


def test_yields_are_named_by_when_they_are_expected() -> None:
    found = [*figures(yields("before the fit"), subject()), *figures(yields("after the fit"), subject())]
    assert [name for name, _ in found] == ["shapes_prefit_sr", "shapes_postfit_sr"]


def test_without_data_there_is_no_panel() -> None:
    ((_, figure),) = plot_shapes(yields(), subject=Subject())
    (axes,) = figure.axes
    assert axes.get_xlabel() == "Bin"


def test_bins_of_very_different_widths_are_drawn_equally_wide() -> None:
    edges = np.array([*np.arange(15.0), 1000.0])
    wide = replace(subject(), axes={"sr": AxisResult("sr", "GeV", "mass [GeV]", edges, regular=False)})
    ((_, figure),) = plot_shapes(yields(), subject=wide)
    (band,) = steps(figure.axes[0], "uncertainty")
    assert np.ptp(np.diff(band.edges)) == 0
    figure.draw_without_rendering()
    labels = [t.get_text() for t in figure.axes[1].get_xticklabels()]
    assert labels == ["0", "2", "4", "6", "8", "10", "12", "14"]


def test_data_of_another_model_are_refused() -> None:
    about = subject()
    about.observation.channels["sr"] = np.ones(3)
    with pytest.raises(HzdslError, match="has 15 bins, and its data 3"):
        list(plot_shapes(yields(), subject=about))


def test_response_to_a_parameter() -> None:
    likelihood, channels = model()
    figure = plot_response(likelihood, "lumi", "sr", "bkg", subject=subject_of(likelihood, channels))
    main, lower = figure.axes
    nominal, up, down = steps(main, "response")
    assert nominal.values.tolist() == [20.0, 10.0]
    assert up.values == pytest.approx([22.0, 11.0])
    assert down.values == pytest.approx([18.0, 9.0])
    assert [r.values[0] for r in steps(lower, "ratio")] == pytest.approx([1.1, 0.9])
    assert lower.get_xlabel() == "mass [GeV]"
    apart(figure)
    with pytest.raises(HzdslError, match="no channel 'cr'"):
        plot_response(likelihood, "lumi", "cr")
    with pytest.raises(HzdslError, match="no process 'bg'"):
        plot_response(likelihood, "lumi", "sr", "bg")


def test_signals_axes_and_data_of_a_model() -> None:
    about = subject_of(*model())
    assert about.signals == {"signal"}
    likelihood, (channel,) = model()
    unsaid = replace(channel, processes=tuple(replace(p, signal=False) for p in channel.processes))
    assert subject_of(likelihood, [unsaid]).signals == {"signal"}
    assert (about.axes["sr"].unit, about.axes["sr"].regular) == ("GeV", True)


@pytest.fixture(scope="module")
def channel() -> UnbinnedChannel:
    x = hz.observable("m", 100 * GeV, 150 * GeV)
    signal = hz.pdf.gaussian(x, hz.parameter("mean", 125 * GeV), 2 * GeV)
    background = hz.pdf.exponential(x, hz.parameter("slope", -0.02 / GeV))
    numbers = [hz.parameter(n, v, bounds=(0, None)) for n, v in (("ns", 100.0), ("nb", 900.0))]
    return UnbinnedChannel("all", hz.pdf.extended(signal=(numbers[0], signal), background=(numbers[1], background)))


def rows(low: float = 100.0, high: float = 150.0) -> Rows:
    rng = np.random.default_rng(1)
    every = np.concatenate([rng.normal(125, 2, 100), 100 - 50 * np.log(1 - rng.uniform(0, 0.63, 900))])
    return Rows({"m": every[(every > low) & (every < high)]})


def test_fitted_density_and_its_parts(channel: UnbinnedChannel) -> None:
    data, values = rows(), {"ns": 100.0, "nb": 900.0}
    figure = plot_rows(channel, data, values, bins=25)
    main, lower = figure.axes
    (fit,) = [line for line in main.lines if line.get_gid() == "fit"]
    parts = [line for line in main.lines if line.get_gid() == "part"]
    assert np.sum([p.get_ydata() for p in parts], axis=0) == pytest.approx(fit.get_ydata())
    assert np.trapezoid(fit.get_ydata(), fit.get_xdata()) / 2 == pytest.approx(1000, rel=1e-3)  # bins of 2 GeV
    assert legend(main) == ["Data (1\N{NO-BREAK SPACE}000)", "Fit (1000)", "signal (100)", "background (900)"]
    points = main.containers[0].lines[0]
    assert points.get_ydata().sum() == len(data.columns["m"])
    assert (main.get_ylabel(), lower.get_xlabel(), lower.get_ylabel()) == ("Events / 2 GeV", "m [GeV]", "Pull")
    (pulls,) = steps(lower, "pulls")
    assert np.abs(pulls.values).max() < 4
    apart(figure)


def test_nothing_is_drawn_between_sidebands(channel: UnbinnedChannel) -> None:
    sides = replace(channel, ranges={"m": [(100 * GeV, 120 * GeV), (130 * GeV, 150 * GeV)]})
    m = rows().columns["m"]
    figure = plot_rows(sides, Rows({"m": m[(m < 120) | (m > 130)]}), {"ns": 0.0}, bins=25)
    (fit,) = [line for line in figure.axes[0].lines if line.get_gid() == "fit"]
    x, y = fit.get_data()
    assert np.isnan(y[(x > 120.1) & (x < 129.9)]).all()
    assert np.isfinite(y[x < 120]).all()


def test_sums_have_parts_and_weights_count() -> None:
    x = hz.observable("m", 0, 10)
    both = hz.pdf.sum([hz.pdf.gaussian(x, 4, 1), hz.pdf.uniform(x)], [0.3])
    figure = plot_rows(UnbinnedChannel("c", both), Rows({"m": np.arange(1.0, 9.0)}, np.full(8, 0.5)), {}, bins=10)
    assert legend(figure.axes[0]) == ["Data (4)", "Fit (4.00)", "gaussian (1.20)", "uniform (2.80)"]


def test_several_observables_are_refused() -> None:
    x, y = hz.observable("x", 0, 1), hz.observable("y", 0, 1)
    both = UnbinnedChannel("c", hz.pdf.product([hz.pdf.uniform(x), hz.pdf.uniform(y)]))
    with pytest.raises(HzdslError, match="of several observables: x, y"):
        plot_rows(both, Rows({"x": np.ones(2), "y": np.ones(2)}), {})
