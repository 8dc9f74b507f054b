"""Scans, contours, limits along numbers: what is drawn is what the records hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.plot.inference import (
    plot_acceptance,
    plot_belt,
    plot_cls,
    plot_contour,
    plot_limits,
    plot_local_scan,
    plot_plane,
    plot_scan,
    plot_shapes,
    plot_toy_significance,
)
from tests.plot.inference.records import (
    contour,
    hypotheses,
    limits,
    local_scan,
    plane,
    region,
    scan,
    subject,
    toy_significance,
    yields,
)
from tests.plot.inference.words import apart


def drawn(axes, gid):
    return [a for a in (*axes.lines, *axes.collections, *axes.patches) if a.get_gid() == gid]


def legend(axes):
    return [t.get_text() for t in axes.get_legend().get_texts()]


def information(axes):
    return next(t.get_text() for t in axes.texts if t.get_gid() == "information").splitlines()


def test_scan_with_its_lines_and_interval() -> None:
    found = scan()
    (axes,) = plot_scan(found, subject=subject()).axes
    (line,) = drawn(axes, "scan")
    np.testing.assert_array_equal(line.get_ydata(), found.minus_2_delta_ln_l)
    assert np.isnan(line.get_ydata()[3])
    assert [line.get_ydata()[0] for line in drawn(axes, "level")] == pytest.approx([1.0, 3.8414])
    assert [line.get_xdata()[0] for line in drawn(axes, "end")] == pytest.approx([0.8, 1.6, 0.416, 1.984])
    assert axes.get_xlabel() == "r: signal strength"
    assert information(axes) == ["r = 1.20$_{-0.40}^{+0.40}$"]
    assert axes.get_legend() is None


def test_scans_beside_each_other() -> None:
    figure = plot_scan(scan(), {"Stat. only": scan(0.5)})
    assert legend(figure.axes[0]) == ["Observed", "Stat. only"]
    assert [len(drawn(figure.axes[0], "scan"))] == [2]
    assert information(figure.axes[0])[1].startswith("Stat. only: r = 1.20")
    apart(figure)


def test_statistical_uncertainties_alone_are_dashed() -> None:
    figure = plot_scan(replace(scan(), statistical=scan(0.5)))
    assert legend(figure.axes[0]) == ["Observed", "Stat. only"]
    assert [line.get_linestyle() for line in drawn(figure.axes[0], "scan")] == ["-", "--"]
    apart(figure)


def test_what_is_expected_is_not_called_observed() -> None:
    asimov = replace(subject(), asimov=True)
    assert legend(plot_scan(scan(), {"Other": scan(0.5)}, subject=asimov).axes[0]) == ["Asimov", "Other"]
    (found,) = plot_limits({"": limits()}, subject=asimov).legends
    assert found.get_texts()[0].get_text() == "Asimov"
    ((_, shapes),) = plot_shapes(yields(), subject=asimov)
    assert legend(shapes.axes[0])[0].startswith("Asimov data (")


def test_curves_end_below_the_words() -> None:
    figure = plot_scan(scan(0.2))
    (axes,) = figure.axes
    (line,) = drawn(axes, "scan")
    top = axes.transData.inverted().transform((0.0, line.get_clip_box().y1))[1]
    box = next(t for t in axes.texts if t.get_gid() == "information").get_window_extent()
    assert top == pytest.approx(10.0)
    assert axes.transData.transform((1.0, top))[1] < box.y0


def test_wrong_scans_are_refused() -> None:
    with pytest.raises(HzdslError, match="no scan of one parameter"):
        plot_scan(plane())
    with pytest.raises(HzdslError, match="are no plane"):
        plot_plane(scan())
    lost = scan()
    lost.minus_2_delta_ln_l[:] = np.nan
    with pytest.raises(HzdslError, match="no point whose fit converged"):
        plot_scan(lost)


def test_plane_with_contours_best_fit_and_prediction() -> None:
    figure = plot_plane(plane(), prediction=(1.0, 125.0), subject=subject())
    axes = figure.axes[0]
    assert legend(axes) == ["Best fit", "Prediction", "68% CL", "95% CL"]
    levels = [c.levels[0] for c in drawn(axes, "contour")]
    assert levels == pytest.approx([2.2958, 5.9914])
    inner = np.concatenate(drawn(axes, "contour")[0].get_paths()[0].to_polygons())
    assert np.abs(((inner[:, 0] - 1.2) / 0.4) ** 2 + ((inner[:, 1] - 125.2) / 0.3) ** 2 - 2.2958).max() < 0.4
    (best,) = drawn(axes, "best fit")
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (1.2, 125.2)
    assert axes.get_ylabel() == "mean: mean of the peak [GeV]"


def test_contours_that_were_found_by_themselves() -> None:
    axes = plot_plane(plane(), contours=[contour(5.9914), contour()]).axes[0]
    assert legend(axes)[1:] == ["68% CL", "95% CL"]
    inner, outer = drawn(axes, "contour")
    assert np.ptp(inner.get_xdata()) < np.ptp(outer.get_xdata())
    low, high = plot_contour(contour(), prediction=(7.0, 125.0)).axes[0].get_xlim()
    assert low < 0.7
    assert high > 7.0


def test_limits_along_a_mass() -> None:
    masses = {300.0: limits(0.4), 200.0: limits(1.0), 400.0: limits(0.04)}
    figure = plot_limits(masses, "$m_H$ [GeV]", excluded=1.0, subject=subject())
    (axes,) = figure.axes
    (expected,) = drawn(axes, "expected")
    assert expected.get_xdata().tolist() == [200.0, 300.0, 400.0]
    assert expected.get_ydata() == pytest.approx([1.0, 0.4, 0.04])
    assert axes.get_yscale() == "log"
    (band,) = drawn(axes, "95%")
    vertices = band.get_paths()[0].vertices
    assert (vertices[:, 1].min(), vertices[:, 1].max()) == pytest.approx((0.02, 2.0))
    assert legend(axes) == ["Observed", "Median expected", "68% expected", "95% expected", "1"]
    apart(figure)


def test_limits_by_name_are_rows() -> None:
    figure = plot_limits({f"channel {k}": limits(1 + k) for k in range(12)}, excluded=1.0, subject=subject())
    (axes,) = [a for a in figure.axes if a.get_gid() != "header"]
    assert len(drawn(axes, "68%")) == 12
    assert next(t.get_text() for t in figure.texts if t.get_gid() == "name") == "channel 0"
    assert axes.get_xlabel() == "95% CL upper limit on r"
    apart(figure)


def test_limits_of_nothing_are_refused() -> None:
    with pytest.raises(HzdslError, match="there are no limits"):
        plot_limits({})
    with pytest.raises(HzdslError, match="no value was tested"):
        plot_cls([])


def test_cls_along_the_parameter() -> None:
    figure = plot_cls(hypotheses(), subject=subject())
    (axes,) = figure.axes
    (level,) = drawn(axes, "level")
    assert level.get_ydata()[0] == pytest.approx(0.05)
    assert legend(axes)[-1] == "95% CL"
    apart(figure)


def test_local_p_values() -> None:
    found = local_scan()
    (axes,) = plot_local_scan(found, subject=subject()).axes
    (line,) = drawn(axes, "local")
    assert line.get_ydata().min() == pytest.approx(0.5 * float(np.exp(0) * _erfc(np.sqrt(found.q0.max() / 2))))
    assert len(drawn(axes, "level")) == 4
    assert information(axes)[0] == "largest at 125"


def _erfc(x: float) -> float:
    from math import erfc

    return erfc(x)


def test_accepted_interval() -> None:
    found = region()
    (axes,) = plot_belt(found).axes
    (span,) = drawn(axes, "accepted")
    assert (span.get_x(), span.get_x() + span.get_width()) == pytest.approx(found.intervals[0])
    assert [line.get_ydata()[0] for line in drawn(axes, "level")] == pytest.approx([1 - 0.6826895, 0.1], abs=1e-7)


def test_the_acceptance_belt() -> None:
    (axes,) = plot_acceptance(region()).axes
    (observed,), critical = drawn(axes, "observed"), drawn(axes, "critical")
    assert observed.get_ydata() == pytest.approx([t.observed for t in region().p.values()])
    assert [c.get_ydata()[2] for c in critical] == [1.0, 2.7]
    assert len(drawn(axes, "accepted")) == 1
    with pytest.raises(HzdslError, match="no belt"):
        plot_acceptance(region(2))


def test_toys_beyond_the_data() -> None:
    found = toy_significance()
    (axes,) = plot_toy_significance(found).axes
    (observed,) = drawn(axes, "observed")
    assert observed.get_xdata()[0] == 9.0
    (toys,), (beyond,) = drawn(axes, "toys"), drawn(axes, "extreme")
    assert toys.get_data().values.sum() == len(found.q0)
    assert beyond.get_data().values.sum() == (found.q0 >= 9.0).sum()
    (curve,) = drawn(axes, "asymptotic")
    assert curve.get_ydata().sum() == pytest.approx(len(found.q0), rel=0.01)
