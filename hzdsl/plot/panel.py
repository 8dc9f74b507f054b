"""The lower panel of a stack: pulls, or the ratio of data to prediction."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hzdsl.plot.figure import draw_steps
from hzdsl.plot.model import Stack
from hzdsl.plot.statistics import over, poisson_errors, pulls
from hzdsl.results.result import Floats


def draw_panel(axes: Axes, stack: Stack, panel: str, centres: Floats) -> None:
    """Draw the panel of this name (one of `hzdsl.plot.api.PANELS`)."""
    if panel == "pull":
        draw_pulls(axes, stack)
    else:
        draw_ratio(axes, stack, centres)


def draw_pulls(axes: Axes, stack: Stack) -> None:
    """Draw (data - prediction) / sqrt(prediction + variance) as bars, with bands of one and two."""
    assert stack.data is not None
    values = pulls(stack.data.values, stack.prediction, stack.variance)
    reach = max(3.0, float(np.ceil(np.max(np.abs(values[np.isfinite(values)]), initial=0.0) * 1.05)))
    axes.axhspan(-2, 2, color="0.93", zorder=0)
    axes.axhspan(-1, 1, color="0.85", zorder=0)
    axes.axhline(0, color="black", linewidth=1)
    draw_steps(axes, np.nan_to_num(values), stack.axis.edges, facecolor="#3f5a80", zorder=2, gid="pulls")
    axes.set_ylim(-reach, reach)
    finish_panel(axes, "Pull", symmetric=True)


def draw_ratio(axes: Axes, stack: Stack, centres: Floats) -> None:
    """Draw data / prediction with the error of the data, and that of the simulation around 1.

    The range holds points with their errors, as far as 0 to 2; points outside of it are triangles at its border. Bins
    without data or prediction have no point.
    """
    assert stack.data is not None
    prediction, data = stack.prediction, stack.data.values
    ratio = over(data, prediction)
    down, up = (over(e, prediction) for e in poisson_errors(data, stack.data.variances))
    shown = np.isfinite(ratio) & (data != 0)
    point = np.max(np.abs(ratio[shown] - 1), initial=0.0)
    bar = np.max(np.maximum(ratio + up - 1, 1 + down - ratio)[shown], initial=0.0)
    reach = float(np.clip(max(1.3 * point, 1.05 * bar), 0.2, 1.0))
    band = np.nan_to_num(over(np.sqrt(stack.variance), prediction))
    look = {"facecolor": "none", "edgecolor": "0.5", "hatch": "////", "linewidth": 0, "gid": "uncertainty"}
    draw_steps(axes, 1 + band, stack.axis.edges, baseline=1 - band, **look)
    axes.axhline(1, color="black", linewidth=1)
    inside = shown & (np.abs(ratio - 1) <= reach)
    axes.errorbar(centres[inside], ratio[inside], yerr=(down[inside], up[inside]), fmt="o", color="black", markersize=6)
    for beyond, border, symbol in ((ratio > 1 + reach, 0.93, "^"), (ratio < 1 - reach, -0.93, "v")):
        x = centres[shown & beyond]
        axes.plot(x, np.full(len(x), 1 + border * reach), symbol, color="black", gid="outside")
    axes.set_ylim(1 - reach, 1 + reach)
    finish_panel(axes, "Data / Pred.", symmetric=False)


def finish_panel(axes: Axes, label: str, symmetric: bool) -> None:
    """Label the panel, with ticks at round numbers that do not meet those of the plot above."""
    axes.yaxis.set_major_locator(MaxNLocator(4, symmetric=symmetric, prune="both", integer=symmetric))
    axes.set_ylabel(label, loc="center")
    axes.yaxis.set_label_coords(-0.105, 0.5)
