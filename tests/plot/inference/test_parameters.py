"""Pulls, impacts, correlations, breakdowns, compatibility, studies of toys."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.plot.inference import (
    figures,
    plot_breakdown,
    plot_compatibility,
    plot_correlations,
    plot_coverage,
    plot_impacts,
    plot_pulls,
    plot_pulls_of_toys,
)
from hzdsl.stats.methods.nuisances import correlations, nuisance_table
from tests.plot.inference.records import compatibility, every, fit, impacts, subject


def rows_of(figure):
    return [t.get_text() for t in figure.texts if t.get_gid() == "name"]


def with_gid(axes, gid):
    return [line for line in axes.lines if line.get_gid() == gid]


def panels(figure):
    return [a for a in figure.axes if a.get_gid() != "header"]


def test_pulls_are_those_of_the_table() -> None:
    table = nuisance_table(fit())
    ((name, figure),) = plot_pulls(table, subject=subject())
    (axes,) = panels(figure)
    points = with_gid(axes, "pulls")[0]
    assert points.get_xdata() == pytest.approx([n.pull for n in table.rows[2:]])
    assert rows_of(figure) == [n.name for n in table.rows]
    assert [t.get_text() for t in axes.texts if t.get_gid() == "value"] == ["1.20 ± 0.30", "125.30 ± 0.20 GeV"]
    assert name == "pulls"


def test_fits_beside_each_other() -> None:
    both = {"With signal": nuisance_table(fit()), "Background alone": nuisance_table(fit(free_signal=False))}
    ((_, figure),) = plot_pulls(both)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == list(both)
    shown = [line for line in with_gid(panels(figure)[0], "pulls") if line.get_marker() in ("o", "s")]
    assert len(shown) == 2


def test_impacts_by_rank_with_pulls() -> None:
    (_, figure), (_, groups) = plot_impacts(impacts(), subject=subject())
    left, right = panels(figure)
    names = impacts().impacts
    assert rows_of(figure) == [f"{k} {i.nuisance.name}" for k, i in enumerate(names, 1)]
    up = [p for p in right.patches if p.get_gid() == "impact-up"]
    assert [p.get_width() for p in up] == pytest.approx([i.up["r"] for i in names])
    assert [bool(p.get_hatch()) for p in up] == [False, True, False, False, False]
    assert right.get_xlabel() == "Impact on r"
    assert right.get_xlim()[1] > 0.12
    assert left.get_xlabel()
    assert rows_of(groups) == ["theory", "experiment"]


def test_a_whole_matrix_or_the_strongest_pairs() -> None:
    ((_, figure),) = plot_correlations(correlations(fit(8)))
    (mesh,) = [c for c in figure.axes[0].collections if c.get_gid() == "correlations"]
    np.testing.assert_allclose(mesh.get_array(), fit(8).correlation)
    assert len([t for t in figure.axes[0].texts if t.get_gid() == "number"]) == 100
    found = correlations(fit(60))
    (_, matrix), (name, pairs) = plot_correlations(found)
    assert name == "correlations_pairs"
    assert len(rows_of(matrix)) == 30
    shown = rows_of(matrix)
    assert {a for a, _, _ in found.strongest[:5]} <= set(shown)
    bars = [p.get_width() for p in panels(pairs)[0].patches if p.get_gid() == "pairs"]
    assert bars == pytest.approx([rho for _, _, rho in found.strongest])


def test_long_names_lose_their_middle_not_their_end() -> None:
    ((_, figure), *_) = plot_pulls(nuisance_table(fit(3)))
    assert rows_of(figure)[-1].endswith("_2_13TeV")


def test_breakdown() -> None:
    found = every()["breakdown"]
    figure = plot_breakdown(found)
    (axes,) = panels(figure)
    assert rows_of(figure) == ["theory", "others", "statistical", "total"]
    (total,) = [p for p in axes.patches if p.get_gid() == "total"]
    assert (-total.get_x(), total.get_x() + total.get_width()) == pytest.approx(found.total)
    assert "+0.45" in [t.get_text() for t in axes.texts]


def test_channels_against_the_common_value() -> None:
    figure = plot_compatibility(compatibility(), subject=subject())
    (axes,) = panels(figure)
    (band,) = [p for p in axes.patches if p.get_gid() == "common"]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.8, 1.5))
    assert [line.get_xdata()[0] for line in axes.lines if line.get_gid() == "channel"] == pytest.approx(
        [1.0, 0.3, 1.2, 1.3]
    )
    values = [t.get_text() for t in axes.texts if t.get_gid() == "value"]
    assert values[1] == "0.30$_{\\mathrm{bound}}^{+0.80}$"


def test_pulls_of_toys_and_a_normal_curve() -> None:
    found = every()["pulls of toys"]
    (axes,) = plot_pulls_of_toys(found).axes
    (curve,) = [line for line in axes.lines if line.get_gid() == "fitted"]
    x, y = curve.get_data()
    assert x[np.argmax(y)] == pytest.approx(found.mean, abs=0.03)
    points = with_gid(axes, "toys")[0]
    width = np.diff(points.get_xdata()).min()
    assert np.trapezoid(y, x) / len(found.values) == pytest.approx(width, rel=0.1)
    assert points.get_ydata().sum() == len(found.values)


def test_coverage_with_its_error() -> None:
    left, middle, right = panels(plot_coverage(every()["coverage"]))
    (points,) = left.containers
    assert points.lines[0].get_xdata() == pytest.approx([68.0, 68.0])
    assert (middle.get_xlabel(), right.get_xlabel()) == ("Mean of pulls", "Width of pulls")


def test_fixed_parameters_have_no_row() -> None:
    (name, figure), *_ = figures(fit(free_signal=False))
    assert name == "pulls"
    assert "r" not in rows_of(figure)
